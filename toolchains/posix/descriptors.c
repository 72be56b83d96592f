/* Descriptors: dup, pipe, socketpair, flock and the whole of fcntl. */

#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wasi/api.h>

/* Returns what a call of the host returned, or -1 with errno set. */
static int result(int32_t value)
{
	if (value < 0) {
		errno = -value;
		return -1;
	}
	return value;
}

/* Returns 0, or -1 with errno set to a WASI errno that is not 0. */
static int status(int32_t error)
{
	return result(-error);
}

int dup(int fd)
{
	return result(cowasm_dup(fd));
}

int dup2(int fd, int to)
{
	return result(cowasm_dup2(fd, to));
}

/* Returns a copy of fd that is at least `min`. */
static int dup_from(int fd, int min)
{
	if (min < 0) {
		errno = EINVAL;
		return -1;
	}
	int copy = dup(fd);
	if (copy < 0 || copy >= min)
		return copy;
	/* While the low one is open the next one is higher. */
	int higher = dup_from(fd, min);
	int saved = errno;
	close(copy);
	errno = saved;
	return higher;
}

int pipe(int fds[2])
{
	return result(cowasm_pipe(fds));
}

static int set_flags(int fd, int flags)
{
	return status(__wasi_fd_fdstat_set_flags(fd, flags & 0xfff));
}

int socketpair(int domain, int type, int protocol, int fds[2])
{
	/* Nothing but the family's name tells them apart: they have no addresses. */
	if (domain != AF_UNIX && domain != AF_INET) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	if ((type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != SOCK_STREAM || protocol != 0) {
		errno = EPROTONOSUPPORT;
		return -1;
	}
	if (result(cowasm_socketpair(fds)) < 0)
		return -1;
	if (type & SOCK_NONBLOCK && (set_flags(fds[0], O_NONBLOCK) < 0 || set_flags(fds[1], O_NONBLOCK) < 0))
		return -1;
	return 0;
}

int flock(int fd, int operation)
{
	return result(cowasm_flock(fd, operation));
}

/* Locks on ranges of a file belong to the process: since it cannot conflict
   with itself, and there is no other, each is granted. */
static int record_lock(int fd, int command, struct flock *lock)
{
	__wasi_fdstat_t fdstat;
	int32_t error = __wasi_fd_fdstat_get(fd, &fdstat);
	if (error == 0 && command == F_GETLK)
		lock->l_type = F_UNLCK;
	return status(error);
}

static int get_flags(int fd)
{
	__wasi_fdstat_t fdstat;
	if (status(__wasi_fd_fdstat_get(fd, &fdstat)) < 0)
		return -1;
	int flags = fdstat.fs_flags;
	if (fdstat.fs_rights_base & (__WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_READDIR))
		flags |= O_RDONLY;
	if (fdstat.fs_rights_base & __WASI_RIGHTS_FD_WRITE)
		flags |= O_WRONLY;
	return flags;
}

/* Replaces that of wasi-libc, which knows no copies and no locks. */
int fcntl(int fd, int command, ...)
{
	va_list arguments;
	va_start(arguments, command);
	int number = 0;
	struct flock *lock = NULL;
	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
	case F_SETFL:
		number = va_arg(arguments, int);
		break;
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
		lock = va_arg(arguments, struct flock *);
		break;
	}
	va_end(arguments);

	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return dup_from(fd, number);
	case F_GETFD:
		/* No descriptor outlives an exec that does not exist. */
		return FD_CLOEXEC;
	case F_SETFD:
		return 0;
	case F_GETFL:
		return get_flags(fd);
	case F_SETFL:
		return set_flags(fd, number);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
		return record_lock(fd, command, lock);
	default:
		errno = EINVAL;
		return -1;
	}
}
