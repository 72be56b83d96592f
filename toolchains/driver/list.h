/* Lists of strings, as command lines are made of. They live until the program
   ends, and so do the strings. */

#ifndef DRIVER_LIST_H
#define DRIVER_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	char **items; /* ends with NULL once there is one */
	size_t count, capacity;
};

/* Ends the program with a message if there is no more memory. */
void *allocate(size_t size);

/* Returns a new string, as printf would print it. */
__attribute__((format(printf, 1, 2))) char *format(const char *text, ...);

/* Adds a string, or all of a list that ends with NULL. */
void add(struct list *l, const char *item);
void add_all(struct list *l, char *const *items);

bool starts_with(const char *s, const char *prefix);
bool ends_with(const char *s, const char *suffix);

/* Reports whether s is in a list that ends with NULL. */
bool is_one_of(const char *s, const char *const *list);

/* Returns what comes after the last slash. */
const char *base_name(const char *path);

#endif
