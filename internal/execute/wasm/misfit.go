package wasm

import (
	"fmt"
	"strings"

	"github.com/cowasm/cowasm/internal/sandbox/wasi"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// A misfit is the error that a module cannot be run. Reason is in words that do
// not depend on the engine: a process says it, so it may end up in an output.
type misfit struct {
	reason string
	err    error
}

func (m *misfit) Error() string { return m.err.Error() }
func (m *misfit) Unwrap() error { return m.err }

// functions are what programs can import.
var functions = func() map[[2]string]wasi.Function {
	m := map[[2]string]wasi.Function{}
	for _, f := range wasi.Functions() {
		m[[2]string{f.Module, f.Name}] = f
	}
	return m
}()

// unfit says why a module is no program, or nothing.
func unfit(m *wasmfile.Module) string {
	if m.Dylink != nil {
		return "it is a side module, which programs open while they run"
	}
	for _, i := range m.Imports {
		f, ok := functions[[2]string{i.Module, i.Name}]
		if !ok || i.Kind != wasmfile.Func {
			return fmt.Sprintf("it imports %s.%s, a %s that the sandbox does not have", i.Module, i.Name, i.Kind)
		}
		if got, want := m.Types[i.Type], f.Type(); !got.Equal(want) {
			return fmt.Sprintf("it imports %s.%s as %s, which is %s", i.Module, i.Name, got, want)
		}
	}
	for _, e := range []wasmfile.Export{{Name: "_start", Kind: wasmfile.Func}, {Name: "memory", Kind: wasmfile.Memory}} {
		if !exports(m, e) {
			return fmt.Sprintf("it is not a program: it exports no %s %s, as WASI commands do", e.Kind, e.Name)
		}
	}
	return ""
}

func exports(m *wasmfile.Module, want wasmfile.Export) bool {
	for _, e := range m.Exports {
		if e.Name == want.Name && e.Kind == want.Kind {
			return true
		}
	}
	return false
}

// traps are the reasons for traps, as engines call them, and in our words.
var traps = []struct{ engine, reason string }{
	{"exception", "nobody caught an exception"},
	{"unreachable", "unreachable code was reached"},
	{"out of bounds memory access", "it used memory that it does not have"},
	{"integer divide by zero", "it divided by zero"},
	{"integer overflow", "an integer is too large"},
	{"invalid conversion to integer", "what is no number was converted to an integer"},
	{"indirect call type mismatch", "it called a function as one of another type"},
	{"table", "it called a function that is not there"},
	{"element", "it called a function that is not there"},
	{"stack", "its stack is full"},
}

// trapReason says why a guest trapped, in words that do not depend on the
// engine.
func trapReason(err error) string {
	// The first lines say why, the others where.
	text, _, _ := strings.Cut(err.Error(), "stack trace:")
	if _, cause, ok := strings.Cut(text, "Caused by:"); ok {
		text = cause
	}
	for _, t := range traps {
		if strings.Contains(text, t.engine) {
			return t.reason
		}
	}
	return "the reason is not known"
}
