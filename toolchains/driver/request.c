/* What a command line of the compiler asks for. */

#include "cc.h"

#include <string.h>

/* Options whose value is the next argument. */
static const char *const with_value[] = {
	"--output", "--param", "--sysroot", "-B", "-D", "-F", "-I", "-L", "-MF", "-MQ", "-MT", "-T", "-U",
	"-Xassembler", "-Xclang", "-Xlinker", "-Xpreprocessor", "-arch", "-aux-info", "-dumpdir", "-e", "-idirafter",
	"-imacros", "-include", "-iprefix", "-iquote", "-isysroot", "-isystem", "-iwithprefix", "-iwithprefixbefore",
	"-l", "-mllvm", "-o", "-serialize-diagnostics", "-target", "-u", "-working-directory", "-x", "-z", NULL,
};

/* Options after which nothing is linked. */
static const char *const without_link[] = {
	"--analyze", "--preprocess", "-E", "-M", "-MM", "-S", "-c", "-emit-ast", "-fsyntax-only", NULL,
};

/* Threads need a memory that is shared, which no program here has. */
static const char *const dropped[] = {"-pthread", "-pthreads", "-mthreads", "-rdynamic", NULL};

/* What a file is, by the end of its name. */
static const char *const source_ends[] = {
	".C", ".CPP", ".S", ".c", ".c++", ".cc", ".cp", ".cpp", ".cxx", ".i", ".ii", ".ll", ".m", ".mm", ".s", ".sx", NULL,
};
static const char *const assembly_ends[] = {".S", ".s", ".sx", NULL};

static bool ends_with_one_of(const char *s, const char *const *list)
{
	while (*list && !ends_with(s, *list))
		list++;
	return *list;
}

/* Takes in the name of a file, of a language if one is given. */
static void add_input(struct request *r, const char *file, const char *language)
{
	r->inputs++;
	if (language ? starts_with(language, "assembler") : ends_with_one_of(file, assembly_ends))
		r->assembles = true;
	if (language || strcmp(file, "-") == 0 || ends_with_one_of(file, source_ends))
		r->sources++;
}

struct request read_request(bool cxx, char *const *argv)
{
	struct request r = {.cxx = cxx, .links = true};
	const char *language = NULL;
	bool for_linker = false;
	for (; argv && *argv; argv++) {
		const char *arg = *argv;
		if (is_one_of(arg, dropped))
			continue;
		add(&r.args, arg);
		if (is_one_of(arg, with_value) && argv[1]) {
			add(&r.args, *++argv);
			if (strcmp(arg, "-x") == 0)
				language = strcmp(*argv, "none") == 0 ? NULL : *argv;
			for_linker |= strcmp(arg, "-Xlinker") == 0 || strcmp(arg, "-l") == 0;
		} else if (arg[0] != '-' || strcmp(arg, "-") == 0) {
			add_input(&r, arg, language);
		} else if (is_one_of(arg, without_link)) {
			r.links = false;
		} else if (strcmp(arg, "-shared") == 0 || strcmp(arg, "--shared") == 0) {
			r.shared = true;
		} else if (strcmp(arg, "-nostdlib") == 0) {
			r.no_start_files = r.no_libraries = true;
		} else if (strcmp(arg, "-nostartfiles") == 0) {
			r.no_start_files = true;
		} else if (strcmp(arg, "-nodefaultlibs") == 0) {
			r.no_libraries = true;
		} else if (starts_with(arg, "-save-temps") || starts_with(arg, "--save-temps")) {
			r.several = true;
		} else if (starts_with(arg, "-x")) {
			language = strcmp(arg, "-xnone") == 0 ? NULL : arg + 2;
		} else if (starts_with(arg, "-Wl,") || starts_with(arg, "-l")) {
			for_linker = true;
		}
	}
	r.queries = r.inputs == 0 && !for_linker;
	return r;
}
