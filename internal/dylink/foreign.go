package dylink

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// An interpreter calls functions of which it learns only while it runs, and
// makes functions. Code for a type of function cannot be made in the guest, so
// it is made here: callers, which take the arguments from memory, and closures,
// which put them there.
//
// Either has a slot of 8 bytes for each parameter, one after another, and one
// for the result. What is smaller is at the beginning of its slot.

// maxParams is how many parameters a function may have that is called or made
// so. It is that of CPython's ctypes.
const maxParams = 1024

// typeHandler is what a closure calls, with its own number, the arguments and
// where the result goes. A caller is the same with the function in the table.
var typeHandler = wasmfile.FuncType{Params: []wasmfile.ValueType{wasmfile.I32, wasmfile.I32, wasmfile.I32}}

// letters are those of a signature.
var letters = map[rune]wasmfile.ValueType{'i': wasmfile.I32, 'I': wasmfile.I64, 'f': wasmfile.F32, 'F': wasmfile.F64}

// parseSignature reads a signature: a letter for each parameter, a colon, and
// one for the result, if there is one.
func parseSignature(s string) (t wasmfile.FuncType, err error) {
	params, result, ok := strings.Cut(s, ":")
	if !ok || len(params) > maxParams || len(result) > 1 {
		return t, fmt.Errorf("%.40q is not the signature of a function: up to %d letters, a colon and at most one more", s, maxParams)
	}
	list := func(s string) (types []wasmfile.ValueType) {
		for _, c := range s {
			v, ok := letters[c]
			if !ok {
				err = fmt.Errorf("%.40q is not the signature of a function: %q is none of i, I, f and F", s, c)
			}
			types = append(types, v)
		}
		return types
	}
	t.Params, t.Results = list(params), list(result)
	return t, err
}

// memoryTypes reports whether values of all the types have a place in memory.
func memoryTypes(types []wasmfile.ValueType) bool {
	return !slices.ContainsFunc(types, func(v wasmfile.ValueType) bool { return wasmfile.Size(v) == 0 })
}

// Caller returns the slot of a function that calls the one in slot f with
// arguments from memory, given what the arguments are. It takes f, where the
// arguments are, and where the result goes. The result that is expected may be
// missing in f, and one that f has need not be expected; otherwise it is an
// error if f is of another type.
func (l *Linker) Caller(f uint32, signature string) (slot uint32, err error) {
	want, err := parseSignature(signature)
	if err != nil {
		return 0, err
	}
	have, ok := l.typeAt(f)
	switch {
	case f == 0:
		return 0, errors.New("the pointer to a function is null")
	case !ok:
		return 0, fmt.Errorf("%#x is not a pointer to a function", f)
	case !slices.Equal(want.Params, have.Params),
		len(want.Results) > 0 && len(have.Results) > 0 && want.Results[0] != have.Results[0],
		len(have.Results) > 1 || !memoryTypes(have.Results):
		return 0, fmt.Errorf("the function is %s, but it is called as %s", have, want)
	}
	key := string(have.Params) + ":" + string(have.Results)
	if slot, ok := l.callers[key]; ok {
		return slot, nil
	}
	m, err := l.makeCaller(have)
	if err != nil {
		return 0, err
	}
	if slot, err = l.growTable(1, 0); err != nil {
		return 0, err
	}
	if _, err := l.call(m, exportRun, uint64(slot)); err != nil {
		return 0, fmt.Errorf("putting a caller into the table: %w", err)
	}
	if l.callers == nil {
		l.callers = map[string]uint32{}
	}
	l.callers[key] = slot
	return slot, nil
}

// makeCaller makes the module of a caller. It exports what puts it into a slot.
func (l *Linker) makeCaller(t wasmfile.FuncType) (api.Module, error) {
	const function, arguments, result = 0, 1, 2 // its parameters
	var b wasmfile.Builder
	b.ImportTable(l.main.name, symbolTable)
	b.ImportMemory(l.main.name, symbolMemory)
	code := new(wasmfile.Code)
	if len(t.Results) > 0 {
		code.LocalGet(result)
	}
	for i, v := range t.Params {
		code.LocalGet(arguments).Load(v, uint32(8*i))
	}
	code.LocalGet(function).CallIndirect(b.Type(t))
	for _, v := range t.Results {
		code.Store(v, 0)
	}
	caller := b.Func(typeHandler, code)
	b.Refer(caller)
	b.Export(exportRun, wasmfile.Func, b.Func(typeTake, new(wasmfile.Code).LocalGet(0).RefFunc(caller).TableSet()))
	m, err := l.make(&b, nil)
	if err == nil {
		l.glue = append(l.glue, m)
	}
	return m, err
}

// typeAt returns the type of the function in a slot.
func (l *Linker) typeAt(slot uint32) (wasmfile.FuncType, bool) {
	if s := l.closures[slot]; s != nil {
		return s.typ, true
	}
	return l.placedType(slot)
}
