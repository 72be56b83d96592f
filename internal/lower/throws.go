package lower

import (
	"fmt"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// A function is what the first look at a function's code says.
type function struct {
	body      []byte // with the declarations of its locals
	calls     []uint32
	throws    bool // it does so itself, or calls who knows whom
	rethrows  bool // it has throw_ref
	ownGlobal bool // it uses a global of the module's own
}

// scan looks at the code of all functions.
func (m *module) scan() ([]function, error) {
	var r *wasmfile.Reader
	for _, s := range m.sections {
		if s.ID == wasmfile.SectionCode {
			r = wasmfile.NewReader(s.Content)
		}
	}
	if r == nil {
		r = wasmfile.NewReader([]byte{0})
	}
	if n := r.Count(); r.Err() == nil && int(n) != len(m.Functions) {
		return nil, fmt.Errorf("it has %d functions, but the code of %d", len(m.Functions), n)
	}
	functions := make([]function, len(m.Functions))
	for i := range functions {
		f, err := m.scanFunction(r.Bytes(r.Uint32()))
		if err == nil {
			err = r.Err()
		}
		if err != nil {
			return nil, m.inFunction(i, err)
		}
		functions[i] = f
	}
	return functions, r.End()
}

// inFunction says which of the module's own functions an error is about.
func (m *module) inFunction(i int, err error) error {
	return fmt.Errorf("function %d: %w", len(m.imports)+i, err)
}

func (m *module) scanFunction(body []byte) (function, error) {
	f := function{body: body}
	r := wasmfile.NewReader(body)
	for n := r.Count(); n > 0 && r.Err() == nil; n-- {
		r.Uint32()
		r.Byte()
	}
	for len(r.Rest()) > 0 {
		switch in := read(r); in.op {
		case opThrow, opTryTable:
			f.throws = true // what is tried is hardly certain to succeed
		case opThrowRef:
			f.throws, f.rethrows = true, true
		case opCallIndirect, opReturnCallIndirect:
			f.throws = true
		case opCall, opReturnCall:
			if uint64(in.index) >= uint64(len(m.imports)+len(m.Functions)) {
				r.Failf("it calls function %d, which is not there", in.index)
				break
			}
			f.calls = append(f.calls, in.index)
		case opGlobalGet, opGlobalSet:
			f.ownGlobal = f.ownGlobal || in.index >= m.importedGlobals
		}
	}
	return f, r.Err()
}

// spread returns which functions may throw: those that do and all that call
// them. A side module may call another's functions, of which nothing is known.
// The host's throw nothing.
func (m *module) spread(functions []function) []bool {
	imported := len(m.imports)
	throws := make([]bool, imported+len(functions))
	callers := make([][]uint32, len(throws))
	var todo []uint32
	add := func(f uint32) {
		if !throws[f] {
			throws[f] = true
			todo = append(todo, f)
		}
	}
	for i, f := range functions {
		for _, callee := range f.calls {
			callers[callee] = append(callers[callee], uint32(imported+i))
		}
	}
	for i, f := range m.imports {
		if f.Module == env {
			add(uint32(i))
		}
	}
	for i, f := range functions {
		if f.throws {
			add(uint32(imported + i))
		}
	}
	for len(todo) > 0 {
		f := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, caller := range callers[f] {
			add(caller)
		}
	}
	return throws
}
