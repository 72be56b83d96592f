/* The toolchain's flags: for each kind a file with one argument a line. Only those
   are read that have a part in what is done, so that nothing else is done anew
   when others change. */

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

struct list read_flags(const char *kind)
{
	const char *path = format(FLAGS "/%s", kind);
	FILE *f = fopen(path, "r");
	if (!f)
		fail(path, strerror(errno));
	struct list flags = {0};
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;
	while ((length = getline(&line, &capacity, f)) > 0) {
		if (line[length - 1] == '\n')
			line[--length] = '\0';
		if (length > 0)
			add(&flags, format("%s", line));
	}
	free(line);
	if (ferror(f))
		fail(path, strerror(errno));
	fclose(f);
	return flags;
}
