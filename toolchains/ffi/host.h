/* What the host does for this: the import module "cowasm". Each function returns
   a number that is not negative, or the negative of a WASI errno, and then
   dlerror says more. */

#ifndef COWASM_FFI_HOST_H
#define COWASM_FFI_HOST_H

#include <stddef.h>
#include <stdint.h>

#define COWASM_IMPORT(name) __attribute__((import_module("cowasm"), import_name(#name)))

/* Returns the slot of a function (function, arguments, result) that calls a
   function, given what it is called with. */
COWASM_IMPORT(caller) int32_t cowasm_caller(void *function, const char *signature, size_t length);

/* Returns an empty slot. */
COWASM_IMPORT(closure_allocate) int32_t cowasm_closure_allocate(void);

/* Fills it with a function that calls handler. */
COWASM_IMPORT(closure_set)
int32_t cowasm_closure_set(uint32_t slot, const char *signature, size_t length,
                           void (*handler)(void *data, uint64_t *arguments, uint64_t *result), void *data);

/* Empties it and gives it back. */
COWASM_IMPORT(closure_free) int32_t cowasm_closure_free(uint32_t slot);

/* Copies what went wrong last and returns its length. */
COWASM_IMPORT(dlerror) int32_t cowasm_dlerror(char *buffer, size_t size);

#endif
