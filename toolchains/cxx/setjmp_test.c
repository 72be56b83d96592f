/* Checks setjmp in C. usage: setjmp_test REPORT */

#include "../posix/check.h"

#include <setjmp.h>
#include <stdlib.h>

static jmp_buf outer, inner;

static void jump(jmp_buf target, int depth, int value)
{
	if (depth > 0)
		jump(target, depth - 1, value);
	longjmp(target, value);
}

static void test_values(void)
{
	volatile int rounds = 0;
	int value = setjmp(outer);
	rounds++;
	if (value < 5)
		jump(outer, 10 * value, value + 1);
	CHECK(value == 5 && rounds == 6);

	/* Zero would look as if nobody had jumped. */
	value = setjmp(outer);
	if (value == 0)
		longjmp(outer, 0);
	CHECK(value == 1);
}

static int nested(int to_outer)
{
	switch (setjmp(inner)) {
	case 0:
		jump(to_outer ? outer : inner, 3, 7);
	default:
		return 1;
	}
}

static void test_nested(void)
{
	volatile int passed_by = 0;
	CHECK(nested(0) == 1);
	if (setjmp(outer) == 0) {
		nested(1);
		passed_by = 1;
	}
	CHECK(!passed_by);
}

static int compare(const void *a, const void *b)
{
	longjmp(outer, 1 + (*(const int *)a > *(const int *)b));
}

static void test_through_library(void)
{
	int numbers[] = {2, 1};
	int value = setjmp(outer);
	if (value == 0)
		qsort(numbers, 2, sizeof *numbers, compare);
	CHECK(value != 0 && numbers[0] == 2);
}

/* Errors as in libpng and freetype: one place for all of them. */
static int parse(const char *text)
{
	volatile int parsed = 0;
	if (setjmp(outer))
		return -parsed;
	for (; *text; text++) {
		if (*text == '!')
			jump(outer, 2, 1);
		parsed++;
	}
	return parsed;
}

static void test_errors(void)
{
	CHECK(parse("abc") == 3);
	CHECK(parse("ab!c") == -2);
	CHECK(parse("abcd") == 4);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	test_values();
	test_nested();
	test_through_library();
	test_errors();
	return write_report(argv[1]);
}
