/* Functions made at run time. */

#include "host.h"
#include "types.h"

#include <alloca.h>
#include <stdlib.h>
#include <string.h>

void *ffi_closure_alloc(size_t size, void **code)
{
	ffi_closure *closure = calloc(1, size < sizeof *closure ? sizeof *closure : size);
	if (!closure)
		return NULL;
	int32_t slot = cowasm_closure_allocate();
	if (slot < 0) {
		free(closure);
		return NULL;
	}
	closure->slot = slot;
	*code = (void *)slot;
	return closure;
}

void ffi_closure_free(void *closure)
{
	if (closure)
		cowasm_closure_free(((ffi_closure *)closure)->slot);
	free(closure);
}

/* What the host's function calls. */
static void handle(void *data, uint64_t *slot, uint64_t *result)
{
	ffi_closure *closure = data;
	ffi_cif *cif = closure->cif;
	const ffi_type *scalar = cowasm_ffi_scalar(cif->rtype);
	void *at = result;
	*result = 0;
	if (cowasm_ffi_indirect(scalar))
		at = (void *)(uintptr_t)*slot++;

	void **arguments = alloca((cif->nargs + 1) * sizeof *arguments);
	for (unsigned i = 0; i < cif->nargs; i++) {
		const ffi_type *type = cowasm_ffi_scalar(cif->arg_types[i]);
		arguments[i] = slot;
		switch (type->type) {
		case FFI_TYPE_VOID:
			break;
		case FFI_TYPE_STRUCT:
			arguments[i] = (void *)(uintptr_t)*slot++;
			break;
		case FFI_TYPE_LONGDOUBLE:
			slot += 2;
			break;
		default:
			slot++;
		}
	}
	closure->function(cif, at, arguments, closure->user_data);
	if (at == result && scalar->size < sizeof(ffi_arg) && scalar->type != FFI_TYPE_VOID)
		cowasm_ffi_widen(scalar, result, result);
}

ffi_status ffi_prep_closure_loc(ffi_closure *closure, ffi_cif *cif, ffi_function *function, void *user_data,
                                void *code)
{
	if (cif->variadic || (uintptr_t)code != closure->slot)
		return FFI_BAD_TYPEDEF;
	closure->cif = cif;
	closure->function = function;
	closure->user_data = user_data;
	char *signature = alloca(cowasm_ffi_signature_size(cif));
	size_t length = cowasm_ffi_signature(cif, signature);
	return cowasm_closure_set(closure->slot, signature, length, handle, closure) < 0 ? FFI_BAD_TYPEDEF : FFI_OK;
}
