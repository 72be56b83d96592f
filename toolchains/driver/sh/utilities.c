/* Small commands that need no shell, and the table of all of them. */

#include "files.h"
#include "test.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int do_true(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static int do_false(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 1;
}

static int do_echo(int argc, char **argv)
{
	bool newline = argc < 2 || strcmp(argv[1], "-n") != 0;
	for (int i = newline ? 1 : 2; i < argc; i++)
		printf("%s%s", argv[i], i + 1 < argc ? " " : "");
	if (newline)
		putchar('\n');
	return fflush(stdout) == 0 ? 0 : complain(1, "echo", strerror(errno));
}

static int do_pwd(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	char directory[PATH_MAX];
	if (!getcwd(directory, sizeof directory))
		return complain(1, "pwd", strerror(errno));
	return puts(directory) >= 0 && fflush(stdout) == 0 ? 0 : complain(1, "pwd", strerror(errno));
}

static int do_sleep(int argc, char **argv)
{
	char *end;
	double seconds = argc == 2 ? strtod(argv[1], &end) : -1;
	if (!(seconds >= 0 && seconds < 1e9) || *end)
		return complain(2, "sleep", "it needs a number of seconds");
	struct timespec time = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
	return nanosleep(&time, NULL) == 0 ? 0 : complain(1, "sleep", strerror(errno));
}

static int do_env(int argc, char **argv)
{
	int i = 1;
	for (; i < argc && (strchr(argv[i], '=') || strcmp(argv[i], "-i") == 0); i++) {
		char *equals = strchr(argv[i], '=');
		if (!equals)
			clearenv();
		else
			setenv(format("%.*s", (int)(equals - argv[i]), argv[i]), equals + 1, 1);
	}
	if (i == argc) {
		for (char **e = environ; e && *e; e++)
			puts(*e);
		return fflush(stdout) == 0 ? 0 : complain(1, "env", strerror(errno));
	}
	int status, pid = start(argv + i, STDIN_FILENO, STDOUT_FILENO, &status);
	return pid < 0 ? status : wait_for(pid);
}

builtin *find_utility(const char *name)
{
	static const struct {
		const char *name;
		builtin *run;
	} utilities[] = {
		{":", do_true},       {"[", do_test},     {"cat", do_cat},     {"chmod", do_chmod}, {"cp", do_cp},
		{"echo", do_echo},    {"env", do_env},    {"false", do_false}, {"ln", do_ln},       {"mkdir", do_mkdir},
		{"mv", do_mv},        {"pwd", do_pwd},    {"rm", do_rm},       {"rmdir", do_rmdir}, {"sleep", do_sleep},
		{"test", do_test},    {"touch", do_touch}, {"true", do_true},
	};
	for (size_t i = 0; i < sizeof utilities / sizeof *utilities; i++)
		if (strcmp(utilities[i].name, name) == 0)
			return utilities[i].run;
	return NULL;
}
