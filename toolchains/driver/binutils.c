/* The binary tools: as they are, but for paths, which they would take as seen
   from the root directory. */

#include "cc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct tool {
	const char *name, *llvm;
	const char *with_value[8]; /* options whose next argument is no path */
} tools[] = {
	{"ar", "llvm-ar", {0}},
	{"nm", "llvm-nm", {"--format", "--radix", "--size-sort", "-f", "-t"}},
	{"objcopy", "llvm-objcopy", {"--strip-symbol", "-I", "-K", "-N", "-O", "-R", "-j"}},
	{"objdump", "llvm-objdump", {"--section", "-j"}},
	{"ranlib", "llvm-ranlib", {0}},
	{"size", "llvm-size", {0}},
	{"strip", "llvm-strip", {"--strip-symbol", "-I", "-K", "-N", "-O", "-R", "-j"}},
	{0},
};

/* Adds arguments of which all are paths but options and their values. */
static void add_paths(struct list *command, char *const *argv, const char *const *with_value)
{
	for (; argv && *argv; argv++) {
		if ((*argv)[0] != '-') {
			add(command, absolute(*argv));
			continue;
		}
		add(command, *argv);
		if (is_one_of(*argv, with_value) && argv[1])
			add(command, *++argv);
	}
}

/* Adds the arguments of ar: options, one operation with its modifiers, what the
   modifiers want, the archive, and then files to add, or names of members. */
static void add_archive(struct list *command, char *const *argv)
{
	while (argv && *argv && starts_with(*argv, "--"))
		add(command, *argv++);
	if (!argv || !*argv)
		return;
	const char *operation = *argv++;
	const char *letters = operation + (operation[0] == '-');
	if (strchr(letters, 'x')) {
		add(command, "--output");
		add(command, absolute("."));
	}
	add(command, operation);
	/* The name of a member beside which others are to be, and a count. */
	for (size_t n = !!strpbrk(letters, "abi") + !!strchr(letters, 'N'); n > 0 && *argv; n--)
		add(command, *argv++);
	if (*argv)
		add(command, absolute(*argv++));
	if (strpbrk(letters, "rq"))
		add_paths(command, argv, (const char *const[]){NULL});
	else
		add_all(command, argv);
}

/* Runs strip or objcopy. What they write gets its mode by a call that WASI has
   not, unless it goes to stdout. */
static int rewrite(const struct tool *tool, char *const *argv)
{
	struct list options = {0}, files = {0};
	const char *output = NULL;
	for (; argv && *argv; argv++) {
		if ((*argv)[0] != '-') {
			add(&files, absolute(*argv));
		} else if (strcmp(*argv, "-o") == 0 && argv[1]) {
			output = absolute(*++argv);
		} else {
			add(&options, *argv);
			if (is_one_of(*argv, tool->with_value) && argv[1])
				add(&options, *++argv);
		}
	}
	/* objcopy names its output without an option. */
	bool copies = strcmp(tool->name, "objcopy") == 0;
	if (copies && files.count == 2) {
		output = files.items[1];
		files.items[files.count = 1] = NULL;
	}
	int code = EXIT_SUCCESS;
	for (size_t i = 0; i < files.count || i == 0; i++) {
		struct list command = {0};
		add(&command, tool->llvm);
		add_all(&command, options.items);
		if (files.count == 0)
			return run_llvm(command.items);
		if (!copies)
			add(&command, "-o-");
		add(&command, files.items[i]);
		if (copies)
			add(&command, "-");
		const char *to = output ? output : files.items[i], *temporary = format("%s.new", to);
		int result = run_llvm_writing(command.items, temporary);
		if (result == EXIT_SUCCESS && rename(temporary, to) != 0) {
			perror(to);
			result = EXIT_FAILURE;
		}
		if (result != EXIT_SUCCESS) {
			unlink(temporary);
			code = result;
		}
	}
	return code;
}

int run_binutil(const char *name, char *const *argv)
{
	if (starts_with(name, "llvm-"))
		name += strlen("llvm-");
	const struct tool *tool = tools;
	while (tool->name && strcmp(tool->name, name) != 0)
		tool++;
	if (!tool->name)
		return -1;
	if (strcmp(name, "strip") == 0 || strcmp(name, "objcopy") == 0)
		return rewrite(tool, argv);
	struct list command = {0};
	add(&command, tool->llvm);
	if (strcmp(name, "ar") == 0)
		add_archive(&command, argv);
	else
		add_paths(&command, argv, tool->with_value);
	return run_llvm(command.items);
}
