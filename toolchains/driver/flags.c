/* The toolchain's flags: a file of sections, each a line `[NAME]` and then one
   argument a line. */

#include "cc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "cc: %s: %s; it comes with the toolchain, and is among the inputs of whoever runs cc\n", what, why);
	exit(EXIT_FAILURE);
}

struct flags read_flags(void)
{
	struct flags flags = {0};
	const struct {
		const char *name;
		struct list *list;
	} sections[] = {
		{"compile_c", &flags.compile_c},
		{"compile_cxx", &flags.compile_cxx},
		{"link_executable", &flags.executable},
		{"link_executable libs", &flags.executable_libs},
		{"link_executable cxx libs", &flags.executable_cxx_libs},
		{"link_side_module", &flags.side_module},
		{"link_side_module libs", &flags.side_module_libs},
		{"provided", &flags.provided},
	};
	FILE *f = fopen(FLAGS, "r");
	if (!f)
		fail(FLAGS, strerror(errno));
	struct list *section = NULL;
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;
	while ((length = getline(&line, &capacity, f)) > 0) {
		if (line[length - 1] == '\n')
			line[--length] = '\0';
		if (line[0] == '[' && length > 0 && line[length - 1] == ']') {
			section = NULL;
			for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
				if (strlen(sections[i].name) == (size_t)length - 2 &&
				    strncmp(line + 1, sections[i].name, (size_t)length - 2) == 0)
					section = sections[i].list;
			if (!section)
				fail(FLAGS, format("there is no section %s", line));
		} else if (length > 0) {
			if (!section)
				fail(FLAGS, format("%s is in no section", line));
			add(section, format("%s", line));
		}
	}
	free(line);
	if (ferror(f))
		fail(FLAGS, strerror(errno));
	fclose(f);
	return flags;
}
