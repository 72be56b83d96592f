/* test, which is also called [. */

#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRUE = 0, FALSE = 1, WRONG = 2 };

static int truth(bool b)
{
	return b ? TRUE : FALSE;
}

static int test_one(const char *operator, const char *what)
{
	struct stat s;
	if (operator[0] != '-' || !operator[1] || operator[2])
		return complain(WRONG, operator, "is no operator of test");
	switch (operator[1]) {
	case 'n':
		return truth(what[0]);
	case 'z':
		return truth(!what[0]);
	case 'e':
		return truth(stat(what, &s) == 0);
	case 'f':
		return truth(stat(what, &s) == 0 && S_ISREG(s.st_mode));
	case 'd':
		return truth(stat(what, &s) == 0 && S_ISDIR(s.st_mode));
	case 'h':
	case 'L':
		return truth(lstat(what, &s) == 0 && S_ISLNK(s.st_mode));
	case 's':
		return truth(stat(what, &s) == 0 && s.st_size > 0);
	case 'r':
	case 'w':
	case 'x':
		return truth(access(what, F_OK) == 0);
	default:
		return complain(WRONG, operator, "is no operator of test");
	}
}

static bool is_number(const char *s, long *value)
{
	char *end;
	*value = strtol(s, &end, 10);
	return *s && !*end;
}

static int test_two(const char *a, const char *operator, const char *b)
{
	static const char *const numeric[] = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge", NULL};
	long x, y;
	if (strcmp(operator, "=") == 0 || strcmp(operator, "==") == 0)
		return truth(strcmp(a, b) == 0);
	if (strcmp(operator, "!=") == 0)
		return truth(strcmp(a, b) != 0);
	if (!is_one_of(operator, numeric))
		return complain(WRONG, operator, "is no operator of test");
	if (!is_number(a, &x) || !is_number(b, &y))
		return complain(WRONG, is_number(a, &x) ? b : a, "is no number");
	switch (operator[1] << 8 | operator[2]) {
	case 'e' << 8 | 'q':
		return truth(x == y);
	case 'n' << 8 | 'e':
		return truth(x != y);
	case 'l' << 8 | 't':
		return truth(x < y);
	case 'l' << 8 | 'e':
		return truth(x <= y);
	case 'g' << 8 | 't':
		return truth(x > y);
	default:
		return truth(x >= y);
	}
}

static int evaluate(int n, char **a)
{
	if (n > 1 && strcmp(a[0], "!") == 0 && n != 3) {
		int result = evaluate(n - 1, a + 1);
		return result == WRONG ? WRONG : !result;
	}
	switch (n) {
	case 0:
		return FALSE;
	case 1:
		return truth(a[0][0]);
	case 2:
		return test_one(a[0], a[1]);
	case 3:
		if (strcmp(a[0], "!") == 0 && strcmp(a[1], "=") != 0 && strcmp(a[1], "!=") != 0) {
			int result = test_one(a[1], a[2]);
			return result == WRONG ? WRONG : !result;
		}
		return test_two(a[0], a[1], a[2]);
	default:
		return complain(WRONG, "test", "takes one comparison here; combine several with && and ||");
	}
}

int do_test(int argc, char **argv)
{
	if (strcmp(argv[0], "[") == 0 && strcmp(argv[--argc], "]") != 0)
		return complain(WRONG, "[", "there is no ] at the end");
	return evaluate(argc - 1, argv + 1);
}
