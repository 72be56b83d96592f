/* Starting the tools of LLVM. */

#include "cc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const char *absolute(const char *path)
{
	static char directory[PATH_MAX];
	if (!directory[0] && !getcwd(directory, sizeof directory)) {
		perror("cc: the working directory");
		exit(EXIT_FAILURE);
	}
	if (path[0] == '/')
		return path;
	if (strcmp(path, ".") == 0)
		return directory;
	while (starts_with(path, "./"))
		path += 2;
	return format("%s%s%s", directory, directory[1] ? "/" : "", path);
}

/* Reads all that comes from a descriptor. */
static char *read_all(int fd)
{
	size_t length = 0, capacity = 1 << 16;
	char *text = allocate(capacity);
	ssize_t n;
	while ((n = read(fd, text + length, capacity - 1 - length)) > 0) {
		length += (size_t)n;
		if (length + 1 == capacity) {
			char *grown = allocate(capacity *= 2);
			memcpy(grown, text, length);
			free(text);
			text = grown;
		}
	}
	text[length] = '\0';
	return text;
}

static int failed(const char *what, int error)
{
	fprintf(stderr, "cc: %s: %s\n", what, strerror(error));
	return EXIT_FAILURE;
}

/* Starts a tool, with a descriptor of this program as one of its own unless that
   is less than 0. Returns its number, or less than 0 after a message. */
static pid_t start(char *const *argv, int fd, int as)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	posix_spawn_file_actions_init(&actions);
	int error = posix_spawn_file_actions_addchdir(&actions, "/");
	if (!error && fd >= 0)
		error = posix_spawn_file_actions_adddup2(&actions, fd, as);
	if (!error)
		error = posix_spawn(&pid, LLVM, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error) {
		failed(format("running %s as %s", LLVM, argv[0]), error);
		return -1;
	}
	return pid;
}

/* Waits for a tool and returns its exit code. */
static int finish(pid_t pid)
{
	int status;
	if (pid < 0)
		return EXIT_FAILURE;
	if (waitpid(pid, &status, 0) != pid)
		return failed("waiting", errno);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int run_llvm(char *const *argv)
{
	return finish(start(argv, -1, -1));
}

int run_llvm_reading(char *const *argv, char **errors)
{
	int fds[2];
	if (pipe(fds) != 0)
		return failed("making a pipe", errno);
	pid_t pid = start(argv, fds[1], STDERR_FILENO);
	close(fds[1]);
	*errors = read_all(fds[0]);
	close(fds[0]);
	return finish(pid);
}

int run_llvm_writing(char *const *argv, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0777);
	if (fd < 0)
		return failed(path, errno);
	pid_t pid = start(argv, fd, STDOUT_FILENO);
	close(fd);
	return finish(pid);
}
