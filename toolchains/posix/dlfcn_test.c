/* Checks the linker with modules that the compiler made: see testdata. The main
   module. usage: dlfcn_test SIDE NEEDS REPORT */

#include "check.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What side modules use of this one. */
int shared_counter = 40;

int main_adds(int a, int b)
{
	return a + b;
}

int (*const main_pointer)(int, int) = main_adds;

char constructed[16];

void main_notes(char what)
{
	constructed[strlen(constructed)] = what;
}

static const char *side_path, *needs_path;

static void test_errors(void)
{
	CHECK(dlerror() == NULL);
	CHECK(dlopen("/nowhere.so", RTLD_NOW) == NULL);
	char *message = dlerror();
	CHECK(message && strstr(message, "/nowhere.so: no such file or directory"));
	CHECK(dlerror() == NULL);
	CHECK(dlsym(NULL, "no_such_symbol") == NULL);
	message = dlerror();
	CHECK(message && strstr(message, "no_such_symbol"));
	CHECK(dlopen("/", RTLD_NOW) == NULL && dlerror());
	CHECK(dlclose((void *)99) == -1 && dlerror());
}

static void test_main(void)
{
	void *self = dlopen(NULL, RTLD_NOW);
	CHECK(self);
	CHECK(dlsym(self, "main_adds") == (void *)main_adds);
	CHECK(dlsym(RTLD_DEFAULT, "shared_counter") == &shared_counter);
	CHECK(dlsym(self, "strlen") == (void *)strlen);
}

static void test_needs(void)
{
	void *handle = dlopen(needs_path, RTLD_NOW | RTLD_LOCAL);
	CHECK(handle);
	if (!handle) {
		CHECK_MESSAGE(0, dlerror());
		return;
	}
	CHECK(strcmp(constructed, "sn") == 0);
	int (*needs_sum)(void) = (int (*)(void))dlsym(handle, "needs_sum");
	CHECK(needs_sum && needs_sum() == 40 + 2 + 7);
	/* What it needs is found through it, but not by all. */
	void *through = dlsym(handle, "side_add");
	CHECK(through);
	CHECK(dlsym(RTLD_DEFAULT, "side_add") == NULL && dlerror());

	void *side = dlopen(side_path, RTLD_NOW | RTLD_GLOBAL);
	CHECK(side && strcmp(constructed, "sn") == 0);
	CHECK(dlsym(side, "side_add") == through);
	CHECK(dlsym(RTLD_DEFAULT, "side_add") == through);
	CHECK(dlopen(side_path, RTLD_NOW | RTLD_NOLOAD) == side);
	CHECK(dlclose(side) == 0);
}

static void test_side(void)
{
	void *side = dlopen(side_path, RTLD_NOW);
	if (!side)
		return;
	/* A function has one address. */
	int (**table)(int, int) = dlsym(side, "side_table");
	CHECK(table && table[0] == main_adds && table[0](1, 2) == 3);
	CHECK(table && (void *)table[1] == dlsym(side, "side_add"));
	int (*(*main_address)(void))(int, int) = (int (*(*)(void))(int, int))dlsym(side, "side_main_address");
	CHECK(main_address && main_address() == main_adds && main_address() == main_pointer);

	/* Data of one is data of the other. */
	int *(*bump)(void) = (int *(*)(void))dlsym(side, "side_bump");
	CHECK(bump && bump() == &shared_counter && shared_counter == 41);
	int *zeros = dlsym(side, "side_zeros");
	int sum = 0;
	for (int i = 0; zeros && i < 1000; i++)
		sum |= zeros[i];
	CHECK(zeros && sum == 0);
	const char **words = dlsym(side, "side_words");
	CHECK(words && strcmp(words[1], "two") == 0);

	/* Calls back and forth, and through the C library. */
	int numbers[] = {3, 1, 2};
	void (*sort)(int *, size_t) = (void (*)(int *, size_t))dlsym(side, "side_sort");
	CHECK(sort);
	if (sort)
		sort(numbers, 3);
	CHECK(numbers[0] == 1 && numbers[1] == 2 && numbers[2] == 3);
	double (*wide)(double, long long) = (double (*)(double, long long))dlsym(side, "side_wide");
	CHECK(wide && wide(0.5, 1LL << 40) == 1099511627776.5);
	int (*weak)(void) = (int (*)(void))dlsym(side, "side_weak");
	CHECK(weak && weak() == 0);
	char *(*print)(int) = (char *(*)(int))dlsym(side, "side_print");
	CHECK(print && strcmp(print(42), "42 is <42>") == 0);
}

static void test_relative(void)
{
	char folder[256];
	snprintf(folder, sizeof folder, "%s", side_path);
	char *name = strrchr(folder, '/');
	CHECK(name);
	if (!name)
		return;
	*name++ = '\0';
	void *side = dlopen(side_path, RTLD_NOW);
	CHECK(chdir(folder) == 0 && dlopen(name, RTLD_NOW | RTLD_NOLOAD) == side);
	CHECK(chdir("/") == 0);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	side_path = argv[1];
	needs_path = argv[2];
	test_errors();
	test_main();
	test_needs();
	test_side();
	test_relative();
	return write_report(argv[3]);
}
