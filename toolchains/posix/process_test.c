/* Checks that programs can be started: this one starts itself, as a child that
   does what its arguments say. usage: process_test REPORT */

#include "check.h"

#include <cowasm/process.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char self[PATH_MAX];

/* What a child does. */
static int child(char **argv)
{
	const char *what = argv[0];
	char buffer[256];
	if (strcmp(what, "exit") == 0)
		return atoi(argv[1]);
	if (strcmp(what, "trap") == 0)
		__builtin_trap();
	if (strcmp(what, "show") == 0) {
		printf("%s %s %s %s\n", argv[1], getenv("GREETING"), getenv("PWD"), getcwd(buffer, sizeof buffer));
		return 0;
	}
	if (strcmp(what, "both") == 0) {
		for (int i = 0; i < 3; i++)
			dprintf(i % 2 ? 2 : 1, "%d", i);
		return 0;
	}
	if (strcmp(what, "copy") == 0) {
		ssize_t n;
		while ((n = read(0, buffer, sizeof buffer)) > 0)
			if (write(1, buffer, (size_t)n) != n)
				return 1;
		return n < 0;
	}
	if (strcmp(what, "exec") == 0) {
		execv("/tmp/nothing", argv);
		if (errno != ENOENT)
			return 98;
		execve(self, (char *[]){self, "child", argv[1], "6", NULL}, (char *[]){"GREETING=exec", NULL});
		return 97;
	}
	if (strcmp(what, "pid") == 0)
		return getpid() == atoi(argv[1]);
	if (strcmp(what, "open") == 0)
		return (fcntl(0, F_GETFL) >= 0) | (fcntl(1, F_GETFL) >= 0) << 1 | (fcntl(5, F_GETFL) >= 0) << 2;
	return 99;
}

/* Starts this program as a child. */
static pid_t start(const posix_spawn_file_actions_t *actions, char *const *environment, char *what, char *argument)
{
	pid_t pid = -1;
	int error = posix_spawn(&pid, self, actions, NULL, (char *[]){self, "child", what, argument, NULL}, environment);
	errno = error;
	CHECK(error == 0);
	return pid;
}

/* Runs a child and returns its status; what it writes to descriptors 1 and 2
   is put into output, as a string. */
static int run(posix_spawn_file_actions_t *actions, char *const *environment, char *what, char *argument, char *output,
               size_t size)
{
	int fds[2], status = -1;
	size_t length = 0;
	ssize_t n;
	CHECK(pipe(fds) == 0);
	CHECK(posix_spawn_file_actions_adddup2(actions, fds[1], 1) == 0);
	CHECK(posix_spawn_file_actions_adddup2(actions, 1, 2) == 0);
	pid_t pid = start(actions, environment, what, argument);
	CHECK(close(fds[1]) == 0);
	while ((n = read(fds[0], output + length, size - 1 - length)) > 0)
		length += (size_t)n;
	output[length] = '\0';
	CHECK(n == 0 && close(fds[0]) == 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

static void test_status(void)
{
	int status;
	pid_t pid = start(NULL, environ, "exit", "7");
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && !WIFSIGNALED(status) && WEXITSTATUS(status) == 7);
	CHECK(waitpid(pid, &status, 0) == -1 && errno == ECHILD);

	pid = start(NULL, environ, "exit", "0");
	CHECK(wait(&status) == pid && status == 0);
	CHECK(wait(NULL) == -1 && errno == ECHILD);

	int first = start(NULL, environ, "exit", "1"), second = start(NULL, environ, "exit", "2");
	CHECK(first != second && first != getpid());
	char own[16];
	snprintf(own, sizeof own, "%d", (int)getpid());
	pid = start(NULL, environ, "pid", own);
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 0);
	CHECK(waitpid(second, &status, 0) == second && WEXITSTATUS(status) == 2);
	CHECK(wait(&status) == first && WEXITSTATUS(status) == 1);
	CHECK(waitpid(-1, NULL, 1 << 20) == -1 && errno == EINVAL);
}

static void test_trap(void)
{
	posix_spawn_file_actions_t actions;
	char output[4096];
	posix_spawn_file_actions_init(&actions);
	int status = run(&actions, environ, "trap", NULL, output, sizeof output);
	posix_spawn_file_actions_destroy(&actions);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	CHECK(strstr(output, "unreachable"));
}

static void test_exec(void)
{
	posix_spawn_file_actions_t actions;
	char output[256];
	int status;
	posix_spawn_file_actions_init(&actions);
	CHECK(run(&actions, environ, "exec", "show", output, sizeof output) == 0);
	posix_spawn_file_actions_destroy(&actions);
	CHECK_MESSAGE(strcmp(output, "6 exec / /\n") == 0, output);
	pid_t pid = start(NULL, environ, "exec", "exit");
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 6);
}

static void test_surroundings(void)
{
	posix_spawn_file_actions_t actions;
	char output[256];
	CHECK(mkdir("/tmp/place", 0755) == 0);
	posix_spawn_file_actions_init(&actions);
	CHECK(posix_spawn_file_actions_addchdir(&actions, "/tmp/nowhere/../place/.") == 0);
	char *environment[] = {"GREETING=hello", NULL};
	CHECK(run(&actions, environment, "show", "a b", output, sizeof output) == 0);
	posix_spawn_file_actions_destroy(&actions);
	CHECK_MESSAGE(strcmp(output, "a b hello /tmp/place /tmp/place\n") == 0, output);

	posix_spawn_file_actions_init(&actions);
	CHECK(chdir("/tmp") == 0);
	CHECK(posix_spawn_file_actions_addchdir(&actions, "place") == 0);
	CHECK(run(&actions, environment, "show", "", output, sizeof output) == 0);
	posix_spawn_file_actions_destroy(&actions);
	CHECK_MESSAGE(strcmp(output, " hello /tmp/place /tmp/place\n") == 0, output);
	CHECK(chdir("/") == 0);
}

