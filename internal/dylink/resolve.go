package dylink

import (
	"fmt"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// The modules that a side module imports from, and what it finds there besides
// symbols.
const (
	moduleEnv     = "env"
	moduleGOTMem  = "GOT.mem"
	moduleGOTFunc = "GOT.func"

	symbolMemory     = "memory"
	symbolTable      = "__indirect_function_table"
	symbolMemoryBase = "__memory_base"
	symbolTableBase  = "__table_base"

	symbolStackPointer = "__stack_pointer"
)

// hostModules are the other modules that it may import from: the host's.
var hostModules = []string{"wasi_snapshot_preview1", "cowasm"}

// A bindings is where the imports of a library come from.
type bindings struct {
	functions []binding
	globals   []binding
	memory    bool
	table     bool
	got       []binding // the addresses that it wants
}

// A binding is an import and the definition that was found for it.
type binding struct {
	wasmfile.Import
	provider *library // nil: it may be missing, and is
	export   wasmfile.Export
}

// A lazy is a function that is looked up at its first call.
type lazy struct {
	name string
	typ  wasmfile.FuncType
}

// resolve finds the definitions of all that a library imports. Unless now is
// set, a function may be missing that is only called. The libraries that it can
// use must be known, but need not be instantiated.
func (l *Linker) resolve(lib *library, now bool) (*bindings, error) {
	var b bindings
	var missing []undefined
	scope := l.scope(lib)
	seen := map[[2]string]wasmfile.Import{}
	for _, i := range lib.module.Imports {
		key := [2]string{i.Module, i.Name}
		if first, ok := seen[key]; ok {
			if first != i {
				return nil, fmt.Errorf("%s: it imports %s in two ways", lib.name, i.Name)
			}
			continue
		}
		seen[key] = i
		lost, err := l.resolveImport(&b, lib, i, scope, now)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", lib.name, err)
		}
		if lost != "" {
			u := undefined{name: i.Name, what: lost}
			if len(missing) < shown {
				u.near = near(i.Name, scope)
			}
			missing = append(missing, u)
		}
	}
	if missing != nil {
		return nil, &undefinedError{lib.name, missing}
	}
	return &b, nil
}

// resolveImport finds one definition. It returns what is missing if there is
// none.
func (l *Linker) resolveImport(b *bindings, lib *library, i wasmfile.Import, scope []*library, now bool) (missing string, err error) {
	switch i.Module {
	case moduleEnv:
		switch i.Kind {
		case wasmfile.Func:
			return l.resolveFunction(b, lib, i, scope, now)
		case wasmfile.Tag:
			return "", l.resolveTag(lib, i)
		case wasmfile.Memory:
			b.memory = true
			return "", onlyName(i, symbolMemory)
		case wasmfile.Table:
			b.table = true
			return "", onlyName(i, symbolTable)
		}
		return "", l.resolveGlobal(b, i)
	case moduleGOTMem, moduleGOTFunc:
		if i.Kind != wasmfile.Global || i.Global != (wasmfile.GlobalType{Type: wasmfile.I32, Mutable: true}) {
			return "", fmt.Errorf("it imports %s of %s, which is no address", i.Name, i.Module)
		}
		return resolveAddress(b, i, scope)
	}
	for _, host := range hostModules {
		if i.Module == host {
			return "", nil // the engine says so if the host lacks it
		}
	}
	return "", fmt.Errorf("it imports %s from the module %q, which is not there; it was built for another host", i.Name, i.Module)
}

func onlyName(i wasmfile.Import, name string) error {
	if i.Name != name {
		return fmt.Errorf("it imports a %s named %s; there is only %s", i.Kind, i.Name, name)
	}
	return nil
}

