/* The working directory. WASI knows none: wasi-libc keeps it, and starts in the
   root directory. Whoever starts a program elsewhere says so by PWD. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Before all other constructors but wasi-libc's own. */
__attribute__((constructor(101))) static void enter_directory(void)
{
	const char *directory = getenv("PWD");
	/* In the root directory nothing is done, so that nothing is linked and
	   changed for those that never leave it. */
	if (!directory || directory[0] != '/' || strspn(directory, "/") == strlen(directory))
		return;
	if (chdir(directory) != 0) {
		fprintf(stderr, "cannot start in the directory PWD=%s: %s\n", directory, strerror(errno));
		_Exit(127);
	}
}
