#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Takes the options off, of which `known` are allowed, and sets their bits in
   *given in the order in which they are known. Returns what comes next, or NULL
   after a message. */
static char **options(char **argv, const char *known, unsigned *given)
{
	const char *command = *argv++;
	*given = 0;
	for (; *argv && (*argv)[0] == '-' && (*argv)[1]; argv++) {
		if (strcmp(*argv, "--") == 0)
			return argv + 1;
		for (const char *c = *argv + 1; *c; c++) {
			const char *found = strchr(known, *c);
			if (!found) {
				complain(2, command, format("-%c is no option that it has here; it has %s", *c, *known ? known : "none"));
				return NULL;
			}
			*given |= 1u << (found - known);
		}
	}
	return argv;
}

static int complain_of(const char *path)
{
	return complain(1, path, strerror(errno));
}

/* Copies the rest of one descriptor to another. */
static int copy_all(int from, int to)
{
	char buffer[1 << 16];
	ssize_t n;
	while ((n = read(from, buffer, sizeof buffer)) > 0)
		for (ssize_t done = 0, w; done < n; done += w)
			if ((w = write(to, buffer + done, (size_t)(n - done))) < 0)
				return -1;
	return n < 0 ? -1 : 0;
}

int do_cat(int argc, char **argv)
{
	(void)argc;
	unsigned given;
	char **paths = options(argv, "u", &given), *standard_input[] = {"-", NULL};
	int status = paths ? 0 : 2;
	if (paths && !*paths)
		paths = standard_input;
	for (; paths && *paths; paths++) {
		int fd = strcmp(*paths, "-") == 0 ? STDIN_FILENO : open(*paths, O_RDONLY);
		if (fd < 0 || copy_all(fd, STDOUT_FILENO) != 0)
			status = complain_of(*paths);
		if (fd > STDIN_FILENO)
			close(fd);
	}
	return status;
}

/* Files have no modes: it is enough that they are there. */
int do_chmod(int argc, char **argv)
{
	(void)argc;
	int status = 0;
	for (char **path = argv[1] ? argv + 2 : argv + 1; *path; path++)
		if (access(*path, F_OK) != 0)
			status = complain_of(*path);
	return status;
}

static bool is_directory(const char *path)
{
	struct stat s;
	return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* Calls f for what is in a directory and returns the last status that is not 0. */
static int for_each_entry(const char *path, const char *other, int (*f)(const char *path, const char *other))
{
	DIR *d = opendir(path);
	if (!d)
		return complain_of(path);
	struct list names = {0};
	for (struct dirent *e; (e = readdir(d));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			add(&names, format("%s", e->d_name));
	closedir(d);
	int status = 0;
	for (size_t i = 0; i < names.count; i++) {
		int s = f(format("%s/%s", path, names.items[i]), other ? format("%s/%s", other, names.items[i]) : NULL);
		status = s ? s : status;
	}
	return status;
}

static int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY);
	if (in < 0)
		return complain_of(from);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	int status = out < 0 || copy_all(in, out) != 0 ? complain_of(to) : 0;
	close(in);
	if (out >= 0)
		close(out);
	return status;
}

static int copy_tree(const char *from, const char *to)
{
	struct stat s;
	if (lstat(from, &s) != 0)
		return complain_of(from);
	if (S_ISLNK(s.st_mode)) {
		char target[4096];
		ssize_t n = readlink(from, target, sizeof target - 1);
		if (n < 0)
			return complain_of(from);
		target[n] = '\0';
		return symlink(target, to) == 0 ? 0 : complain_of(to);
	}
	if (!S_ISDIR(s.st_mode))
		return copy_file(from, to);
	if (mkdir(to, 0777) != 0 && errno != EEXIST)
		return complain_of(to);
	return for_each_entry(from, to, copy_tree);
}

static int remove_tree(const char *path, const char *other)
{
	struct stat s;
	if (lstat(path, &s) != 0)
		return complain_of(path);
	int status = S_ISDIR(s.st_mode) ? for_each_entry(path, other, remove_tree) : 0;
	if (status == 0 && (S_ISDIR(s.st_mode) ? rmdir(path) : unlink(path)) != 0)
		status = complain_of(path);
	return status;
}

/* Does f for each path but the last, and the last, or a name in the last if that
   is a directory. */
