//go:build linux || darwin

package wasmtime

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// names are the functions that are used of wasmtime's C library. They are
// declared in its headers wasm.h and wasmtime.h, see https://docs.wasmtime.dev/c-api/.
var names = []string{
	"wasm_byte_vec_delete",
	"wasm_config_new",
	"wasm_engine_delete",
	"wasm_engine_new_with_config",
	"wasm_functype_delete",
	"wasm_functype_new",
	"wasm_trap_delete",
	"wasm_trap_message",
	"wasm_valtype_new",
	"wasm_valtype_vec_new",
	"wasmtime_config_async_stack_size_set",
	"wasmtime_config_max_wasm_stack_set",
	"wasmtime_config_wasm_exceptions_set",
	"wasmtime_error_delete",
	"wasmtime_error_message",
	"wasmtime_func_call_unchecked",
	"wasmtime_instance_export_get",
	"wasmtime_linker_define_func_unchecked",
	"wasmtime_linker_delete",
	"wasmtime_linker_instantiate",
	"wasmtime_linker_new",
	"wasmtime_memory_data",
	"wasmtime_memory_data_size",
	"wasmtime_module_delete",
	"wasmtime_module_deserialize_file",
	"wasmtime_module_new",
	"wasmtime_module_serialize",
	"wasmtime_store_context",
	"wasmtime_store_delete",
	"wasmtime_store_limiter",
	"wasmtime_store_new",
	"wasmtime_trap_new",
}

// A library is wasmtime's C library, opened.
type library map[string]uintptr

func openLibrary(path string) (library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("opening the library of wasmtime: %w", err)
	}
	l := library{}
	for _, name := range names {
		if l[name], err = purego.Dlsym(handle, name); err != nil {
			return nil, fmt.Errorf("the library of wasmtime is of a version that does not fit: %w", err)
		}
	}
	return l, nil
}

// call calls a function. What its arguments point to has to be kept alive until
// it returns.
func (l library) call(name string, args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(l[name], args...)
	return r
}

// pointer returns the address of v, for an argument of call. It makes v be on
// the heap, since the stack of a goroutine moves if C code calls back.
func pointer[T any](v *T) uintptr {
	if alwaysFalse {
		escaped = v
	}
	return uintptr(unsafe.Pointer(v))
}

var (
	alwaysFalse bool // which the compiler does not know
	//lint:ignore U1000 What is stored in it escapes, and that is all that it is for.
	escaped any
)

// text returns the address and the length of a string.
func text(s string) (data, size uintptr) {
	return uintptr(unsafe.Pointer(unsafe.StringData(s))), uintptr(len(s))
}

// A vector is a wasm_byte_vec_t, or a vector of another type.
type vector struct {
	size uintptr
	data *byte
}

// take returns the content of a vector of bytes and frees it.
func (l library) take(v *vector) string {
	s := string(unsafe.Slice(v.data, v.size))
	l.call("wasm_byte_vec_delete", pointer(v))
	return s
}

// failure turns a wasmtime_error_t* into an error and frees it. Null is nil.
func (l library) failure(e uintptr) error {
	if e == 0 {
		return nil
	}
	v := new(vector)
	l.call("wasmtime_error_message", e, pointer(v))
	l.call("wasmtime_error_delete", e)
	return errors.New(l.take(v))
}

// trap returns the message of a wasm_trap_t* and frees it.
func (l library) trap(t uintptr) string {
	v := new(vector)
	l.call("wasm_trap_message", t, pointer(v))
	l.call("wasm_trap_delete", t)
	return strings.TrimRight(l.take(v), "\x00")
}

// kinds are the types that a host function has, as wasm_valkind_t.
var kinds = map[wasmfile.ValueType]uintptr{wasmfile.I32: 0, wasmfile.I64: 1}

// types returns a wasm_valtype_vec_t*.
func (l library) types(types []wasmfile.ValueType) *vector {
	list := make([]uintptr, len(types)+1)
	for i, t := range types {
		list[i] = l.call("wasm_valtype_new", kinds[t])
	}
	v := new(vector)
	l.call("wasm_valtype_vec_new", pointer(v), uintptr(len(types)), pointer(&list[0]))
	return v
}
