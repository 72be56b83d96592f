/* How types are passed. */

#ifndef COWASM_FFI_TYPES_H
#define COWASM_FFI_TYPES_H

#include "ffi.h"

#include <stdbool.h>

/* Returns the type as which a type is passed: the only member of what has one,
   void for what has none, and else itself. */
const ffi_type *cowasm_ffi_scalar(const ffi_type *type);

/* Reports whether a type, a scalar in that sense, is returned by a pointer. */
bool cowasm_ffi_indirect(const ffi_type *scalar);

/* Returns how many bytes the signature of a cif can have, with its NUL. */
size_t cowasm_ffi_signature_size(const ffi_cif *cif);

/* Stores the signature of a cif, as the host wants it, and returns its length. */
size_t cowasm_ffi_signature(const ffi_cif *cif, char *signature);

/* Stores a number in a slot, with what an integer is widened by. */
void cowasm_ffi_widen(const ffi_type *scalar, const void *value, uint64_t *slot);

#endif
