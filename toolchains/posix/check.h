/* Counts what holds and what does not, and reports it. */

#ifndef COWASM_CHECK_H
#define COWASM_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int passed, failed;
static char failures[1 << 14];

static void check(int ok, const char *name, const char *expression, const char *message)
{
	if (ok) {
		passed++;
		return;
	}
	size_t used = strlen(failures);
	snprintf(failures + used, sizeof failures - used, "%s{\"id\": \"%s %d\", \"message\": \"%s: %s\"}",
	         failed ? ", " : "", name, passed + failed, expression, message);
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
