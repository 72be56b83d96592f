/* Calls of functions. */

#include "host.h"
#include "types.h"

#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *ffi_check(ffi_cif *cif, void *function)
{
	static char message[256];
	char *signature = alloca(cowasm_ffi_signature_size(cif));
	int32_t caller = cowasm_caller(function, signature, cowasm_ffi_signature(cif, signature));
	if (caller >= 0) {
		cif->callee = function;
		cif->caller = (void *)caller;
		return NULL;
	}
	int32_t length = cowasm_dlerror(message, sizeof message - 1);
	if (length <= 0)
		return "this program cannot call functions by their pointers: it is no main module";
	message[length] = '\0';
	return message;
}

/* Where variable arguments are: one after another, each aligned, and at least an
   int. What is passed by its pointer elsewhere is so here, but for long double. */
struct variable {
	size_t used;
	char *at; /* NULL while they are only counted */
};

static void add(struct variable *v, const void *value, size_t size, size_t alignment)
{
	v->used = (v->used + alignment - 1) & ~(alignment - 1);
	if (v->at)
		memcpy(v->at + v->used, value, size);
	v->used += size < 4 ? 4 : size;
}

static void add_variable(struct variable *v, const ffi_type *scalar, void *value)
{
	uint64_t slot;
	double number;
	switch (scalar->type) {
	case FFI_TYPE_VOID:
		break;
	case FFI_TYPE_STRUCT:
		add(v, &value, sizeof value, sizeof value);
		break;
	case FFI_TYPE_FLOAT:
		number = *(float *)value;
		add(v, &number, sizeof number, sizeof number);
		break;
	case FFI_TYPE_LONGDOUBLE:
		add(v, value, scalar->size, scalar->alignment);
		break;
	default:
		cowasm_ffi_widen(scalar, value, &slot);
		size_t size = scalar->size < 4 ? 4 : scalar->size;
		add(v, &slot, size, size);
	}
}

static void add_all(struct variable *v, const ffi_cif *cif, void **arguments)
{
	for (unsigned i = cif->nfixed; i < cif->nargs; i++)
		add_variable(v, cowasm_ffi_scalar(cif->arg_types[i]), arguments[i]);
}

/* Returns a copy of a structure, which the callee may change. */
#define COPY(type, value) memcpy(aligned(alloca((type)->size + 15)), (value), (type)->size)

static void *aligned(void *p)
{
	return (void *)(((uintptr_t)p + 15) & ~(uintptr_t)15);
}

void ffi_call(ffi_cif *cif, void *function, void *result, void **arguments)
{
	const char *refused = function && cif->callee == function ? NULL : ffi_check(cif, function);
	if (refused) {
		fprintf(stderr, "ffi_call: %s\n", refused);
		abort();
	}

	/* A result by pointer, variable arguments, and long doubles twice. */
	uint64_t *slots = alloca((2 + 2 * (size_t)cif->nfixed) * sizeof *slots), *slot = slots;
	const ffi_type *scalar = cowasm_ffi_scalar(cif->rtype);
	uint64_t value = 0;
	if (cowasm_ffi_indirect(scalar)) {
		if (!result)
			result = aligned(alloca(scalar->size + 15));
		*slot++ = (uintptr_t)result;
	}
	for (unsigned i = 0; i < cif->nfixed; i++) {
		const ffi_type *type = cowasm_ffi_scalar(cif->arg_types[i]);
		switch (type->type) {
		case FFI_TYPE_VOID:
			break;
		case FFI_TYPE_STRUCT:
			*slot++ = (uintptr_t)COPY(type, arguments[i]);
			break;
		case FFI_TYPE_LONGDOUBLE:
			memcpy(slot, arguments[i], 2 * sizeof *slot);
			slot += 2;
			break;
		default:
			cowasm_ffi_widen(type, arguments[i], slot++);
		}
	}
	if (cif->variadic) {
		void **copies = alloca(cif->nargs * sizeof *copies);
		for (unsigned i = cif->nfixed; i < cif->nargs; i++) {
			const ffi_type *type = cowasm_ffi_scalar(cif->arg_types[i]);
			copies[i] = type->type == FFI_TYPE_STRUCT ? COPY(type, arguments[i]) : arguments[i];
		}
		struct variable v = {0};
		add_all(&v, cif, copies);
		v.at = aligned(alloca(v.used + 15));
		v.used = 0;
		add_all(&v, cif, copies);
		*slot++ = (uintptr_t)v.at;
	}

	((void (*)(void *, const uint64_t *, uint64_t *))cif->caller)(function, slots, &value);
	if (!result || cowasm_ffi_indirect(scalar) || scalar->type == FFI_TYPE_VOID)
		return;
	size_t size = cif->rtype->type == FFI_TYPE_STRUCT ? cif->rtype->size : scalar->size;
	if (cif->rtype->type != FFI_TYPE_STRUCT && size < sizeof(ffi_arg)) {
		uint64_t wide = 0;
		cowasm_ffi_widen(scalar, &value, &wide);
		value = wide;
		size = sizeof(ffi_arg);
	}
	memcpy(result, &value, size);
}
