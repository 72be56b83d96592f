/* Where wasi-libc's functions for files differ from those of POSIX. The linker is
   told to call these instead (`--wrap`). */

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

int __real_chdir(const char *path);
int __real___wasilibc_find_relpath_alloc(const char *path, const char **prefix, char **relative, size_t *size,
                                         int can_grow);

int __real_fstat(int fd, struct stat *status);
int __real___wasilibc_nocwd_fstatat(int fd, const char *path, struct stat *status, int flags);

/* An empty path names nothing, not the working directory. */
int __wrap_chdir(const char *path)
{
	if (*path)
		return __real_chdir(path);
	errno = ENOENT;
	return -1;
}

/* Through this go all functions that take a path. */
int __wrap___wasilibc_find_relpath_alloc(const char *path, const char **prefix, char **relative, size_t *size,
                                         int can_grow)
{
	if (*path)
		return __real___wasilibc_find_relpath_alloc(path, prefix, relative, size, can_grow);
	errno = ENOENT;
	return -1;
}

/* WASI knows no owners, and wasi-libc says that all belongs to the superuser. */
static void set_owner(struct stat *status)
{
	status->st_uid = getuid();
	status->st_gid = getgid();
}

int __wrap_fstat(int fd, struct stat *status)
{
	int result = __real_fstat(fd, status);
	if (result != 0)
		return result;
	set_owner(status);
	/* WASI has no type for a pipe. Nothing else is of none. */
	if ((status->st_mode & S_IFMT) == 0)
		status->st_mode |= S_IFIFO;
	return result;
}

/* Through this go stat, lstat and fstatat. */
int __wrap___wasilibc_nocwd_fstatat(int fd, const char *path, struct stat *status, int flags)
{
	int result = __real___wasilibc_nocwd_fstatat(fd, path, status, flags);
	if (result == 0)
		set_owner(status);
	return result;
}
