/* Checks the shell. usage: sh_test REPORT */

#include "table.h"

#include <cowasm/process.h>
#include <stdlib.h>

static const struct row rows[] = {
	/* Words and quotes. */
	{"echo a  b", 0, "a b\n"},
	{"echo 'a  b' \"c  d\" e\\ \\ f", 0, "a  b c  d e  f\n"},
	{"echo \"it's\" '\"' \"\\\"\\$x\\n\"", 0, "it's \" \"$x\\n\n"},
	{"echo a'b'\"c\"d # comment", 0, "abcd\n"},
	{"echo a#b", 0, "a#b\n"},
	{"echo one \\\n two", 0, "one two\n"},
	{"echo '' | cat; echo \"\" x", 0, "\n x\n"},
	{"", 0, ""},
	{"\n\n# nothing\n", 0, ""},

	/* Variables. */
	{"X=1; echo $X ${X}2 \"$X\" '$X'", 0, "1 12 1 $X\n"},
	{"X='a  b'; echo $X; echo \"$X\"", 0, "a b\na  b\n"},
	{"X=; echo [$X] [${X:-none}] [${X-none}] [${Y-none}] [${X:+some}] [${X+some}]", 0, "[] [none] [] [none] [] [some]\n"},
	{"X=abc; echo ${#X} ${X:+\"$X  d\"}", 0, "3 abc  d\n"},
	{"X=1 env; echo $X", 0, "*X=1\n"},
	{"X=1; env; export X; env", 0, "*X=1\n"},
	{"export X=2; X=3; sh -c 'echo $X'; unset X; echo [$X]", 0, "3\n[]\n"},
	{"sh -c 'echo $0 $# $1 \"$@\"' name 'a  b' c", 0, "name 2 a b a  b c\n"},
	{"sh -c 'sh -c \"echo \\$#\" x \"$@\"; shift; echo $1' name 'a b' c", 0, "2\nc\n"},
	{"false; echo $?; true; echo $?", 0, "1\n0\n"},
	{"echo ${X%.c}", 2, "sh: ${X%.c}: is not supported\n"},

	/* Patterns. */
	{"cd /tmp; touch b.x a.x c.y; echo *.x '*.x' \"*\".x *.z", 0, "a.x b.x *.x *.x *.z\n"},
	{"cd /tmp; P='*.x'; echo $P \"$P\"", 0, "a.x b.x *.x\n"},

	/* Lists. */
	{"true && echo yes; false && echo no; false || echo or", 0, "yes\nor\n"},
	{"false && echo no || echo yes", 0, "yes\n"},
	{"true || echo no && echo yes", 0, "yes\n"},
	{"! false && echo yes", 0, "yes\n"},
	{"! true", 1, ""},
	{"true &&\necho yes\necho next", 0, "yes\nnext\n"},
	{"exit 7; echo no", 7, ""},
	{"(exit 3); echo $?", 0, "3\n"},
	{"sh -c 'exit 4'", 4, ""},
	{"set -e; false || true; echo on; false; echo no", 1, "on\n"},
	{"set -e; (false; echo no); echo no", 1, ""},

	/* Groups. */
	{"{ echo a; echo b; } > /tmp/group; cat /tmp/group", 0, "a\nb\n"},
	{"X=1; (X=2; cd /tmp; echo $X; pwd); echo $X; pwd", 0, "2\n/tmp\n1\n/\n"},
	{"X=\"it's\"; (echo \"$X\")", 0, "it's\n"},
	{"{ exit 5; }", 5, ""},

	/* Redirections. */
	{"echo a > /tmp/f; echo b >> /tmp/f; cat < /tmp/f", 0, "a\nb\n"},
	{"sh -c 'echo out; echo err >&2' > /tmp/f 2>&1; cat /tmp/f", 0, "out\nerr\n"},
	{"sh -c 'echo out; echo err >&2' 2> /dev/null", 0, "out\n"},
	{"sh -c 'echo out; echo err >&2' 2>&1 > /dev/null", 0, "err\n"},
	{"> /tmp/new; test -f /tmp/new && echo there", 0, "there\n"},
	{"cat < /tmp/none; echo $?", 0, "sh: /tmp/none: No such file or directory\n1\n"},
	{"echo x >&2; echo y >&-; echo z", 0, "*z\n"},
	{"cat 5< /tmp/f", 2, "sh: 5: no descriptor but 0, 1 and 2 can be redirected\n"},

	/* Pipelines. */
	{"echo a b | cat", 0, "a b\n"},
	{"X=v; echo $X | cat | cat", 0, "v\n"},
	{"echo a | (cat; echo b) | { cat; echo c; }", 0, "a\nb\nc\n"},
	{"false | true", 0, ""},
	{"true | false", 1, ""},
	{"cat /etc/cowasm/program.symbols | cat > /tmp/symbols; test -s /tmp/symbols", 0, ""},

	/* Substitutions. */
	{"echo $(echo a; echo b) \"$(echo c; echo d)\"", 0, "a b c\nd\n"},
	{"echo `echo a \\`echo b\\``", 0, "a b\n"},
	{"X=$(echo 'a)b'); echo $X", 0, "a)b\n"},
	{"X=$(exit 3); echo $?", 0, "3\n"},
	{"echo $((1 + 1))", 2, "sh: $((...)): is not supported\n"},

	/* Programs. */
	{"nothing", 127, "sh: nothing: not found\n"},
	{"/tmp", 126, "sh: /tmp: *"},
	{"echo no program > /tmp/text; /tmp/text", 126, "sh: /tmp/text: Exec format error\n"},
	{"echo 'echo script $1' > /tmp/s; sh /tmp/s x", 0, "script x\n"},
	{"printf", 127, "sh: printf: not found\n"},
	{"PATH=/nowhere; /bin/echo hi; cat /dev/null; env", 0, "hi\n*"},
	{"exec echo replaced; echo no", 0, "replaced\n"},

	/* Small commands. */
	{"mkdir /tmp/d/e", 1, "sh: /tmp/d/e: No such file or directory\n"},
	{"mkdir -p /tmp/d/e /tmp/d/e && touch /tmp/d/e/f && cp -r /tmp/d /tmp/d2 && test -f /tmp/d2/e/f", 0, ""},
	{"cp /tmp/d /tmp/d3", 1, "sh: /tmp/d: is a directory; -r copies it\n"},
	{"cd /tmp; cp f d; mv d/f d/g; ln -s g d/h; cat d/h; rm d/h; ln -sf f d/l && ln -sf g d/l", 0, "out\nerr\n"},
	{"rm /tmp/d; echo $?; rm -r /tmp/d && test ! -e /tmp/d", 0, "*1\n"},
	{"rm /tmp/none; rm -f /tmp/none", 0, "sh: /tmp/none: No such file or directory\n"},
	{"rm -z x", 2, "sh: rm: -z is no option that it has here; it has frR\n"},
	{"[ a = a ] && [ 2 -lt 10 ] && [ ! -e /none ] && test -n x && ! [ -z x ] && test -d / && echo all", 0, "all\n"},
	{"[ a = a", 2, "sh: [: there is no ] at the end\n"},
	{"test 1 -lt x", 2, "sh: x: is no number\n"},
	{"echo -n a; sleep 100; echo b", 0, "ab\n"},
	{"env -i A=1 sh -c 'echo $A $PATH'", 0, "1\n"},

	/* What there is not. */
	{"for x in a; do echo; done", 2, "sh: for: is not supported: this shell has *"},
	{"f() { echo; }", 2, "sh: the function f: is not supported*"},
	{"sleep 1 &", 2, "sh: &: is not supported*"},
	{"cat << EOF\nx\nEOF", 2, "sh: <<: is not supported*"},
	{"echo 'a", 2, "sh: syntax error: a ' is never closed\n"},
	{"(echo a", 2, "sh: syntax error: a ( is never closed\n"},
	{"echo a | | echo b", 2, "sh: syntax error: | echo b is not expected\n"},
	{"echo a &&", 2, "sh: syntax error: the script ends too early\n"},
	{"echo $(echo", 2, "sh: syntax error: a ( is never closed\n"},
	{")", 2, "sh: syntax error: ) is not expected\n"},
};

/* What of C's library runs the shell. */
static void test_library(void)
{
	char line[64];
	CHECK(system(NULL) != 0);
	int status = system("exit 9");
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);

	FILE *f = popen("echo hello; exit 3", "r");
	CHECK(f && fgets(line, sizeof line, f) && strcmp(line, "hello\n") == 0);
	status = pclose(f);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);

	f = popen("cat > /tmp/written", "w");
	CHECK(f && fputs("text", f) >= 0 && pclose(f) == 0);
	f = fopen("/tmp/written", "r");
	CHECK(f && fgets(line, sizeof line, f) && strcmp(line, "text") == 0);
	CHECK(popen("true", "x") == NULL && errno == EINVAL);
	CHECK(pclose(f) == -1 && errno == ECHILD && fclose(f) == 0);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(&rows[i]);
	test_library();
	return write_report(argv[1]);
}
