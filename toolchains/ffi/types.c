/* Types, and what of a function depends on them alone. */

#include "types.h"

#include <stdalign.h>
#include <string.h>

#define TYPE(name, kind, of) ffi_type ffi_type_##name = {sizeof(of), alignof(of), FFI_TYPE_##kind, NULL}

TYPE(uint8, UINT8, uint8_t);
TYPE(sint8, SINT8, int8_t);
TYPE(uint16, UINT16, uint16_t);
TYPE(sint16, SINT16, int16_t);
TYPE(uint32, UINT32, uint32_t);
TYPE(sint32, SINT32, int32_t);
TYPE(uint64, UINT64, uint64_t);
TYPE(sint64, SINT64, int64_t);
TYPE(float, FLOAT, float);
TYPE(double, DOUBLE, double);
TYPE(longdouble, LONGDOUBLE, long double);
TYPE(pointer, POINTER, void *);
ffi_type ffi_type_void = {1, 1, FFI_TYPE_VOID, NULL};

const ffi_type *cowasm_ffi_scalar(const ffi_type *type)
{
	while (type->type == FFI_TYPE_STRUCT) {
		if (!type->elements || !type->elements[0])
			return type->size ? type : &ffi_type_void;
		/* A member that does not fill the whole is not alone. */
		if (type->elements[1] || type->elements[0]->size != type->size)
			return type;
		type = type->elements[0];
	}
	return type;
}

bool cowasm_ffi_indirect(const ffi_type *scalar)
{
	return scalar->type == FFI_TYPE_STRUCT || scalar->type == FFI_TYPE_LONGDOUBLE;
}

static char letter(const ffi_type *scalar)
{
	switch (scalar->type) {
	case FFI_TYPE_UINT64:
	case FFI_TYPE_SINT64:
		return 'I';
	case FFI_TYPE_FLOAT:
		return 'f';
	case FFI_TYPE_DOUBLE:
		return 'F';
	default:
		return 'i';
	}
}

size_t cowasm_ffi_signature_size(const ffi_cif *cif)
{
	return 2 * (size_t)cif->nfixed + sizeof "r" /* result */ "v" /* variable arguments */ ":r";
}

size_t cowasm_ffi_signature(const ffi_cif *cif, char *signature)
{
	char *s = signature;
	const ffi_type *result = cowasm_ffi_scalar(cif->rtype);
	bool indirect = cowasm_ffi_indirect(result);
	if (indirect)
		*s++ = 'i';
	for (unsigned i = 0; i < cif->nfixed; i++) {
		const ffi_type *scalar = cowasm_ffi_scalar(cif->arg_types[i]);
		if (scalar->type == FFI_TYPE_LONGDOUBLE) {
			*s++ = 'I';
			*s++ = 'I';
		} else if (scalar->type != FFI_TYPE_VOID) {
			*s++ = letter(scalar);
		}
	}
	if (cif->variadic)
		*s++ = 'i';
	*s++ = ':';
	if (!indirect && result->type != FFI_TYPE_VOID)
		*s++ = letter(result);
	*s = '\0';
	return s - signature;
}

void cowasm_ffi_widen(const ffi_type *scalar, const void *value, uint64_t *slot)
{
	int32_t word;
	switch (scalar->type) {
	case FFI_TYPE_UINT8:
		word = *(const uint8_t *)value;
		break;
	case FFI_TYPE_SINT8:
		word = *(const int8_t *)value;
		break;
	case FFI_TYPE_UINT16:
		word = *(const uint16_t *)value;
		break;
	case FFI_TYPE_SINT16:
		word = *(const int16_t *)value;
		break;
	default:
		memcpy(slot, value, scalar->size);
		return;
	}
	memcpy(slot, &word, sizeof word);
}

static bool valid(ffi_type *type);

/* Sets the size and alignment of a structure from its members'. */
static bool lay_out(ffi_type *type)
{
	size_t size = 0;
	unsigned short alignment = 1;
	if (!type->elements)
		return false;
	for (ffi_type **e = type->elements; *e; e++) {
		if (!valid(*e) || !(*e)->alignment)
			return false;
		size_t mask = (*e)->alignment - 1;
		size = ((size + mask) & ~mask) + (*e)->size;
		if ((*e)->alignment > alignment)
			alignment = (*e)->alignment;
	}
	type->alignment = alignment;
	type->size = (size + alignment - 1) & ~(size_t)(alignment - 1);
	return true;
}

static bool valid(ffi_type *type)
{
	if (type->type == FFI_TYPE_STRUCT && !type->size)
		return lay_out(type);
	return type->type <= FFI_TYPE_POINTER;
}

static ffi_status prepare(ffi_cif *cif, ffi_abi abi, ffi_cif with)
{
	if (abi != FFI_DEFAULT_ABI)
		return FFI_BAD_ABI;
	if (!valid(with.rtype))
		return FFI_BAD_TYPEDEF;
	for (unsigned i = 0; i < with.nargs; i++)
		if (!valid(with.arg_types[i]) || with.arg_types[i]->type == FFI_TYPE_VOID)
			return FFI_BAD_TYPEDEF;
	*cif = with;
	return FFI_OK;
}

ffi_status ffi_prep_cif(ffi_cif *cif, ffi_abi abi, unsigned nargs, ffi_type *rtype, ffi_type **types)
{
	return prepare(cif, abi,
	               (ffi_cif){.abi = abi, .nargs = nargs, .arg_types = types, .rtype = rtype, .nfixed = nargs});
}

ffi_status ffi_prep_cif_var(ffi_cif *cif, ffi_abi abi, unsigned nfixed, unsigned nargs, ffi_type *rtype,
                            ffi_type **types)
{
	if (nfixed > nargs)
		return FFI_BAD_ARGTYPE;
	return prepare(cif, abi,
	               (ffi_cif){.abi = abi,
	                         .nargs = nargs,
	                         .arg_types = types,
	                         .rtype = rtype,
	                         .nfixed = nfixed,
	                         .variadic = 1});
}
