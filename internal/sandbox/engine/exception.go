package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/dylink"
	"github.com/cowasm/cowasm/internal/lower"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
)

// What the C++ runtime of //toolchains/cxx has for the host: each takes an
// exception that was not caught.
const (
	exportTerminate = "cowasm_terminate" // ends the program as the language says
	exportCaught    = "cowasm_caught"    // ends the exception and returns what it was
)

// maxWhat is how much of what an exception says is read, in bytes.
const maxWhat = 4096

// An exception that left the code of a guest.
type exception struct {
	tag, value uint64
}

// take returns the exception that is in flight, if there is one, and stops it.
func take(mod api.Module) (exception, bool) {
	tag, ok := mod.ExportedGlobal(lower.TagGlobal).(api.MutableGlobal)
	value := mod.ExportedGlobal(lower.ValueGlobal)
	if !ok || value == nil || tag.Get() == 0 {
		return exception{}, false
	}
	e := exception{tag.Get(), value.Get()}
	tag.Set(0)
	return e, true
}

// terminate ends a guest if there is an exception that nothing caught.
func terminate(ctx context.Context, mod api.Module) error {
	e, ok := take(mod)
	if !ok {
		return nil
	}
	if f := hook(mod, exportTerminate, 0); f != nil && e.tag == lower.TagCPP {
		_, err := f.Call(ctx, e.value)
		var exit *wasi.Exit
		if errors.As(err, &exit) {
			return err // a handler of the program's own
		}
		return &dylink.Exception{}
	}
	return &dylink.Exception{What: e.kind()}
}

// caught ends an exception that left the code of a guest, if there is one.
func caught(ctx context.Context, mod api.Module) *dylink.Exception {
	e, ok := take(mod)
	if !ok {
		return nil
	}
	f := hook(mod, exportCaught, 1)
	if f == nil || e.tag != lower.TagCPP {
		return &dylink.Exception{What: e.kind()}
	}
	r, err := f.Call(ctx, e.value)
	if err != nil {
		return &dylink.Exception{What: fmt.Sprintf("%s; asking what it was: %v", e.kind(), err)}
	}
	m := mod.Memory()
	at := uint32(r[0])
	text, _ := m.Read(at, min(maxWhat, m.Size()-min(at, m.Size())))
	text, _, _ = bytes.Cut(text, []byte{0})
	return &dylink.Exception{What: ": " + string(bytes.ToValidUTF8(text, []byte("\uFFFD")))}
}

// hook returns a function that a program exports for the host and that takes an
// exception, nil if there is none.
func hook(mod api.Module, name string, results int) api.Function {
	f := mod.ExportedFunction(name)
	if f == nil || len(f.Definition().ResultTypes()) != results {
		return nil
	}
	if params := f.Definition().ParamTypes(); len(params) != 1 || params[0] != api.ValueTypeI32 {
		return nil
	}
	return f
}

// kind says what can be known without the guest.
func (e exception) kind() string {
	switch e.tag {
	case lower.TagCPP:
		return " of C++"
	case lower.TagLongjmp:
		return ": a longjmp to a function that has ended"
	}
	return " of an unknown kind"
}
