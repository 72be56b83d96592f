/* Calls of functions whose types are known only at run time, and functions made
   at run time: the interface of libffi, for main modules in the sandbox. */

#ifndef COWASM_FFI_H
#define COWASM_FFI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t ffi_arg; /* results that are smaller are widened to this */
typedef int32_t ffi_sarg;

enum {
	FFI_TYPE_VOID,
	FFI_TYPE_INT,
	FFI_TYPE_FLOAT,
	FFI_TYPE_DOUBLE,
	FFI_TYPE_LONGDOUBLE,
	FFI_TYPE_UINT8,
	FFI_TYPE_SINT8,
	FFI_TYPE_UINT16,
	FFI_TYPE_SINT16,
	FFI_TYPE_UINT32,
	FFI_TYPE_SINT32,
	FFI_TYPE_UINT64,
	FFI_TYPE_SINT64,
	FFI_TYPE_STRUCT,
	FFI_TYPE_POINTER,
};

/* A type. That of a structure or union has its members, with a NULL after them;
   if its size is 0, ffi_prep_cif sets size and alignment, as of a structure. */
typedef struct ffi_type {
	size_t size;
	unsigned short alignment;
	unsigned short type;
	struct ffi_type **elements;
} ffi_type;

extern ffi_type ffi_type_void, ffi_type_uint8, ffi_type_sint8, ffi_type_uint16, ffi_type_sint16, ffi_type_uint32,
	ffi_type_sint32, ffi_type_uint64, ffi_type_sint64, ffi_type_float, ffi_type_double, ffi_type_longdouble,
	ffi_type_pointer;

#define ffi_type_uchar ffi_type_uint8
#define ffi_type_schar ffi_type_sint8
#define ffi_type_ushort ffi_type_uint16
#define ffi_type_sshort ffi_type_sint16
#define ffi_type_uint ffi_type_uint32
#define ffi_type_sint ffi_type_sint32
#define ffi_type_ulong ffi_type_uint32
#define ffi_type_slong ffi_type_sint32

typedef enum { FFI_OK, FFI_BAD_TYPEDEF, FFI_BAD_ABI, FFI_BAD_ARGTYPE } ffi_status;

/* The one of wasm32:
   https://github.com/WebAssembly/tool-conventions/blob/main/BasicCABI.md. */
typedef enum { FFI_FIRST_ABI, FFI_WASM32, FFI_LAST_ABI, FFI_DEFAULT_ABI = FFI_WASM32 } ffi_abi;

/* What a function takes and returns. */
typedef struct {
	ffi_abi abi;
	unsigned nargs;
	ffi_type **arg_types;
	ffi_type *rtype;
	unsigned nfixed; /* further arguments are variable; nargs if it takes none such */
	int variadic;
	void *callee; /* what ffi_check has accepted last, */
	void *caller; /* and what calls it */
} ffi_cif;

/* Describes a function. The types must last as long as the cif. */
ffi_status ffi_prep_cif(ffi_cif *cif, ffi_abi abi, unsigned nargs, ffi_type *rtype, ffi_type **types);

/* Describes a call of a function with variable arguments. Those are promoted as
   in C: small integers to int, float to double. */
ffi_status ffi_prep_cif_var(ffi_cif *cif, ffi_abi abi, unsigned nfixed, unsigned nargs, ffi_type *rtype,
                            ffi_type **types);

/* Returns NULL if the function can be called by the cif, or else why not, until
   the next such call. WebAssembly functions know their types: a call with
   others is not undefined, but refused. Only a result may be ignored, or be
   zero where there is none. */
const char *ffi_check(ffi_cif *cif, void *function);

/* Calls a function. It ends the program where ffi_check would refuse. */
void ffi_call(ffi_cif *cif, void *function, void *result, void **arguments);

typedef void ffi_function(ffi_cif *cif, void *result, void **arguments, void *user_data);

/* A function that was made. */
typedef struct {
	ffi_cif *cif;
	ffi_function *function;
	void *user_data;
	uint32_t slot;
} ffi_closure;

/* Returns memory of at least the size of a closure, and in *code the pointer by
   which it is called once it is prepared; NULL if there is no room. */
void *ffi_closure_alloc(size_t size, void **code);

/* Gives both back. NULL is nothing. */
void ffi_closure_free(void *closure);

/* Lets calls of a closure's code be calls of function(cif, result, arguments,
   user_data). */
ffi_status ffi_prep_closure_loc(ffi_closure *closure, ffi_cif *cif, ffi_function *function, void *user_data,
                                void *code);

static inline ffi_status ffi_prep_closure(ffi_closure *closure, ffi_cif *cif, ffi_function *function,
                                          void *user_data)
{
	return ffi_prep_closure_loc(closure, cif, function, user_data, (void *)(uintptr_t)closure->slot);
}

#define FFI_CLOSURES 1
#define FFI_FN(f) ((void *)(f))

#ifdef __cplusplus
}
#endif

#endif
