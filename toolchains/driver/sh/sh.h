/* A shell for build systems: that part of POSIX's shell which command lines in
   build files use. Whatever else is asked of it is an error that says so.

   There is no fork. What has to run beside the shell itself, such as a part of a
   pipeline, is its text, given to another shell. */

#ifndef SH_SH_H
#define SH_SH_H

#include "../list.h"

#include <stdbool.h>

/* A redirection: `fd operator target`. */
struct redirection {
	struct redirection *next;
	int fd;
	enum { READ, WRITE, APPEND, DUPLICATE } kind;
	const char *target; /* a word */
};

struct pipeline;

/* A command. Words are as they were written, with their quotes. */
struct command {
	enum { SIMPLE, GROUP, SUBSHELL } kind;
	struct list assignments, words; /* of SIMPLE */
	struct pipeline *body;          /* of the others */
	struct redirection *redirections;
	const char *text;               /* all of it */
	const char *inner;              /* of SUBSHELL: what is within the parentheses */
};

/* Commands whose output is the next one's input, and what comes after them. */
struct pipeline {
	bool negated;
	struct command **commands;
	size_t count;
	enum { ALWAYS, IF_TRUE, IF_FALSE } then; /* when to go on with next */
	struct pipeline *next;
};

/* Parses a script. Ends the program if there is an error in it. */
struct pipeline *parse(const char *script);

/* Returns whether a character ends a word unless it is quoted. */
bool is_operator(char c);

/* Returns what comes after the quoted or substituted part that a word has at
   `at`, or after the one character there. */
const char *skip_part(const char *at);

/* Returns the fields that words expand to: variables and commands replaced, split
   at white space, and patterns replaced by the files that match. */
struct list expand(const struct list *words);

/* Returns what one word expands to, in one piece. */
const char *expand_one(const char *word);

/* The shell's state. */
extern int last_status;
extern const char *shell_name;
extern struct list parameters; /* $1 and so on */
extern bool exit_on_error;     /* set -e */

/* Variables that are not exported. */
void set_variable(const char *name, const char *value);
const char *get_variable(const char *name);
void export_variable(const char *name);
void unset_variable(const char *name);

/* Returns the length of the name at the start of s, or 0. */
size_t name_length(const char *s);

/* Returns the command line of another shell that runs a script in the state that
   this one is in. */
struct list shell_command(const char *script);

/* Runs a script and returns its exit status. */
int run(const struct pipeline *p);

/* Starts a program with descriptors of this one as its 0 and 1. Returns its
   number, or less than 0 after a message; *status is then what to exit with. */
int start(char *const *argv, int in, int out, int *status);

/* Waits for a program that was started and returns its exit status. */
int wait_for(int pid);

/* Reads what a script writes, without the line breaks at its end. */
char *output_of(const char *script);

/* A command that the shell does itself. */
typedef int builtin(int argc, char **argv);

/* Returns the command of a name, or NULL. */
builtin *find_builtin(const char *name);

/* The same of those that need no shell: cp, rm and so on. */
builtin *find_utility(const char *name);

/* Prints "sh: what: why" and returns code. */
int complain(int code, const char *what, const char *why);

/* The same, and ends the program. */
_Noreturn void fail(const char *what, const char *why);

#endif
