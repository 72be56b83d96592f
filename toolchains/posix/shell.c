/* What hands a command to /bin/sh: system, popen and pclose. */

#include <cowasm/process.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define SHELL "/bin/sh"

static int start(const char *command, const posix_spawn_file_actions_t *actions, pid_t *pid)
{
	char *argv[] = {"sh", "-c", (char *)command, NULL};
	return posix_spawn(pid, SHELL, actions, NULL, argv, environ);
}

int system(const char *command)
{
	if (!command)
		return access(SHELL, X_OK) == 0;
	pid_t pid;
	/* As if the shell had exited with 127. */
	if (start(command, NULL, &pid) != 0)
		return 127 << 8;
	int status;
	return waitpid(pid, &status, 0) < 0 ? -1 : status;
}

/* The streams that popen opened. */
static struct stream {
	struct stream *next;
	FILE *file;
	pid_t pid;
} *streams;

FILE *popen(const char *command, const char *mode)
{
	int fds[2], reads = mode[0] == 'r';
	if ((!reads && mode[0] != 'w') || (mode[1] && strcmp(mode + 1, "e") != 0)) {
		errno = EINVAL;
		return NULL;
	}
	struct stream *s = malloc(sizeof *s);
	if (!s || pipe(fds) != 0) {
		free(s);
		return NULL;
	}
	int ours = fds[!reads], theirs = fds[reads];
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	int error = posix_spawn_file_actions_adddup2(&actions, theirs, reads ? STDOUT_FILENO : STDIN_FILENO);
	s->file = error ? NULL : fdopen(ours, reads ? "r" : "w");
	if (!error)
		error = s->file ? start(command, &actions, &s->pid) : errno;
	posix_spawn_file_actions_destroy(&actions);
	close(theirs);
	if (error) {
		if (s->file)
			fclose(s->file);
		else
			close(ours);
		free(s);
		errno = error;
		return NULL;
	}
	s->next = streams;
	streams = s;
	return s->file;
}

int pclose(FILE *file)
{
	struct stream **link = &streams;
	while (*link && (*link)->file != file)
		link = &(*link)->next;
	struct stream *s = *link;
	if (!s) {
		errno = ECHILD;
		return -1;
	}
	*link = s->next;
	pid_t pid = s->pid;
	free(s);
	fclose(file);
	int status;
	return waitpid(pid, &status, 0) < 0 ? -1 : status;
}
