/* Running commands. */

#include "sh.h"

#include <cowasm/process.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define SHELL "/bin/sh"

int start(char *const *argv, int in, int out, int *status)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	posix_spawn_file_actions_init(&actions);
	int error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	/* So that what the shell itself has printed comes before. */
	fflush(NULL);
	if (!error)
		error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error == 0)
		return pid;
	*status = error == ENOENT || error == ENOTDIR ? complain(127, argv[0], "not found")
	                                              : complain(126, argv[0], strerror(error));
	return -1;
}

int wait_for(int pid)
{
	int status;
	if (waitpid(pid, &status, 0) != pid)
		return complain(127, "wait", strerror(errno));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Starts another shell for a script. */
static int start_shell(const char *script, int in, int out, int *status)
{
	struct list command = shell_command(script);
	command.items[0] = SHELL;
	return start(command.items, in, out, status);
}

char *output_of(const char *script)
{
	int fds[2], status = 0;
	if (pipe(fds) != 0)
		fail("$(...)", strerror(errno));
	int pid = start_shell(script, STDIN_FILENO, fds[1], &status);
	close(fds[1]);
	size_t length = 0, capacity = 4096;
	char *text = allocate(capacity);
	ssize_t n;
	while ((n = read(fds[0], text + length, capacity - 1 - length)) > 0) {
		length += (size_t)n;
		if (length + 1 == capacity) {
			text = realloc(text, capacity *= 2);
			if (!text)
				allocate((size_t)-1);
		}
	}
	close(fds[0]);
	while (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	last_status = pid < 0 ? status : wait_for(pid);
	return text;
}

/* Makes descriptor r->fd what a redirection says. */
static int redirect(const struct redirection *r)
{
	const char *target = expand_one(r->target);
	int fd;
	if (r->kind == DUPLICATE) {
		if (strcmp(target, "-") == 0)
			return close(r->fd);
		fd = target[0] >= '0' && target[0] <= '2' && !target[1] ? target[0] - '0' : -1;
		if (fd < 0)
			return complain(-1, target, "is not 0, 1, 2 or -");
		return dup2(fd, r->fd) < 0 ? complain(-1, target, strerror(errno)) : 0;
	}
	static const int flags[] = {
		[READ] = O_RDONLY,
		[WRITE] = O_WRONLY | O_CREAT | O_TRUNC,
		[APPEND] = O_WRONLY | O_CREAT | O_APPEND,
	};
	fd = open(target, flags[r->kind], 0666);
	if (fd < 0)
		return complain(-1, target, strerror(errno));
	if (fd != r->fd) {
		dup2(fd, r->fd);
		close(fd);
	}
	return 0;
}

/* Where descriptors 0, 1 and 2 are kept while they are redirected. */
struct saved {
	int fds[3];
};

enum { NOT_SAVED = -2, CLOSED = -1, HIGH = 10 };

static int redirect_all(const struct redirection *r, struct saved *saved)
{
	fflush(NULL);
	*saved = (struct saved){{NOT_SAVED, NOT_SAVED, NOT_SAVED}};
	for (; r; r = r->next) {
		if (saved->fds[r->fd] == NOT_SAVED)
			saved->fds[r->fd] = fcntl(r->fd, F_DUPFD, HIGH);
		if (redirect(r) != 0)
			return -1;
	}
	return 0;
}

static void restore(const struct saved *saved)
{
	fflush(NULL);
	for (int fd = 0; fd < 3; fd++) {
		if (saved->fds[fd] == CLOSED)
			close(fd);
		else if (saved->fds[fd] >= 0) {
			dup2(saved->fds[fd], fd);
			close(saved->fds[fd]);
		}
	}
}

static int run_words(const struct list *words)
{
	builtin *b = find_builtin(words->items[0]);
	if (b) {
		fflush(NULL);
		return b((int)words->count, words->items);
	}
	int status, pid = start(words->items, STDIN_FILENO, STDOUT_FILENO, &status);
	return pid < 0 ? status : wait_for(pid);
}

/* Runs a simple command whose redirections are made. */
static int run_simple(const struct command *c)
{
	struct list words = expand(&c->words);
	size_t count = c->assignments.count;
	/* What variables were before assignments that are for one command only. */
	struct {
		char *name, *value;
	} *before = allocate((count + 1) * sizeof *before);
	for (size_t i = 0; i < count; i++) {
		const char *a = c->assignments.items[i], *value = strchr(a, '=') + 1;
		char *name = format("%.*s", (int)(value - 1 - a), a), *old = getenv(name);
		value = expand_one(value);
		before[i].name = name;
		before[i].value = old ? format("%s", old) : NULL;
		if (words.count == 0)
			set_variable(name, value);
		else
			setenv(name, value, 1);
	}
	if (words.count == 0)
		return last_status;
	int status = run_words(&words);
	while (count-- > 0) {
		if (before[count].value)
			setenv(before[count].name, before[count].value, 1);
		else
			unsetenv(before[count].name);
	}
	return status;
}

static int run_command(const struct command *c)
{
	struct saved saved;
	int status = 1;
	if (redirect_all(c->redirections, &saved) == 0) {
		if (c->kind == SIMPLE) {
			/* Of an assignment alone, the status is that of what it substitutes. */
			if (c->words.count == 0)
				last_status = 0;
			status = run_simple(c);
		} else if (c->kind == GROUP) {
			status = run(c->body);
		} else {
			int pid = start_shell(c->inner, STDIN_FILENO, STDOUT_FILENO, &status);
			status = pid < 0 ? status : wait_for(pid);
		}
	}
	restore(&saved);
	return status;
}

/* Runs commands at the same time, each in a shell of its own. */
static int run_together(const struct pipeline *p)
{
	int *pids = allocate(p->count * sizeof *pids), status = 0, in = STDIN_FILENO;
	for (size_t i = 0; i < p->count; i++) {
		int fds[2] = {-1, STDOUT_FILENO};
		bool last = i + 1 == p->count;
		if (!last && pipe(fds) != 0)
			fail("|", strerror(errno));
		pids[i] = start_shell(p->commands[i]->text, in, fds[1], &status);
		if (in != STDIN_FILENO)
			close(in);
		if (!last)
			close(fds[1]);
		in = fds[0];
	}
	for (size_t i = 0; i < p->count; i++)
		if (pids[i] >= 0)
			status = wait_for(pids[i]);
	free(pids);
	return status;
}

int run(const struct pipeline *p)
{
	while (p) {
		last_status = p->count == 1 ? run_command(p->commands[0]) : run_together(p);
		if (p->negated)
			last_status = !last_status;
		else if (last_status != 0 && exit_on_error && p->then == ALWAYS)
			exit(last_status);
		/* Of `a || b && c`, c comes after a if a is true. */
		bool go_on;
		do {
			go_on = p->then == ALWAYS || (p->then == IF_TRUE) == (last_status == 0);
			p = p->next;
		} while (p && !go_on);
	}
	return last_status;
}
