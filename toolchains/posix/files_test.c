/* Checks empty paths, the owner of files, and the type of pipes.
   usage: files_test REPORT */

#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECK_NO_ENTRY(call) (errno = 0, check((call) && errno == ENOENT, __func__, #call, strerror(errno)))

static void test_empty(void)
{
	static const char empty[] = "";
	struct stat status;
	char target[8];
	CHECK_NO_ENTRY(open(empty, O_RDONLY) < 0);
	CHECK_NO_ENTRY(openat(AT_FDCWD, empty, O_RDONLY) < 0);
	CHECK_NO_ENTRY(stat(empty, &status) < 0);
	CHECK_NO_ENTRY(lstat(empty, &status) < 0);
	CHECK_NO_ENTRY(access(empty, F_OK) < 0);
	CHECK_NO_ENTRY(opendir(empty) == NULL);
	CHECK_NO_ENTRY(readlink(empty, target, sizeof target) < 0);
	CHECK_NO_ENTRY(mkdir(empty, 0777) < 0);
	CHECK_NO_ENTRY(rmdir(empty) < 0);
	CHECK_NO_ENTRY(unlink(empty) < 0);
	CHECK_NO_ENTRY(rename(empty, "/tmp/x") < 0);
	CHECK_NO_ENTRY(symlink("/tmp", empty) < 0);
	CHECK_NO_ENTRY(chdir(empty) < 0);
}

static void test_others(void)
{
	struct stat status;
	CHECK(mkdir("/tmp/d", 0777) == 0 && chdir("/tmp/d") == 0 && chdir("..") == 0);
	CHECK(stat("d", &status) == 0 && S_ISDIR(status.st_mode));
	CHECK(stat(".", &status) == 0 && rmdir("d") == 0 && chdir("/") == 0);
}

static int is_own(const struct stat *status)
{
	return status->st_uid == getuid() && status->st_gid == getgid();
}

static void test_owner(void)
{
	struct stat status;
	CHECK(stat("/tmp", &status) == 0 && is_own(&status));
	CHECK(lstat("tmp", &status) == 0 && is_own(&status));
	int fd = open("/", O_RDONLY);
	CHECK(fstat(fd, &status) == 0 && is_own(&status));
	CHECK(fstatat(fd, "tmp", &status, 0) == 0 && is_own(&status));
	CHECK(fstatat(AT_FDCWD, "/tmp", &status, AT_SYMLINK_NOFOLLOW) == 0 && is_own(&status));
	CHECK(stat("/tmp/none", &status) < 0 && errno == ENOENT);
}

static void test_pipe(void)
{
	struct stat status;
	int fds[2];
	CHECK(pipe(fds) == 0 && fstat(fds[0], &status) == 0 && S_ISFIFO(status.st_mode));
	int fd = open("/tmp", O_RDONLY);
	CHECK(fstat(fd, &status) == 0 && S_ISDIR(status.st_mode));
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	test_empty();
	test_others();
	test_owner();
	test_pipe();
	return write_report(argv[1]);
}