static int to_last(const char *command, char **paths, int (*f)(const char *from, const char *to))
{
	size_t n = 0;
	while (paths[n])
		n++;
	if (n < 2)
		return complain(2, command, "it needs a source and a target");
	const char *target = paths[n - 1];
	bool into = is_directory(target);
	if (!into && n > 2)
		return complain(1, target, "is no directory");
	int status = 0;
	for (size_t i = 0; i < n - 1; i++) {
		int s = f(paths[i], into ? format("%s/%s", target, base_name(paths[i])) : target);
		status = s ? s : status;
	}
	return status;
}

static int copy_if_file(const char *from, const char *to)
{
	return is_directory(from) ? complain(1, from, "is a directory; -r copies it") : copy_file(from, to);
}

int do_cp(int argc, char **argv)
{
	(void)argc;
	unsigned given;
	enum { RECURSIVE = 1 | 2 | 4 };
	char **paths = options(argv, "rRafp", &given);
	return paths ? to_last("cp", paths, given & RECURSIVE ? copy_tree : copy_if_file) : 2;
}

static int move(const char *from, const char *to)
{
	return rename(from, to) == 0 ? 0 : complain_of(from);
}

int do_mv(int argc, char **argv)
{
	(void)argc;
	unsigned given;
	char **paths = options(argv, "f", &given);
	return paths ? to_last("mv", paths, move) : 2;
}

static int link_hard(const char *from, const char *to)
{
	return link(from, to) == 0 ? 0 : complain_of(to);
}

static int link_soft(const char *from, const char *to)
{
	return symlink(from, to) == 0 ? 0 : complain_of(to);
}

static int replace_soft(const char *from, const char *to)
{
	unlink(to);
	return link_soft(from, to);
}

static int replace_hard(const char *from, const char *to)
{
	unlink(to);
	return link_hard(from, to);
}

int do_ln(int argc, char **argv)
{
	(void)argc;
	unsigned given;
	enum { SOFT = 1, FORCE = 2 };
	char **paths = options(argv, "sfn", &given);
	if (!paths)
		return 2;
	if (given & SOFT)
		return to_last("ln", paths, given & FORCE ? replace_soft : link_soft);
	return to_last("ln", paths, given & FORCE ? replace_hard : link_hard);
}

/* Makes a directory and those that it is in. */
static int make_all(const char *path)
{
	char *copy = format("%s", path);
	for (char *slash = copy + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		if (mkdir(copy, 0777) != 0 && errno != EEXIST)
			return -1;
	}
	return mkdir(copy, 0777) == 0 || (errno == EEXIST && is_directory(copy)) ? 0 : -1;
}

int do_mkdir(int argc, char **argv)
{
	(void)argc;
	unsigned given;
	char **paths = options(argv, "p", &given);
	int status = paths ? 0 : 2;
	for (; paths && *paths; paths++)
		if ((given ? make_all(*paths) : mkdir(*paths, 0777)) != 0)
			status = complain_of(*paths);
	return status;
}

int do_rmdir(int argc, char **argv)
{
	(void)argc;
	unsigned given;
	char **paths = options(argv, "", &given);
	int status = paths ? 0 : 2;
	for (; paths && *paths; paths++)
		if (rmdir(*paths) != 0)
			status = complain_of(*paths);
	return status;
}

int do_rm(int argc, char **argv)
{
	(void)argc;
	unsigned given;
	enum { FORCE = 1, RECURSIVE = 2 | 4 };
	struct stat s;
	char **paths = options(argv, "frR", &given);
	int status = paths ? 0 : 2;
	for (; paths && *paths; paths++) {
		if (given & FORCE && lstat(*paths, &s) != 0 && errno == ENOENT)
			continue;
		if (given & RECURSIVE) {
			int one = remove_tree(*paths, NULL);
			status = one ? one : status;
		} else if (unlink(*paths) != 0) {
			status = complain_of(*paths);
		}
	}
	return status;
}

int do_touch(int argc, char **argv)
{
	(void)argc;
	unsigned given;
	enum { ONLY_EXISTING = 1 };
	char **paths = options(argv, "c", &given);
	int status = paths ? 0 : 2;
	for (; paths && *paths; paths++) {
		if (utimensat(AT_FDCWD, *paths, NULL, 0) == 0 || (errno == ENOENT && given & ONLY_EXISTING))
			continue;
		int fd = open(*paths, O_WRONLY | O_CREAT, 0666);
		if (fd < 0)
			status = complain_of(*paths);
		else
			close(fd);
	}
	return status;
}
