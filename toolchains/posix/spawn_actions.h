/* The list of file actions that posix_spawn goes through. */

#ifndef COWASM_SPAWN_ACTIONS_H
#define COWASM_SPAWN_ACTIONS_H

#include <spawn.h>

struct __cowasm_file_action {
	struct __cowasm_file_action *next;
	enum { ACTION_OPEN, ACTION_CLOSE, ACTION_DUP2, ACTION_CHDIR } kind;
	int fd;     /* the child's; not of ACTION_CHDIR */
	int from;   /* of ACTION_DUP2 */
	int flags;  /* of ACTION_OPEN */
	mode_t mode;
	char path[]; /* of ACTION_OPEN and ACTION_CHDIR */
};

#endif