// resolveFunction finds a function that is called.
func (l *Linker) resolveFunction(b *bindings, lib *library, i wasmfile.Import, scope []*library, now bool) (missing string, err error) {
	provider, e, ok := find(scope, i.Name)
	if !ok {
		if now && !i.Weak {
			return "function", nil
		}
		b.functions = append(b.functions, binding{Import: i})
		return "", nil
	}
	if e.Kind != wasmfile.Func {
		return "", fmt.Errorf("it calls %s, which in %s is a %s", i.Name, provider.name, e.Kind)
	}
	want, have := lib.module.Types[i.Type], provider.module.FuncType(e.Index)
	if !want.Equal(have) {
		if now {
			return "", fmt.Errorf("it calls %s as %s, but in %s it is %s; it was compiled against another declaration", i.Name, want, provider.name, have)
		}
		provider = nil // for an error when it is called
	}
	b.functions = append(b.functions, binding{i, provider, e})
	return "", nil
}

// resolveGlobal finds a global that is shared, such as the stack pointer.
func (l *Linker) resolveGlobal(b *bindings, i wasmfile.Import) error {
	base := wasmfile.GlobalType{Type: wasmfile.I32}
	if i.Name == symbolMemoryBase || i.Name == symbolTableBase {
		if i.Global != base {
			return fmt.Errorf("it imports %s as something else than a constant i32; it was built for another kind of memory", i.Name)
		}
	} else {
		e, ok := l.main.module.Export(i.Name)
		g, own := l.main.module.GlobalAt(e.Index)
		if !ok || e.Kind != wasmfile.Global || !own || g.GlobalType != i.Global {
			return fmt.Errorf("it imports the global %s, which the main module does not have; it was built for another host", i.Name)
		}
	}
	b.globals = append(b.globals, binding{Import: i})
	return nil
}

// resolveTag makes sure that there are exceptions of a kind. In the modules that
// run there are no tags; see package lower.
func (l *Linker) resolveTag(lib *library, i wasmfile.Import) error {
	e, ok := l.main.module.Export(i.Name)
	if !ok || e.Kind != wasmfile.Tag {
		return fmt.Errorf("it throws or catches exceptions (it imports the tag %s), but the program has no runtime for them; link //toolchains/cxx:whole into the program", i.Name)
	}
	if want, have := lib.module.Types[i.Type], l.main.module.TagType(e.Index); !want.Equal(have) {
		return fmt.Errorf("its exceptions %s are %s, but those of the program are %s; it was built for another host", i.Name, want, have)
	}
	return nil
}

// resolveAddress finds what the address is wanted of.
func resolveAddress(b *bindings, i wasmfile.Import, scope []*library) (missing string, err error) {
	kind, what := wasmfile.Global, "data"
	if i.Module == moduleGOTFunc {
		kind, what = wasmfile.Func, "function"
	}
	provider, e, ok := find(scope, i.Name)
	switch {
	case !ok && !i.Weak:
		return what, nil
	case !ok:
		provider = nil
	case e.Kind != kind:
		return "", fmt.Errorf("it uses %s as %s, but in %s it is a %s", i.Name, what, provider.name, e.Kind)
	case kind == wasmfile.Global:
		if _, ok := provider.address(e); !ok {
			return "", fmt.Errorf("it uses %s as data, but in %s it has no address", i.Name, provider.name)
		}
	}
	b.got = append(b.got, binding{i, provider, e})
	return "", nil
}

// bind returns the slot of a function that library number n calls for the
// first time.
func (l *Linker) bind(n, symbol uint32) (uint32, error) {
	if n >= uint32(len(l.libraries)) || symbol >= uint32(len(l.libraries[n].lazy)) {
		return 0, fmt.Errorf("%d of module %d is no function that can be looked up", symbol, n)
	}
	lib := l.libraries[n]
	want := lib.lazy[symbol]
	scope := l.scope(lib)
	provider, e, ok := find(scope, want.name)
	if !ok {
		return 0, &undefinedError{lib.name, []undefined{{want.name, "function", near(want.name, scope)}}}
	}
	if e.Kind != wasmfile.Func {
		return 0, fmt.Errorf("%s: it calls %s, which in %s is a %s", lib.name, want.name, provider.name, e.Kind)
	}
	if have := provider.module.FuncType(e.Index); !want.typ.Equal(have) {
		return 0, fmt.Errorf("%s: it calls %s as %s, but in %s it is %s", lib.name, want.name, want.typ, provider.name, have)
	}
	return l.slot(provider, e)
}
