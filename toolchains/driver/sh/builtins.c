/* Commands that change the shell itself, or are asked for so often that they
   are no programs. */

#include "sh.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int do_cd(int argc, char **argv)
{
	char directory[PATH_MAX];
	const char *to = argc > 1 ? argv[1] : get_variable("HOME");
	if (!to)
		return complain(1, "cd", "HOME is not set");
	if (chdir(to) != 0)
		return complain(1, to, strerror(errno));
	if (getcwd(directory, sizeof directory))
		setenv("PWD", directory, 1);
	return 0;
}

static int do_exit(int argc, char **argv)
{
	exit(argc > 1 ? atoi(argv[1]) & 0xff : last_status);
}

static int do_export(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t n = name_length(argv[i]);
		if (n == 0 || (argv[i][n] && argv[i][n] != '='))
			return complain(1, argv[i], "is no name of a variable");
		char *name = format("%.*s", (int)n, argv[i]);
		if (argv[i][n])
			set_variable(name, argv[i] + n + 1);
		export_variable(name);
	}
	return 0;
}

static int do_unset(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		unset_variable(argv[i]);
	return 0;
}

static int do_set(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-e") != 0 && strcmp(argv[i], "+e") != 0)
			return complain(2, argv[i], "is no option of this shell's set; it has -e");
		exit_on_error = argv[i][0] == '-';
	}
	return 0;
}

static int do_shift(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	if (n > parameters.count)
		return complain(1, "shift", "there are not that many parameters");
	struct list rest = {0};
	add_all(&rest, parameters.items ? parameters.items + n : NULL);
	parameters = rest;
	return 0;
}

/* Runs a program in place of the shell. */
static int do_exec(int argc, char **argv)
{
	if (argc == 1)
		return complain(2, "exec", "is supported with a command only");
	int status, pid = start(argv + 1, STDIN_FILENO, STDOUT_FILENO, &status);
	exit(pid < 0 ? status : wait_for(pid));
}

builtin *find_builtin(const char *name)
{
	static const struct {
		const char *name;
		builtin *run;
	} builtins[] = {
		{"cd", do_cd},         {"exec", do_exec},   {"exit", do_exit}, {"export", do_export}, {"set", do_set},
		{"shift", do_shift},   {"unset", do_unset},
	};
	for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
		if (strcmp(builtins[i].name, name) == 0)
			return builtins[i].run;
	return find_utility(name);
}
