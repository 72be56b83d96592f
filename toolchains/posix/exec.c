/* exec: another program takes the place of this one. Here it is a child, for whose
   end this one waits, with nothing open, to end in the same way. */

#include <cowasm/process.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { ROOT = 3, DESCRIPTORS = 1024 };

/* Ends as the child does. */
static _Noreturn void become(pid_t pid)
{
	for (int fd = 0; fd < DESCRIPTORS; fd++)
		if (fd != ROOT)
			close(fd);
	int status;
	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			_Exit(127);
	if (WIFSIGNALED(status))
		abort();
	_Exit(WEXITSTATUS(status));
}

static int failed(int error)
{
	errno = error;
	return -1;
}

int execve(const char *path, char *const argv[], char *const environment[])
{
	pid_t pid;
	int error = posix_spawn(&pid, path, NULL, NULL, argv, environment);
	if (error)
		return failed(error);
	become(pid);
}

int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

int execvp(const char *file, char *const argv[])
{
	pid_t pid;
	int error = posix_spawnp(&pid, file, NULL, NULL, argv, environ);
	if (error)
		return failed(error);
	become(pid);
}
