/* posix_spawn over the host's spawn, which takes a program, its strings, its
   working directory, and which descriptors of the parent it gets as which. */

#include "host.h"
#include "spawn_actions.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a child is started with. */
struct child {
	char cwd[PATH_MAX];
	struct descriptor {
		int32_t parent; /* less than 0: closed */
		int32_t child;  /* less than 0: only to be closed in the end */
	} *fds;
	size_t count, capacity;
};

static struct descriptor *find(struct child *c, int fd)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->fds[i].child == fd)
			return &c->fds[i];
	return NULL;
}

/* Makes the child's descriptor fd be the parent's. */
static int assign(struct child *c, int fd, int parent)
{
	struct descriptor *d = fd < 0 ? NULL : find(c, fd);
	if (!d) {
		if (c->count == c->capacity) {
			size_t capacity = 2 * c->capacity + 8;
			struct descriptor *grown = realloc(c->fds, capacity * sizeof *grown);
			if (!grown)
				return ENOMEM;
			c->fds = grown;
			c->capacity = capacity;
		}
		d = &c->fds[c->count++];
	}
	*d = (struct descriptor){.parent = parent, .child = fd};
	return 0;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFL) >= 0;
}

/* Writes to `path` what a path means to the child, without the names . and .. */
static int resolve(const struct child *c, const char *name, char path[PATH_MAX])
{
	size_t length = 0, limit = PATH_MAX - 1;
	const char *parts[] = {name[0] == '/' ? "" : c->cwd, name};
	for (int i = 0; i < 2; i++) {
		for (const char *at = parts[i]; *at;) {
			size_t n = strcspn(at, "/");
			if (n == 2 && at[0] == '.' && at[1] == '.') {
				while (length > 0 && path[--length] != '/')
					;
			} else if (n > 0 && !(n == 1 && at[0] == '.')) {
				if (length + 1 + n > limit)
					return ENAMETOOLONG;
				path[length] = '/';
				memcpy(path + length + 1, at, n);
				length += 1 + n;
			}
			at += n + (at[n] == '/');
		}
	}
	if (length == 0)
		path[length++] = '/';
	path[length] = '\0';
	return 0;
}

/* Applies one file action. */
static int apply(struct child *c, const struct __cowasm_file_action *a)
{
	char path[PATH_MAX];
	struct stat status;
	struct descriptor *from;
	int error, fd;
	switch (a->kind) {
	case ACTION_CLOSE:
		return find(c, a->fd) ? assign(c, a->fd, -1) : 0;
	case ACTION_DUP2:
		from = find(c, a->from);
		fd = from ? from->parent : is_open(a->from) ? a->from : -1;
		return fd < 0 ? EBADF : assign(c, a->fd, fd);
	case ACTION_OPEN:
		error = resolve(c, a->path, path);
		if (error)
			return error;
		fd = open(path, a->flags, a->mode);
		if (fd < 0)
			return errno;
		error = assign(c, -1, fd);
		if (error) {
			close(fd);
			return error;
		}
		return assign(c, a->fd, fd);
	case ACTION_CHDIR:
		error = resolve(c, a->path, path);
		if (error)
			return error;
		if (stat(path, &status) != 0)
			return errno;
		if (!S_ISDIR(status.st_mode))
			return ENOTDIR;
		strcpy(c->cwd, path);
		return 0;
	}
	return EINVAL;
}

/* Puts strings one after another, each with the NUL that ends it. */
static char *join(char *const *list, size_t *size)
{
	*size = 0;
	for (char *const *s = list; *s; s++)
		*size += strlen(*s) + 1;
	char *block = malloc(*size + 1), *at = block;
	if (!block)
		return NULL;
	for (char *const *s = list; *s; s++)
		at = stpcpy(at, *s) + 1;
	return block;
}

/* Starts the child once all is known. */
static int start(struct child *c, pid_t *restrict pid, const char *path, char *const *argv, char *const *environment)
{
	size_t argv_size, environment_size, count = 0;
	char *arguments = join(argv, &argv_size), *variables = join(environment, &environment_size);
	struct cowasm_descriptor *fds = malloc((c->count + 1) * sizeof *fds);
	int32_t result = -ENOMEM;
	if (arguments && variables && fds) {
		for (size_t i = 0; i < c->count; i++)
			if (c->fds[i].parent >= 0 && c->fds[i].child >= 0)
				fds[count++] = (struct cowasm_descriptor){c->fds[i].parent, c->fds[i].child};
		result = cowasm_spawn(path, strlen(path), arguments, argv_size, variables, environment_size, c->cwd,
		                      strlen(c->cwd), fds, count);
	}
	free(arguments);
	free(variables);
	free(fds);
	if (result < 0)
		return -result;
	if (pid)
		*pid = result;
	return 0;
}

int posix_spawn(pid_t *restrict pid, const char *restrict path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *restrict attributes, char *const *restrict argv,
                char *const *restrict environment)
{
	(void)attributes;
	struct child c = {0};
	int error = getcwd(c.cwd, sizeof c.cwd) ? 0 : errno;
	for (int fd = 0; fd < 3 && !error; fd++)
		if (is_open(fd))
			error = assign(&c, fd, fd);
	for (const struct __cowasm_file_action *a = actions ? actions->first : NULL; a && !error; a = a->next)
		error = apply(&c, a);
	if (!error)
		error = start(&c, pid, path, argv, environment ? environment : (char *const[]){NULL});
	for (size_t i = 0; i < c.count; i++)
		if (c.fds[i].child < 0)
			close(c.fds[i].parent);
	free(c.fds);
	return error;
}

int posix_spawnp(pid_t *restrict pid, const char *restrict file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *restrict attributes, char *const *restrict argv,
                 char *const *restrict environment)
{
	if (strchr(file, '/'))
		return posix_spawn(pid, file, actions, attributes, argv, environment);
	const char *path = getenv("PATH");
	if (!path)
		path = "/bin:/usr/bin";
	int error = ENOENT;
	for (;;) {
		char name[PATH_MAX];
		size_t n = strcspn(path, ":");
		/* An empty name in PATH is the working directory. */
		int length = snprintf(name, sizeof name, "%.*s%s%s", (int)n, path, n ? "/" : "./", file);
		int result = (size_t)length < sizeof name
		                     ? posix_spawn(pid, name, actions, attributes, argv, environment)
		                     : ENAMETOOLONG;
		if (result == 0)
			return 0;
		if (result != ENOENT && result != ENOTDIR && result != EACCES)
			return result;
		if (result == EACCES)
			error = EACCES;
		if (!path[n])
			return error;
		path += n + 1;
	}
}
