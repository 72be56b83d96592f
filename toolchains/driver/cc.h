/* The compiler as build systems know it: `cc` and its kin over clang, wasm-ld
   and the binary tools of LLVM, which are one WebAssembly program that can
   neither start others nor work in a directory of its own. */

#ifndef DRIVER_CC_H
#define DRIVER_CC_H

#include "list.h"

#include <stdbool.h>

/* Where that program is; argv[0] tells it which tool to be. */
#define LLVM "/usr/libexec/cowasm/llvm"

/* Returns what the toolchain adds to the command lines of a kind, such as
   `compile_c`. Ends the program if it cannot be read. */
#define FLAGS "/etc/cowasm/flags"
struct list read_flags(const char *kind);

/* What a command line asks for. */
struct request {
	struct list args; /* without what is not for clang */
	bool cxx;
	bool links, shared, queries;
	bool no_start_files, no_libraries; /* -nostartfiles, -nodefaultlibs */
	int inputs, sources;
	bool assembles; /* a source is in assembly language */
	bool several;   /* one source takes more than one step */
};

struct request read_request(bool cxx, char *const *argv);

/* Returns the arguments with each @FILE replaced by what is in the file. */
struct list expand_response_files(char *const *argv);

/* Returns an absolute path, as seen from the working directory. */
const char *absolute(const char *path);

/* Runs a tool of LLVM in the root directory and returns its exit code. */
int run_llvm(char *const *argv);

/* The same; what it writes to stderr is returned as a string. */
int run_llvm_reading(char *const *argv, char **errors);

/* The same; what it writes to stdout becomes a file. */
int run_llvm_writing(char *const *argv, const char *path);

/* Does what is asked, by the commands that clang would run. */
int run_jobs(const struct request *r, struct list command);

/* Returns the linker's command for the one that clang would run. */
struct list link_command(const struct request *r, char *const *arguments);

/* Runs one of the binary tools. Returns -1 if there is none of that name. */
int run_binutil(const char *name, char *const *argv);

#endif
