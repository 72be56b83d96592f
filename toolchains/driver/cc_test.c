/* Checks the compiler as build systems call it. usage: cc_test REPORT */

#include "table.h"

#define IN_TREE "cd /tmp/project/build && "

static const struct row rows[] = {
	/* A small project. */
	{"mkdir -p /tmp/project/src /tmp/project/include /tmp/project/build && cd /tmp/project && "
	 "echo '#include \"answer.h\"\nint answer(void) { return ANSWER; }' > src/answer.c && "
	 "echo '#define ANSWER 42\nint answer(void);' > include/answer.h && "
	 "echo '#include <stdio.h>\n#include <unistd.h>\n#include \"answer.h\"\nint main(void) { char b[99]; "
	 "printf(\"%d %s %s\\n\", answer(), getcwd(b, 99), __FILE__); }' > src/main.c && "
	 "echo '#include <iostream>\n#include <vector>\nint main() { std::vector<int> v{1, 2}; "
	 "std::cout << v.size() << \"\\n\"; }' > src/main.cc && "
	 "echo 'extern int PyLong_AsLong(void *); double sin(double);\n__attribute__((visibility(\"default\"))) double f(void *p) "
	 "{ return sin(PyLong_AsLong(p)); }' > src/module.c && "
	 "echo '#include <setjmp.h>\nstatic jmp_buf to; static int depth; "
	 "static void leave(int n) { if (n > 0) leave(n - 1); else longjmp(to, 7); depth++; }\n"
	 "int run(void) { volatile int before = 5; int code = setjmp(to); if (code == 0) leave(3); return 10 * code + before + depth; }' > src/jump.c && "
	 "echo 'int missing(void); __attribute__((visibility(\"default\"))) int f(void) { return missing(); }' > src/broken.c",
	 0, ""},

	/* Questions. */
	{"cc --version", 0, "clang version *"},
	{"cc --version", 0, "*Target: wasm32-unknown-wasip1"},
	{"c++ --version", 0, "clang version *"},
	{"gcc -dumpmachine", 0, "wasm32-unknown-wasip1\n"},
	{"cc -print-file-name=libc.a", 0, "*libc.a\n"},
	{"cc -Wl,--version", 0, "LLD *"},
	{"echo __wasi__ | cc -E -P -", 0, "1\n"},
	{"cc", 1, "*no input files"},

	/* One step, seen from a directory. */
	{IN_TREE "cc -I../include -MD -MF a.d -c ../src/answer.c -o a.o && cat a.d", 0,
	 "a.o: ../src/answer.c ../include/answer.h\n"},
	{IN_TREE "cc -I ../include -MMD -c ../src/main.c && cat main.d", 0, "main.o: ../src/main.c ../include/answer.h\n"},
	{IN_TREE "cc -E -P -include ../include/answer.h -x c - < /dev/null", 0, "*int answer(void);"},
	{IN_TREE "cc -S ../src/broken.c && test -s broken.s && cc -c broken.s -o broken.o && test -s broken.o", 0, ""},
	{IN_TREE "cc -fsyntax-only ../src/answer.c", 1, "../src/answer.c:1:10: fatal error: 'answer.h' file not found*"},
	{IN_TREE "cc -c ../src/none.c", 1, "*no such file or directory: '../src/none.c'"},
	{IN_TREE "echo 'int f(void) { int x; }' | cc -Werror -Wunused-variable -x c -c - -o /dev/null", 1, "*unused variable"},
	{IN_TREE "echo 'int x;' | cc -Wno-such-warning -Werror -x c -c - -o /dev/null", 1, "*unknown warning option"},

	/* Several steps. */
	{IN_TREE "cc main.o a.o -o program && ./program", 0, "42 /tmp/project/build ../src/main.c\n"},
	{IN_TREE "cd / && /tmp/project/build/program", 0, "42 / ../src/main.c\n"},
	{IN_TREE "cc -I../include ../src/main.c ../src/answer.c -MD -MF both.d && ./a.out && test -s both.d", 0, "42 *"},
	{IN_TREE "cc -I../include -c ../src/main.c ../src/answer.c && test -f main.o && test -f answer.o", 0, ""},
	{IN_TREE "echo '-I../include ../src/main.c \"a.o\"' > line && cc -o program @line && ./program", 0, "42 *"},
	{IN_TREE "echo @loop > loop && cc @loop", 1, "cc: @loop: it includes itself\n"},
	{IN_TREE "echo 'int missing(void); int main(void) { return missing(); }' | cc -x c -", 1, "*undefined symbol: missing"},
	{IN_TREE "cc -Wall ../include/none.c -o x", 1, "*no such file or directory: '../include/none.c'"},
	{IN_TREE "echo 'int main(void) { int x; return 0; }' > w.c && cc -Wall w.c -o w", 0, "*unused variable"},
	{IN_TREE "cc main.o a.o -Wl,--no-such-flag", 1, "*--no-such-flag"},
	{IN_TREE "cc main.o a.o -lnone", 1, "*unable to find library -lnone"},
	{IN_TREE "cc -pthread -rdynamic main.o -Wl,--start-group a.o -lm -ldl -Wl,--end-group -Wl,--as-needed "
	         "-Wl,-rpath,'$ORIGIN' -Wl,--no-undefined -Wl,-z,relro -Wl,-O1 -o p && ./p",
	 0, "42 *"},
	/* Nothing is left behind. */
	{"cd /tmp && echo cc-*", 0, "cc-*\n"},

	/* C++. */
	{IN_TREE "c++ -std=c++17 -fno-exceptions ../src/main.cc -o cxx && ./cxx", 0, "2\n"},

	/* setjmp needs no flags. */
	{IN_TREE "echo '#include <stdio.h>\nint run(void); int main(void) { printf(\"%d\\n\", run()); }' > jumps.c && "
	         "cc -O2 jumps.c ../src/jump.c -o jumps && ./jumps",
	 0, "75\n"},
	{IN_TREE "cc -O0 jumps.c ../src/jump.c -o jumps && ./jumps", 0, "75\n"},

	/* Shared modules. */
	{IN_TREE "cc -shared -fPIC ../src/jump.c -o jump.so && test -s jump.so", 0, ""},
	{IN_TREE "cc -fPIC -c ../src/module.c && cc -shared module.o -Wl,-soname,module.so -lm -lpthread -o module.so && "
	         "nm -j module.so",
	 0, "*f\n"},
	{IN_TREE "cc -shared -fPIC ../src/module.c -o module2.so && test -s module2.so", 0, ""},
	{IN_TREE "cc -shared -fPIC ../src/broken.c -o broken.so", 1, "*undefined symbol: missing"},
	{IN_TREE "test -e broken.so", 1, ""},

	/* The binary tools. */
	{IN_TREE "ar rcs libanswer.a a.o && ranlib libanswer.a && ar t libanswer.a && cc main.o -L. -lanswer -o q && ./q", 0,
	 "a.o\n42 *"},
	{IN_TREE "mkdir out && cd out && ar x ../libanswer.a && nm a.o", 0, "*T answer\n"},
	{IN_TREE "ar csrDT libthin.a a.o && cc main.o libthin.a -o r && ./r", 0, "42 *"},
	{IN_TREE "strip -o stripped program && ./stripped && strip program && ./program", 0, "42 *"},
	{IN_TREE "ar t none.a", 1, "*none.a"},
};

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(&rows[i]);
	return write_report(argv[1]);
}
