/* Checks what the library adds to WASI. usage: posix_test REPORT */

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "/tmp/posix_test"

static void test_pipe(void)
{
	int fds[2];
	char b[16];
	CHECK(pipe(fds) == 0);
	CHECK(write(fds[1], "hi", 2) == 2);
	CHECK(read(fds[0], b, sizeof b) == 2);
	CHECK(fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0);
	CHECK(fcntl(fds[0], F_GETFL) == (O_RDONLY | O_NONBLOCK));
	CHECK(read(fds[0], b, 1) == -1 && errno == EAGAIN);
	CHECK(close(fds[1]) == 0);
	CHECK(read(fds[0], b, 1) == 0);
	CHECK(close(fds[0]) == 0);
}

static void test_dup(void)
{
	int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);
	CHECK(fd >= 0);
	int copy = dup(fd);
	CHECK(copy > fd);
	CHECK(write(copy, "abc", 3) == 3);
	CHECK(lseek(fd, 0, SEEK_CUR) == 3);
	CHECK(dup2(fd, 40) == 40);
	CHECK(dup2(fd, copy) == copy);
	CHECK(dup2(fd, fd) == fd);
	CHECK(dup2(99, 40) == -1 && errno == EBADF);
	int high = fcntl(fd, F_DUPFD, 50);
	CHECK(high == 50);
	CHECK(close(fd) == 0);
	CHECK(lseek(high, 0, SEEK_CUR) == 3);
	CHECK(close(high) == 0 && close(copy) == 0 && close(40) == 0);
	CHECK(dup(fd) == -1 && errno == EBADF);
}

static void test_socketpair(void)
{
	int fds[2];
	char b[16];
	CHECK(socketpair(AF_UNSPEC, SOCK_STREAM, 0, fds) == -1 && errno == EAFNOSUPPORT);
	CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == -1 && errno == EPROTONOSUPPORT);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
	CHECK(recv(fds[0], b, sizeof b, 0) == -1 && errno == EAGAIN);
	CHECK(send(fds[0], "abc", 3, 0) == 3);
	struct pollfd ready = {.fd = fds[1], .events = POLLIN};
	CHECK(poll(&ready, 1, 1000) == 1 && ready.revents & POLLIN);
	CHECK(recv(fds[1], b, sizeof b, 0) == 3);
	CHECK(shutdown(fds[0], SHUT_WR) == 0);
	CHECK(recv(fds[1], b, sizeof b, 0) == 0);
	CHECK(close(fds[0]) == 0 && close(fds[1]) == 0);
}

static void test_locks(void)
{
	int one = open(FILE_NAME, O_RDWR | O_CREAT, 0644), two = open(FILE_NAME, O_RDWR);
	CHECK(flock(one, LOCK_EX) == 0);
	CHECK(flock(two, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
	CHECK(flock(one, LOCK_UN) == 0);
	CHECK(flock(two, LOCK_SH) == 0 && flock(one, LOCK_SH) == 0);
	struct flock lock = {.l_type = F_WRLCK};
	CHECK(fcntl(one, F_SETLK, &lock) == 0 && fcntl(two, F_SETLK, &lock) == 0);
	CHECK(fcntl(two, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK);
	CHECK(fcntl(99, F_SETLK, &lock) == -1 && errno == EBADF);
	CHECK(close(one) == 0 && close(two) == 0);
}

static void test_mmap(void)
{
	char b[16];
	struct stat status;
	int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0644), other = open(FILE_NAME, O_RDWR);
	CHECK(write(fd, "hello", 5) == 5);
	CHECK(mmap(NULL, 0, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EINVAL);
	char *map = mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(map != MAP_FAILED && memcmp(map, "hello", 6) == 0);
	map[0] = 'J';
	CHECK(msync(map, 5, MS_SYNC) == 0);
	CHECK(pread(other, b, 5, 0) == 5 && memcmp(b, "Jello", 5) == 0);
	CHECK(close(fd) == 0);
	map[1] = 'E';
	CHECK(munmap(map, 5) == 0);
	CHECK(pread(other, b, 5, 0) == 5 && memcmp(b, "JEllo", 5) == 0);
	CHECK(fstat(other, &status) == 0 && status.st_size == 5);
	CHECK(munmap(map, 5) == -1 && errno == EINVAL);

	char *copy = mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_PRIVATE, other, 0);
	copy[0] = 'C';
	CHECK(munmap(copy, 5) == 0 && pread(other, b, 1, 0) == 1 && b[0] == 'J');
	char *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
	CHECK(memory != MAP_FAILED && memory[0] == 0 && memory[(1 << 20) - 1] == 0);
	CHECK(munmap(memory, 1 << 20) == 0);
	CHECK(close(other) == 0);
}

static void test_identity(void)
{
	CHECK(getuid() == geteuid() && getgid() == getegid());
	mode_t before = umask(077);
	CHECK(umask(before) == 077);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	test_pipe();
	test_dup();
	test_socketpair();
	test_locks();
	test_mmap();
	test_identity();
	return write_report(argv[1]);
}
