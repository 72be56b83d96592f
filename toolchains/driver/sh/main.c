/* usage: sh [-e] -c SCRIPT [NAME [PARAMETER]...], or sh [-e] FILE [PARAMETER]...
   Under the name of a small command, such as cp, it is that command. */

#include "sh.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads a script from a file. */
static const char *read_script(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	if (!f)
		exit(complain(127, path, strerror(errno)));
	/* No script has a NUL. */
	if (getdelim(&text, &size, '\0', f) < 0)
		return "";
	fclose(f);
	return text;
}

int main(int argc, char **argv)
{
	builtin *utility = find_utility(base_name(argv[0]));
	if (utility)
		return utility(argc, argv);

	bool command = false;
	char **at = argv + 1;
	for (; *at && (*at)[0] == '-' && (*at)[1]; at++) {
		if (starts_with(*at, "--status=")) {
			last_status = atoi(strchr(*at, '=') + 1);
		} else {
			if (strspn(*at + 1, "ec") != strlen(*at + 1))
				fail(*at, "is no option of this shell; it has -c and -e");
			command |= strchr(*at, 'c') != NULL;
			exit_on_error |= strchr(*at, 'e') != NULL;
		}
	}
	if (!*at)
		fail("usage", "sh -c SCRIPT, or sh FILE; commands are not read from the standard input");
	const char *script = command ? *at : read_script(*at);
	if (!command)
		shell_name = *at;
	else if (*++at)
		shell_name = *at;
	if (*at)
		add_all(&parameters, at + 1);
	return run(parse(script));
}
