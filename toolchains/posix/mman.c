/* mmap over read and write. A mapping is a copy of its part of the file: what
   is written to a shared one gets to the file by msync and munmap, and what
   others write to the file while it is mapped is not seen. */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 65536 };

struct mapping {
	struct mapping *next;
	char *start;
	size_t length;
	off_t offset;
	int fd; /* of a shared, writable mapping of a file; else -1 */
};

static struct mapping *mappings;

static struct mapping **find(const char *address)
{
	struct mapping **link = &mappings;
	while (*link && !(address >= (*link)->start && address < (*link)->start + (*link)->length))
		link = &(*link)->next;
	return link;
}

/* Reads up to length bytes; what lies beyond the end of the file stays as it is. */
static int read_all(int fd, char *to, size_t length, off_t offset)
{
	while (length > 0) {
		ssize_t n = pread(fd, to, length, offset);
		if (n <= 0)
			return (int)n;
		to += n;
		length -= (size_t)n;
		offset += n;
	}
	return 0;
}

/* Writes a part of a mapping back, but for what lies beyond the end of the file. */
static int write_back(const struct mapping *map, size_t from, size_t length)
{
	struct stat status;
	if (fstat(map->fd, &status) != 0)
		return -1;
	off_t start = map->offset + (off_t)from;
	if (start >= status.st_size)
		return 0;
	if ((off_t)length > status.st_size - start)
		length = (size_t)(status.st_size - start);
	const char *data = map->start + from;
	while (length > 0) {
		ssize_t n = pwrite(map->fd, data, length, start);
		if (n < 0)
			return -1;
		data += n;
		length -= (size_t)n;
		start += n;
	}
	return 0;
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	int type = flags & MAP_TYPE;
	int anonymous = flags & MAP_ANON;
	if (length == 0 || offset < 0 || offset % PAGE != 0 || (type != MAP_SHARED && type != MAP_PRIVATE)) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	if (flags & MAP_FIXED) {
		errno = ENOTSUP;
		return MAP_FAILED;
	}
	if (length > SIZE_MAX - PAGE) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	(void)address;

	struct mapping *map = malloc(sizeof *map);
	size_t whole = (length + PAGE - 1) / PAGE * PAGE;
	char *start = map ? aligned_alloc(PAGE, whole) : NULL;
	if (!start) {
		free(map);
		errno = ENOMEM;
		return MAP_FAILED;
	}
	memset(start, 0, whole);
	*map = (struct mapping){.start = start, .length = whole, .offset = offset, .fd = -1};

	int error = 0;
	if (!anonymous && read_all(fd, start, length, offset) != 0)
		error = errno;
	/* A mapping outlives the descriptor that it was made from. */
	if (!error && !anonymous && type == MAP_SHARED && protection & PROT_WRITE) {
		map->fd = dup(fd);
		if (map->fd < 0)
			error = errno;
	}
	if (error) {
		free(start);
		free(map);
		errno = error;
		return MAP_FAILED;
	}
	map->next = mappings;
	mappings = map;
	return start;
}

int msync(void *address, size_t length, int flags)
{
	(void)flags;
	struct mapping *map = *find(address);
	if (!map) {
		errno = ENOMEM;
		return -1;
	}
	size_t from = (size_t)((char *)address - map->start);
	if (length > map->length - from)
		length = map->length - from;
	return map->fd < 0 ? 0 : write_back(map, from, length);
}

/* Unmaps a whole mapping: a part of one cannot be given back alone. */
int munmap(void *address, size_t length)
{
	struct mapping **link = find(address);
	struct mapping *map = *link;
	if (!map || address != map->start || (length + PAGE - 1) / PAGE * PAGE != map->length) {
		errno = EINVAL;
		return -1;
	}
	int failed = 0;
	if (map->fd >= 0) {
		failed = write_back(map, 0, map->length);
		close(map->fd);
	}
	*link = map->next;
	free(map->start);
	free(map);
	return failed;
}
