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

/* Links the side module in a file to this program and returns a handle. */
COWASM_IMPORT(dlopen) int32_t cowasm_dlopen(const char *path, size_t length, int32_t flags);

/* Stores the address of a symbol. */
COWASM_IMPORT(dlsym) int32_t cowasm_dlsym(uint32_t handle, const char *name, size_t length, void **value);

/* Ends the use of a handle. */
COWASM_IMPORT(dlclose) int32_t cowasm_dlclose(uint32_t handle);

/* Copies what went wrong last with the three above and returns its length. */
COWASM_IMPORT(dlerror) int32_t cowasm_dlerror(char *buffer, size_t size);

#endif
