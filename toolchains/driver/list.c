#include "list.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *allocate(size_t size)
{
	void *p = malloc(size);
	if (!p) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return p;
}

char *format(const char *text, ...)
{
	va_list arguments;
	va_start(arguments, text);
	char *s;
	if (vasprintf(&s, text, arguments) < 0)
		s = allocate((size_t)-1);
	va_end(arguments);
	return s;
}

void add(struct list *l, const char *item)
{
	if (l->count + 1 >= l->capacity) {
		size_t capacity = 2 * l->capacity + 16;
		char **grown = allocate(capacity * sizeof *grown);
		if (l->count)
			memcpy(grown, l->items, l->count * sizeof *grown);
		free(l->items);
		l->items = grown;
		l->capacity = capacity;
	}
	l->items[l->count++] = (char *)item;
	l->items[l->count] = NULL;
}

void add_all(struct list *l, char *const *items)
{
	while (items && *items)
		add(l, *items++);
}

bool starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);
	return n >= m && strcmp(s + n - m, suffix) == 0;
}

bool is_one_of(const char *s, const char *const *list)
{
	while (*list && strcmp(*list, s) != 0)
		list++;
	return *list;
}

const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}
