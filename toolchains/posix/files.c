/* Where wasi-libc's functions for files differ from those of POSIX. The linker is
   told to call these instead (`--wrap`). */

#include <errno.h>
#include <sys/stat.h>

int __real_chdir(const char *path);
int __real___wasilibc_find_relpath_alloc(const char *path, const char **prefix, char **relative, size_t *size,
                                         int can_grow);

int __real_fstat(int fd, struct stat *status);

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

/* WASI has no type for a pipe. Nothing else is of none. */
int __wrap_fstat(int fd, struct stat *status)
{
	int result = __real_fstat(fd, status);
	if (result == 0 && (status->st_mode & S_IFMT) == 0)
		status->st_mode |= S_IFIFO;
	return result;
}
