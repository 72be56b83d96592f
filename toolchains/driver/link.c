/* The linker's command line. clang takes wasm-ld's flags from the user as they
   are, and users know those of linkers for ELF. */

#include "cc.h"

#include <string.h>

/* What has no meaning for a WebAssembly module, or goes without saying. */
static const char *const dropped[] = {
	"(", ")", "--allow-shlib-undefined", "--as-needed", "--copy-dt-needed-entries", "--disable-new-dtags",
	"--eh-frame-hdr", "--enable-new-dtags", "--end-group", "--gdb-index", "--no-allow-shlib-undefined",
	"--no-as-needed", "--no-copy-dt-needed-entries", "--no-undefined", "--sort-common", "--start-group",
	"--warn-common", "-(", "-)", "-Bsymbolic", "-Bsymbolic-functions", NULL,
};

/* The same, with a value: after `=` or in the next argument. */
static const char *const dropped_with_value[] = {
	"--dynamic-linker", "--dynamic-list", "--exclude-libs", "--hash-style", "--rpath", "--rpath-link", "--soname",
	"--version-script", "-dynamic-linker", "-h", "-rpath", "-rpath-link", "-soname", NULL,
};

/* Options of wasm-ld with a value that is a path. */
static const char *const with_path[] = {"--Map", "--allow-undefined-file", "--dependency-file", "-L", "-Map", "-o", NULL};

/* Options of wasm-ld with another value in the next argument. */
static const char *const with_value[] = {
	"--defsym", "--entry", "--export", "--export-if-defined", "--undefined", "-e", "-l", "-m", "-mllvm", "-u", "-y", "-z",
	NULL,
};

/* Returns the length of the option's name if the argument is one of a list,
   alone or with `=` and a value, else 0. */
static size_t matches(const char *argument, const char *const *list)
{
	for (; *list; list++) {
		size_t n = strlen(*list);
		if (strncmp(argument, *list, n) == 0 && (argument[n] == '\0' || argument[n] == '='))
			return n;
	}
	return 0;
}

/* Adds what comes of the user's arguments. */
static void translate(struct list *to, const struct request *r, char *const *arguments)
{
	struct list provided = r->shared ? read_flags("provided") : (struct list){0};
	for (char *const *a = arguments; *a; a++) {
		const char *arg = *a, *value = a[1];
		size_t n;
		if (arg[0] != '-') {
			add(to, absolute(arg));
		} else if (is_one_of(arg, dropped)) {
			continue;
		} else if ((n = matches(arg, dropped_with_value))) {
			a += !arg[n] && value;
		} else if ((n = matches(arg, with_path))) {
			if (arg[n]) {
				add(to, format("%.*s=%s", (int)n, arg, absolute(arg + n + 1)));
			} else {
				add(to, arg);
				if (value)
					add(to, absolute(*++a));
			}
		} else if (starts_with(arg, "-L")) {
			add(to, format("-L%s", absolute(arg + 2)));
		} else if (r->shared && starts_with(arg, "-l") && is_one_of(arg + 2, (const char *const *)provided.items)) {
			continue;
		} else if (value && is_one_of(arg, with_value)) {
			a++;
			/* Of ELF's, only the size of the stack has a meaning. A side module is
			   entered nowhere. */
			if ((strcmp(arg, "-z") == 0 && !starts_with(value, "stack-size=")) ||
			    (r->shared && strcmp(arg, "--entry") == 0))
				continue;
			add(to, arg);
			add(to, value);
		} else {
			add(to, arg);
		}
	}
}

struct list link_command(const struct request *r, char *const *arguments)
{
	struct list own = read_flags(r->shared ? "link_side_module" : "link_executable");
	struct list command = {0};
	add(&command, "wasm-ld");
	for (size_t i = 0; i < own.count; i++)
		if (!r->no_start_files || !ends_with(own.items[i], ".o"))
			add(&command, own.items[i]);
	translate(&command, r, arguments);
	if (!r->no_libraries) {
		if (r->cxx && !r->shared)
			add_all(&command, read_flags("link_executable_cxx_libs").items);
		add_all(&command, read_flags(r->shared ? "link_side_module_libs" : "link_executable_libs").items);
	}
	return command;
}
