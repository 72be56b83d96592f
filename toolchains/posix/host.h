/* The sandbox's host beyond WASI: the import module "cowasm". Each function
   returns a number that is not negative, or the negative of a WASI errno. */

#ifndef COWASM_HOST_H
#define COWASM_HOST_H

#include <stddef.h>
#include <stdint.h>

#define COWASM_IMPORT(name) __attribute__((import_module("cowasm"), import_name(#name)))

/* Returns another descriptor for what fd means, the lowest that is free. */
COWASM_IMPORT(dup) int32_t cowasm_dup(int32_t fd);

/* Makes the descriptor `to`, which is closed if it is open, mean what fd means. */
COWASM_IMPORT(dup2) int32_t cowasm_dup2(int32_t fd, int32_t to);

/* Makes a pipe: fds[0] is for reading, fds[1] for writing. */
COWASM_IMPORT(pipe) int32_t cowasm_pipe(int32_t fds[2]);

/* Makes two stream sockets that are connected to each other. */
COWASM_IMPORT(socketpair) int32_t cowasm_socketpair(int32_t fds[2]);

/* Locks the open file that fd means, as flock(2) does. */
COWASM_IMPORT(flock) int32_t cowasm_flock(int32_t fd, int32_t operation);

/* A descriptor of the parent, and which descriptor of the child it becomes. */
struct cowasm_descriptor {
	int32_t parent, child;
};

/* Starts the program in a file, relative to cwd, and returns the child's
   number. argv and environment are strings one after another, each with its
   NUL. The child has no descriptors but those of fds. */
COWASM_IMPORT(spawn)
int32_t cowasm_spawn(const char *path, size_t path_size, const char *argv, size_t argv_size, const char *environment,
                     size_t environment_size, const char *cwd, size_t cwd_size, const struct cowasm_descriptor *fds,
                     size_t count);

/* Waits for the end of a child, or of any if pid is -1, and returns its number.
   With option 1 it returns 0 if none has ended. The status is that of POSIX. */
COWASM_IMPORT(wait) int32_t cowasm_wait(int32_t pid, uint32_t *status, int32_t options);

/* Ends a child that has not ended. */
COWASM_IMPORT(kill) int32_t cowasm_kill(int32_t pid, int32_t signal);

/* Returns the number of this process. */
COWASM_IMPORT(getpid) int32_t cowasm_getpid(void);

/* Starts a thread: cowasm_thread(argument) is called, with `stack` as its stack
   pointer. It runs until it has to wait. */
COWASM_IMPORT(thread) int32_t cowasm_start_thread(void *argument, void *stack);

/* Ends the thread that calls it, which may not be the first. */
COWASM_IMPORT(thread_exit) int32_t cowasm_thread_exit(void);

/* Gives each thread its own of these bytes. There may be one thread only yet. */
COWASM_IMPORT(thread_local) int32_t cowasm_thread_local(void *address, size_t size);

/* Waits to be woken by the name of an address, for some nanoseconds at most if
   that is not negative. */
COWASM_IMPORT(park) int32_t cowasm_park(const void *address, int64_t nanoseconds);

/* Wakes those that wait there longest, and returns how many. */
COWASM_IMPORT(unpark) int32_t cowasm_unpark(const void *address, uint32_t count);

/* How much a terminal shows. */
struct cowasm_size {
	uint32_t rows, columns;
};

/* Stores the size of a terminal. */
COWASM_IMPORT(terminal_size) int32_t cowasm_terminal_size(int32_t fd, struct cowasm_size *size);

/* What a terminal does: input comes by the line; what is typed is shown; keys
   are signals; return is a newline; a newline begins a line. */
enum { COWASM_LINES = 1, COWASM_ECHO = 2, COWASM_SIGNALS = 4, COWASM_INPUT = 8, COWASM_OUTPUT = 16 };

/* Returns the mode of a terminal, the sum of those. */
COWASM_IMPORT(terminal_mode) int32_t cowasm_terminal_mode(int32_t fd);

/* Sets the mode of a terminal. */
COWASM_IMPORT(terminal_set_mode) int32_t cowasm_terminal_set_mode(int32_t fd, int32_t mode);

/* Links the side module in a file to this program and returns a handle. */
COWASM_IMPORT(dlopen) int32_t cowasm_dlopen(const char *path, size_t length, int32_t flags);

/* Stores the address of a symbol. */
COWASM_IMPORT(dlsym) int32_t cowasm_dlsym(uint32_t handle, const char *name, size_t length, void **value);

/* Ends the use of a handle. */
COWASM_IMPORT(dlclose) int32_t cowasm_dlclose(uint32_t handle);

/* Copies what went wrong last with the three above and returns its length. */
COWASM_IMPORT(dlerror) int32_t cowasm_dlerror(char *buffer, size_t size);

#endif
