// Package dylink links side modules to a running guest: dlopen, dlsym and
// dlclose for WebAssembly, as dynamic linkers of ELF systems do them.
//
// The main module is an ordinary program that exports all it has: its memory,
// its table of functions, malloc and every symbol. A side module has a dylink.0
// section, https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md;
// it is placed in the main module's memory and table, so that pointers of
// either mean the same to both. A function has one slot of the table, whoever
// asks for its address, so that pointers to it compare equal.
//
// Symbols are looked up as in ELF: in the main module, in the modules that were
// opened to be global, then in the module that was opened and what it needs,
// breadth first.
package dylink

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// The flags of Open, as in wasi-libc's dlfcn.h.
const (
	Now    = 0x2   // every function has to be defined, called or not
	NoLoad = 0x4   // only if it is open already
	Global = 0x100 // modules that are opened later can use its symbols
)

// maxLibraries is how many side modules a guest may have.
const maxLibraries = 4096

// Config is what a Linker works with.
type Config struct {
	Runtime wazero.Runtime   // with the host module of InstantiateHost
	Main    api.Module       // the guest
	Module  *wasmfile.Module // what Main is an instance of

	// File returns the side module in a file of the guest's.
	File func(path string) (Side, error)
	// Compile translates a module of the linker's own for Runtime. It owns the
	// result, which has to last as long as the guest.
	Compile func(module []byte) (wazero.CompiledModule, error)
	// Caught ends an exception that left the guest's code and returns it, nil if
	// there was none.
	Caught func() *Exception
}

// A Side is a side module.
type Side struct {
	Module *wasmfile.Module
	// Compile translates it, as that of Config. It is called after the linker has
	// made certain that the module can be linked.
	Compile func() (wazero.CompiledModule, error)
}

// An Exception is one that nothing in the guest caught, with what is known of it.
type Exception struct{ What string }

func (e *Exception) Error() string { return "an exception was not caught" + e.What }

// A Linker links side modules to one guest. It is not safe for concurrent use.
type Linker struct {
	Config
	ctx       context.Context
	main      *library
	libraries []*library // the main module first; handles count from one
	byPath    map[string]*library
	slots     map[function]uint32 // of functions that got theirs from the linker
	inSlots   map[uint32]function // the same the other way round
	bits      []api.Module        // constants; see base
	glue      []api.Module        // further instances that last
	failed    []*library          // could not be linked, and last as well
	grow      api.Function

	callers  map[string]uint32  // slots of callers, by the type that they call
	closures map[uint32]*stub   // by their slots; nil until they are set
	vacant   []uint32           // slots of closures that were freed
	idle     map[string][]*stub // code that no closure uses, by signature
}

// A function is one of a library's, by its index there.
type function struct {
	library *library
	index   uint32
}

// New returns a Linker for a guest that runs with ctx, which has to be derived
// with WithLinker. It costs nothing until something is opened.
func New(config Config) *Linker {
	main := &library{name: "main", module: config.Module, instance: config.Main, global: true}
	return &Linker{
		Config:    config,
		main:      main,
		libraries: []*library{main},
		byPath:    map[string]*library{},
		slots:     map[function]uint32{},
		inSlots:   map[uint32]function{},
	}
}

// A Fault is the end of a guest that a side module brought about while the
// linker was working for it.
type Fault struct{ Err error }

func (f *Fault) Error() string { return f.Err.Error() }
func (f *Fault) Unwrap() error { return f.Err }

// Open links the side module in a file, and those that it needs, to the guest,
// runs their constructors, and returns a handle for it. A module that is open
// already is not linked again. The empty path stands for the main module.
//
// If it fails, nothing is linked. So it is if a constructor throws an exception;
// what constructors have done until then remains. If a constructor ends the
// guest, Open does not return, but panics with a *Fault.
func (l *Linker) Open(p string, flags uint32) (handle uint32, err error) {
	if p == "" {
		return 1, nil
	}
	p = path.Join("/", p)
	lib, ok := l.byPath[p]
	if !ok {
		if flags&NoLoad != 0 {
			return 0, fmt.Errorf("%s is not open", p)
		}
		if lib, err = l.load(p, flags); err != nil {
			return 0, err
		}
	}
	if flags&Global != 0 {
		l.publish(lib)
	}
	return lib.handle(l), nil
}

