/* What a child is to be started with: file actions, which are kept in a list
   until then, and attributes, of which none has a meaning. */

#include "spawn_actions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions)
{
	actions->first = actions->last = NULL;
	return 0;
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions)
{
	struct __cowasm_file_action *next;
	for (struct __cowasm_file_action *a = actions->first; a; a = next) {
		next = a->next;
		free(a);
	}
	return posix_spawn_file_actions_init(actions);
}

/* Appends a copy of an action, with the path behind it. */
static int add(posix_spawn_file_actions_t *actions, struct __cowasm_file_action action, const char *path)
{
	if (action.fd < 0 || action.from < 0)
		return EBADF;
	size_t size = strlen(path) + 1;
	struct __cowasm_file_action *copy = malloc(sizeof *copy + size);
	if (!copy)
		return ENOMEM;
	*copy = action;
	memcpy(copy->path, path, size);
	if (actions->last)
		actions->last->next = copy;
	else
		actions->first = copy;
	actions->last = copy;
	return 0;
}

int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict actions, int fd, const char *restrict path,
                                     int flags, mode_t mode)
{
	return add(actions, (struct __cowasm_file_action){.kind = ACTION_OPEN, .fd = fd, .flags = flags, .mode = mode},
	           path);
}

int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int fd)
{
	return add(actions, (struct __cowasm_file_action){.kind = ACTION_CLOSE, .fd = fd}, "");
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to)
{
	return add(actions, (struct __cowasm_file_action){.kind = ACTION_DUP2, .fd = to, .from = from}, "");
}

int posix_spawn_file_actions_addchdir(posix_spawn_file_actions_t *restrict actions, const char *restrict path)
{
	return add(actions, (struct __cowasm_file_action){.kind = ACTION_CHDIR}, path);
}

int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *restrict actions, const char *restrict path)
{
	return posix_spawn_file_actions_addchdir(actions, path);
}

int posix_spawnattr_init(posix_spawnattr_t *attributes)
{
	*attributes = (posix_spawnattr_t){0};
	return 0;
}

int posix_spawnattr_destroy(posix_spawnattr_t *attributes)
{
	(void)attributes;
	return 0;
}

int posix_spawnattr_setflags(posix_spawnattr_t *attributes, short flags)
{
	enum {
		KNOWN = POSIX_SPAWN_RESETIDS | POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
		        POSIX_SPAWN_SETSID
	};
	if (flags & ~KNOWN)
		return EINVAL;
	attributes->flags = flags;
	return 0;
}

int posix_spawnattr_getflags(const posix_spawnattr_t *restrict attributes, short *restrict flags)
{
	*flags = attributes->flags;
	return 0;
}

int posix_spawnattr_setpgroup(posix_spawnattr_t *attributes, pid_t group)
{
	attributes->group = group;
	return 0;
}

int posix_spawnattr_getpgroup(const posix_spawnattr_t *restrict attributes, pid_t *restrict group)
{
	*group = attributes->group;
	return 0;
}
