/* A side module: uses the main module's functions and data, and has its own. */

#include <stdio.h>
#include <stdlib.h>

#define EXPORT __attribute__((visibility("default")))

extern int shared_counter;
int main_adds(int a, int b);
void main_notes(char what);

/* Nobody defines it. */
__attribute__((weak)) int nowhere(void);

__attribute__((constructor)) static void construct(void)
{
	main_notes('s');
}

EXPORT int side_add(int a, int b)
{
	return main_adds(a, b);
}

EXPORT int (*side_table[])(int, int) = {main_adds, side_add};
EXPORT const char *side_words[] = {"one", "two"};
EXPORT int side_zeros[1000];

EXPORT int (*side_main_address(void))(int, int)
{
	return main_adds;
}

EXPORT int *side_bump(void)
{
	shared_counter++;
	return &shared_counter;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

EXPORT void side_sort(int *numbers, size_t count)
{
	qsort(numbers, count, sizeof *numbers, compare);
}

EXPORT double side_wide(double a, long long b)
{
	return a + b;
}

EXPORT int side_weak(void)
{
	return nowhere ? nowhere() : 0;
}

EXPORT char *side_print(int number)
{
	static char buffer[32];
	snprintf(buffer, sizeof buffer, "%d is <%d>", number, number);
	return buffer;
}
