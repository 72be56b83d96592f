/* The shell's variables. Those that are exported are in the environment; the
   others are kept here. */

#include "sh.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int last_status;
const char *shell_name = "sh";
struct list parameters;
bool exit_on_error;

/* "NAME=value" */
static struct list variables;

size_t name_length(const char *s)
{
	size_t n = 0;
	while (s[n] == '_' || isalpha((unsigned char)s[n]) || (n > 0 && isdigit((unsigned char)s[n])))
		n++;
	return n;
}

static char **find(const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < variables.count; i++)
		if (strncmp(variables.items[i], name, n) == 0 && variables.items[i][n] == '=')
			return &variables.items[i];
	return NULL;
}

const char *get_variable(const char *name)
{
	if (strcmp(name, "$") == 0)
		return format("%d", (int)getpid());
	char **own = find(name);
	return own ? *own + strlen(name) + 1 : getenv(name);
}

void set_variable(const char *name, const char *value)
{
	char **own = find(name);
	if (getenv(name))
		setenv(name, value, 1);
	else if (own)
		*own = format("%s=%s", name, value);
	else
		add(&variables, format("%s=%s", name, value));
}

void unset_variable(const char *name)
{
	char **own = find(name);
	if (own) {
		*own = variables.items[--variables.count];
		variables.items[variables.count] = NULL;
	}
	unsetenv(name);
}

void export_variable(const char *name)
{
	const char *value = get_variable(name);
	if (!value)
		return;
	value = format("%s", value);
	unset_variable(name);
	setenv(name, value, 1);
}

/* Returns a value as a word. */
static char *quote(const char *value)
{
	char *quoted = allocate(4 * strlen(value) + 3), *to = quoted;
	*to++ = '\'';
	for (; *value; value++) {
		if (*value == '\'')
			to = stpcpy(to, "'\\'");
		*to++ = *value;
	}
	strcpy(to, "'");
	return quoted;
}

struct list shell_command(const char *script)
{
	struct list command = {0};
	add(&command, "sh");
	add(&command, format("--status=%d", last_status));
	if (exit_on_error)
		add(&command, "-e");
	add(&command, "-c");
	for (size_t i = 0; i < variables.count; i++) {
		const char *variable = variables.items[i], *equals = strchr(variable, '=');
		script = format("%.*s=%s\n%s", (int)(equals - variable), variable, quote(equals + 1), script);
	}
	add(&command, script);
	add(&command, shell_name);
	add_all(&command, parameters.items);
	return command;
}

int complain(int code, const char *what, const char *why)
{
	fprintf(stderr, "sh: %s: %s\n", what, why);
	return code;
}

_Noreturn void fail(const char *what, const char *why)
{
	exit(complain(2, what, why));
}