// Symbol returns the address of data or the table slot of a function that the
// module with the given handle defines, or one that it needs. Of the main
// module, and of the handle 0, it is that of any module which is global.
func (l *Linker) Symbol(handle uint32, name string) (uint32, error) {
	scope, err := l.scopeOf(handle)
	if err != nil {
		return 0, err
	}
	lib, e, ok := find(scope, name)
	if !ok {
		return 0, &undefinedError{scope[0].name, []undefined{{name: name, what: "symbol", near: near(name, scope)}}}
	}
	switch e.Kind {
	case wasmfile.Func:
		return l.slot(lib, e)
	case wasmfile.Global:
		if address, ok := lib.address(e); ok {
			return address, nil
		}
	}
	return 0, fmt.Errorf("%s: %s is neither a function nor data", lib.name, name)
}

// Close ends the use of a handle. The module stays where it is, as with musl:
// nobody can tell whether pointers into it are still in use.
func (l *Linker) Close(handle uint32) error {
	_, err := l.scopeOf(handle)
	return err
}

// Arity returns how many parameters the function in a slot of the table takes.
// A closure is not counted: its slot may be another's later.
func (l *Linker) Arity(slot uint32) (int, bool) {
	t, ok := l.placedType(slot)
	return len(t.Params), ok
}

// placedType returns the type of the function of a library in a slot.
func (l *Linker) placedType(slot uint32) (wasmfile.FuncType, bool) {
	for _, lib := range l.libraries {
		if index, ok := lib.functionAt(slot); ok {
			return lib.module.FuncType(index), true
		}
	}
	if f, ok := l.inSlots[slot]; ok {
		return f.library.module.FuncType(f.index), true
	}
	return wasmfile.FuncType{}, false
}

// Finish gives back what the linker holds. The guest must have ended.
func (l *Linker) Finish(ctx context.Context) {
	for _, lib := range append(l.failed, l.libraries[1:]...) {
		lib.close(ctx)
	}
	for _, m := range append(l.bits, l.glue...) {
		_ = m.Close(ctx) // it has nothing that could fail
	}
}

// scopeOf returns where symbols of a handle are looked up.
func (l *Linker) scopeOf(handle uint32) ([]*library, error) {
	switch {
	case handle > uint32(len(l.libraries)):
		return nil, fmt.Errorf("%d is not the handle of a module", handle)
	case handle <= 1:
		return l.globals(), nil
	}
	return breadthFirst(l.libraries[handle-1]), nil
}

type linkerKey struct{}

// WithLinker returns a context for calls of the guest that l links to. From
// then on l uses it for its own calls, too.
func WithLinker(ctx context.Context, l *Linker) context.Context {
	l.ctx = context.WithValue(ctx, linkerKey{}, l)
	return l.ctx
}

// InstantiateHost gives a runtime the host module that the linker's own modules
// import.
func InstantiateHost(ctx context.Context, r wazero.Runtime) error {
	_, err := r.NewHostModuleBuilder(hostModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(func(ctx context.Context, _ api.Module, stack []uint64) {
			l := ctx.Value(linkerKey{}).(*Linker)
			slot, err := l.bind(uint32(stack[0]), uint32(stack[1]))
			if err != nil {
				panic(&Fault{err})
			}
			stack[0] = uint64(slot)
		}), []api.ValueType{api.ValueTypeI32, api.ValueTypeI32}, []api.ValueType{api.ValueTypeI32}).
		Export(hostBind).Instantiate(ctx)
	if err != nil {
		return fmt.Errorf("making the host module %s: %w", hostModule, err)
	}
	return nil
}

// call calls a function that a module exports, if it does. It returns an
// *Exception if the function throws one.
func (l *Linker) call(m api.Module, name string, params ...uint64) ([]uint64, error) {
	f := m.ExportedFunction(name)
	if f == nil {
		return nil, errNoFunction
	}
	// An exception leaves the stack as it was where it was thrown.
	stack, hasStack := l.Main.ExportedGlobal(symbolStackPointer).(api.MutableGlobal)
	var top uint64
	if hasStack {
		top = stack.Get()
	}
	results, err := f.Call(l.ctx, params...)
	if err != nil {
		return nil, err
	}
	if e := l.Caught(); e != nil {
		if hasStack {
			stack.Set(top)
		}
		return nil, e
	}
	return results, nil
}

var errNoFunction = errors.New("there is no such function")
