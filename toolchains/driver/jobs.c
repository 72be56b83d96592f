/* Several steps. clang says which (-###), and they are run here one by one. */

#include "cc.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What clang says of itself before it says what it would run. */
static const char *const banner[] = {
	" (in-process)", "Build config:", "Configuration file:", "InstalledDir:", "Target:", "Thread model:", "clang version",
	NULL,
};

static bool is_banner(const char *line)
{
	for (const char *const *b = banner; *b; b++)
		if (starts_with(line, *b))
			return true;
	return false;
}

/* Splits a line that clang printed: each argument is in double quotes, with a
   backslash before what has a meaning within them. The line is changed. */
static struct list split(char *line)
{
	struct list words = {0};
	while ((line = strchr(line, '"'))) {
		char *word = ++line, *to = word;
		while (*line && *line != '"') {
			if (*line == '\\' && line[1])
				line++;
			*to++ = *line++;
		}
		bool closed = *line;
		*to = '\0';
		add(&words, word);
		line += closed;
	}
	return words;
}

/* Makes those paths of a step of clang absolute that -working-directory has no
   effect on: of the compiler one, of the assembler all. */
static void make_absolute(struct list job)
{
	static const char *const of_compiler[] = {"-dependency-file", NULL};
	static const char *const of_assembler[] = {"-I", "-dependency-file", "-o", NULL};
	bool assembler = job.count > 2 && strcmp(job.items[2], "-cc1as") == 0;
	for (size_t i = 2; i + 1 < job.count; i++)
		if (is_one_of(job.items[i], assembler ? of_assembler : of_compiler))
			job.items[i + 1] = (char *)absolute(job.items[i + 1]);
	if (assembler)
		job.items[job.count - 1] = (char *)absolute(job.items[job.count - 1]);
}

/* Runs one of the commands that clang would run. */
static int run_job(const struct request *r, struct list job)
{
	/* clang's own steps name the program and then the tool that it is to be. */
	if (strcmp(base_name(job.items[0]), "wasm-ld") != 0) {
		make_absolute(job);
		return run_llvm(job.items + 1);
	}
	struct list command = link_command(r, job.items + 1);
	int code = run_llvm(command.items);
	if (code != 0 && r->shared)
		fputs("cc: what a shared module uses has to be in it, in its libraries, or in the program that opens it\n",
		      stderr);
	return code;
}

/* Removes a directory with the files in it. */
static void remove_directory(const char *path)
{
	DIR *directory = opendir(path);
	for (struct dirent *e; directory && (e = readdir(directory));)
		unlink(format("%s/%s", path, e->d_name));
	if (directory)
		closedir(directory);
	rmdir(path);
}

int run_jobs(const struct request *r, struct list command)
{
	/* So that what is linked from the libraries is known from what is said there. */
	if (r->links)
		add(&command, "-nostdlib");
	add(&command, "-###");
	add_all(&command, r->args.items);

	char *directory = format("/tmp/cc-%d", (int)getpid());
	if (mkdir(directory, 0700) != 0 || setenv("TMPDIR", directory, 1) != 0) {
		fprintf(stderr, "cc: %s: %s\n", directory, strerror(errno));
		return EXIT_FAILURE;
	}
	char *output = NULL, *rest;
	int code = run_llvm_reading(command.items, &output);
	for (char *line = output ? strtok_r(output, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest)) {
		if (starts_with(line, " \"")) {
			if (code == 0)
				code = run_job(r, split(line));
		} else if (!is_banner(line)) {
			fprintf(stderr, "%s\n", line);
		}
	}
	remove_directory(directory);
	return code;
}
