/* Tests that are a table of command lines, and of what comes of each. */

#ifndef DRIVER_TABLE_H
#define DRIVER_TABLE_H

#include "toolchains/posix/check.h"

#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct row {
	const char *command;
	int status;
	const char *output; /* of stdout and stderr: how it begins if there is a * at the end, what is in it if there is
	                       one before it, else all of it */
};

/* Runs a command in the shell. Returns its exit status. */
static int run_command(const char *command, char *output, size_t size)
{
	posix_spawn_file_actions_t actions;
	int fds[2], status = -1;
	size_t length = 0;
	ssize_t n;
	pid_t pid;
	output[0] = '\0';
	posix_spawn_file_actions_init(&actions);
	if (pipe(fds) != 0 || posix_spawn_file_actions_adddup2(&actions, fds[1], 1) != 0 ||
	    posix_spawn_file_actions_adddup2(&actions, fds[1], 2) != 0 ||
	    posix_spawn(&pid, "/bin/sh", &actions, NULL, (char *[]){"sh", "-c", (char *)command, NULL}, environ) != 0)
		return -1;
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	while ((n = read(fds[0], output + length, size - 1 - length)) > 0)
		length += (size_t)n;
	output[length] = '\0';
	close(fds[0]);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void check_row(const struct row *row)
{
	static char output[1 << 16], command[200], message[1500];
	int status = run_command(row->command, output, sizeof output);
	const char *want = row->output;
	size_t length = strlen(want);
	int same = strcmp(output, want) == 0;
	if (want[0] == '*')
		same = strstr(output, want + 1) != NULL;
	else if (length > 0 && want[length - 1] == '*')
		same = strncmp(output, want, length - 1) == 0;
	snprintf(command, sizeof command, "%s", row->command);
	snprintf(message, sizeof message, "exit status %d and output %s", status, output);
	check(same && status == row->status, "command", command, message);
}

#endif
