/* Returns a name, or NULL if there are not so many. */
const char *name(int number);