static void test_descriptors(void)
{
	posix_spawn_file_actions_t actions;
	char output[256];
	int status;
	posix_spawn_file_actions_init(&actions);
	CHECK(run(&actions, environ, "both", NULL, output, sizeof output) == 0);
	CHECK_MESSAGE(strcmp(output, "012") == 0, output);
	posix_spawn_file_actions_destroy(&actions);

	posix_spawn_file_actions_init(&actions);
	CHECK(posix_spawn_file_actions_addclose(&actions, 0) == 0);
	CHECK(posix_spawn_file_actions_addopen(&actions, 5, "/tmp/opened", O_WRONLY | O_CREAT, 0644) == 0);
	CHECK(posix_spawn_file_actions_adddup2(&actions, 5, 1) == 0);
	pid_t pid = start(&actions, environ, "open", NULL);
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == (2 | 4));
	posix_spawn_file_actions_destroy(&actions);

	posix_spawn_file_actions_init(&actions);
	CHECK(posix_spawn_file_actions_addclose(&actions, -1) == EBADF);
	CHECK(posix_spawn_file_actions_adddup2(&actions, 77, 1) == 0);
	CHECK(posix_spawn(&pid, self, &actions, NULL, (char *[]){self, NULL}, environ) == EBADF);
	posix_spawn_file_actions_destroy(&actions);
	/* No descriptor was left open here. */
	CHECK(fcntl(5, F_GETFL) == -1 && errno == EBADF);
}

static void test_dialogue(void)
{
	int to[2], from[2], status;
	char buffer[16];
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	CHECK(pipe(to) == 0 && pipe(from) == 0);
	CHECK(posix_spawn_file_actions_adddup2(&actions, to[0], 0) == 0);
	CHECK(posix_spawn_file_actions_adddup2(&actions, from[1], 1) == 0);
	pid_t pid = start(&actions, environ, "copy", NULL);
	CHECK(close(to[0]) == 0 && close(from[1]) == 0);
	for (int i = 0; i < 3; i++) {
		CHECK(waitpid(pid, &status, WNOHANG) == 0);
		CHECK(write(to[1], "ping", 4) == 4);
		CHECK(read(from[0], buffer, sizeof buffer) == 4 && memcmp(buffer, "ping", 4) == 0);
	}
	CHECK(close(to[1]) == 0);
	CHECK(read(from[0], buffer, sizeof buffer) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(close(from[0]) == 0);
	posix_spawn_file_actions_destroy(&actions);
}

static void test_kill(void)
{
	int to[2], status;
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	CHECK(pipe(to) == 0);
	CHECK(posix_spawn_file_actions_adddup2(&actions, to[0], 0) == 0);
	pid_t pid = start(&actions, environ, "copy", NULL);
	CHECK(close(to[0]) == 0);
	CHECK(kill(pid, 0) == 0);
	CHECK(kill(pid, SIGTERM) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	CHECK(kill(pid, 0) == -1 && errno == ESRCH);
	CHECK(kill(getpid(), 0) == 0);
	CHECK(close(to[1]) == 0);
	posix_spawn_file_actions_destroy(&actions);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0);
}

static void test_programs(void)
{
	pid_t pid;
	int status;
	char script[PATH_MAX + 32];
	char *none[] = {"x", NULL};
	CHECK(posix_spawn(&pid, "/tmp/nothing", NULL, NULL, none, environ) == ENOENT);
	CHECK(posix_spawn(&pid, "/tmp", NULL, NULL, none, environ) == EACCES);
	put("/tmp/text", "no program\n");
	CHECK(posix_spawn(&pid, "/tmp/text", NULL, NULL, none, environ) == ENOEXEC);

	snprintf(script, sizeof script, "#!%s child\n", self);
	put("/tmp/script", script);
	/* The second argument is the script's path: not one that a child knows. */
	CHECK(posix_spawn(&pid, "/tmp/script", NULL, NULL, none, environ) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 99);

	CHECK(setenv("PATH", "/nowhere:/tmp:/bin", 1) == 0);
	CHECK(posix_spawnp(&pid, "nothing", NULL, NULL, none, environ) == ENOENT);
	CHECK(posix_spawnp(&pid, "script", NULL, NULL, none, environ) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 99);
	CHECK(chdir("/tmp") == 0 && setenv("PATH", "/nowhere:", 1) == 0);
	CHECK(posix_spawnp(&pid, "script", NULL, NULL, none, environ) == 0 && wait(NULL) == pid);
	CHECK(chdir("/") == 0);
}

static void test_attributes(void)
{
	posix_spawnattr_t attributes;
	short flags;
	CHECK(posix_spawnattr_init(&attributes) == 0);
	CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP) == 0);
	CHECK(posix_spawnattr_getflags(&attributes, &flags) == 0 && flags == POSIX_SPAWN_SETPGROUP);
	CHECK(posix_spawnattr_setflags(&attributes, 0x4000) == EINVAL);
	CHECK(posix_spawnattr_destroy(&attributes) == 0);
}

int main(int argc, char **argv)
{
	snprintf(self, sizeof self, "%s%s", argv[0][0] == '/' ? "" : "/", argv[0]);
	if (argc > 2 && strcmp(argv[1], "child") == 0)
		return child(argv + 2);
	if (argc != 2)
		return 2;
	test_status();
	test_trap();
	test_exec();
	test_surroundings();
	test_descriptors();
	test_dialogue();
	test_kill();
	test_programs();
	test_attributes();
	return write_report(argv[1]);
}
