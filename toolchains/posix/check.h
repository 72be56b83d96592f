/* Counts what holds and what does not, and reports it. */

#ifndef COWASM_CHECK_H
#define COWASM_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int passed, failed;
static char failures[1 << 14];

/* Adds a text to the failures as part of a string of JSON. Returns where it ends. */
static char *add_text(char *to, const char *text)
{
	for (; *text; text++)
		to += sprintf(to, (unsigned char)*text < ' ' ? "\\u%04x" : *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	return to;
}

static void check(int ok, const char *name, const char *expression, const char *message)
{
	static char *end = failures;
	if (ok) {
		passed++;
		return;
	}
	/* Of more failures than there is room for, only the number is told. A
	   character takes six at most. */
	if (6 * (strlen(expression) + strlen(message)) + strlen(name) + 64 < (size_t)(failures + sizeof failures - end)) {
		end += sprintf(end, "%s{\"id\": \"%s %d\", \"message\": \"", failed ? ", " : "", name, passed + failed);
		end = add_text(end, expression);
		end += sprintf(end, ": ");
		end = add_text(end, message);
		end += sprintf(end, "\"}");
	}
	failed++;
}

#define CHECK(expression) check(!!(expression), __func__, #expression, strerror(errno))
#define CHECK_MESSAGE(expression, message) check(!!(expression), __func__, #expression, message)

/* Writes the report of the test and returns the exit code. */
static int write_report(const char *path)
{
	FILE *report = fopen(path, "w");
	if (!report)
		return 1;
	fprintf(report,
	        "{\"ok\": %s, \"passed\": %d, \"failed\": %d, \"listed\": 0, \"skipped\": 0, "
	        "\"failures\": [%s], \"unlisted_passes\": [], \"log\": \"\"}\n",
	        failed ? "false" : "true", passed, failed, failures);
	return fclose(report) == 0 ? 0 : 1;
}

#endif
