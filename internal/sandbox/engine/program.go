// Package engine runs WebAssembly programs under the WASI host of package wasi,
// on wazero, and keeps their machine code on disk between processes.
package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/cowasm/cowasm/internal/dylink"
	"github.com/cowasm/cowasm/internal/lower"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// features are what a guest may use of WebAssembly. Exceptions are not among
// them, since package lower makes plain code of them: wazero 1.12 gives handlers
// wrong values of local variables.
const features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst

// A Program is a translated module, ready to be run, by any number of guests.
// It is not safe for concurrent use: while a guest runs, another may start only
// from a call that the first has made.
type Program struct {
	runtime wazero.Runtime
	cache   wazero.CompilationCache
	module  wazero.CompiledModule
	dir     string // the entry in the cache of machine code, empty if there is none
	workers int

	main   *wasmfile.Module // nil: it opens no side modules
	sides  []*side          // those that were opened, the latest last
	guests int              // that run
}

// A Trap is the end of a guest that did what WebAssembly does not allow, such
// as an access outside its memory.
type Trap struct{ Err error }

func (t *Trap) Error() string { return t.Err.Error() }
func (t *Trap) Unwrap() error { return t.Err }

// newProgram returns a program with the entry in dir, which may be empty. Prepare
// sets its module.
func newProgram(ctx context.Context, dir string, workers int, prepare func(p *Program) error) (*Program, error) {
	cache := wazero.NewCompilationCache()
	if dir != "" {
		var err error
		if cache, err = wazero.NewCompilationCacheWithDir(dir); err != nil {
			return nil, fmt.Errorf("opening the cache of machine code: %w", err)
		}
		bufferReads(cache)
	}
	p := &Program{runtime: newRuntime(ctx, cache), cache: cache, dir: dir, workers: workers}
	err := p.instantiateHost(ctx)
	if err == nil {
		err = prepare(p)
	}
	if err != nil {
		p.Close(ctx)
		return nil, err
	}
	return p, nil
}

func newRuntime(ctx context.Context, cache wazero.CompilationCache) wazero.Runtime {
	return wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().
		WithCoreFeatures(features).
		WithCompilationCache(cache).
		WithDebugInfoEnabled(false))
}

// translate makes the machine code of a program's module and returns what it is
// of: the module, lowered.
func (p *Program) translate(ctx context.Context, module Module) ([]byte, error) {
	code, err := lower.Program(module.Bytes)
	if err != nil {
		return nil, err
	}
	if module.IsMain() {
		p.main = module.Parsed
	}
	p.module, err = p.compile(ctx, code)
	return code, err
}

// compile translates a module.
func (p *Program) compile(ctx context.Context, module []byte) (wazero.CompiledModule, error) {
	return p.runtime.CompileModule(experimental.WithCompilationWorkers(ctx, p.workers), module)
}

// load returns a module that is kept. Should wazero not find the machine code,
// it would translate the frame, which does nothing: so it is told that it need
// not translate any more, which a thread of its own, of two, asks before each
// function.
func (p *Program) load(ctx context.Context, k *kept) (wazero.CompiledModule, error) {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return p.runtime.CompileModule(experimental.WithCompilationWorkers(ctx, 2), k.frame)
}

// Running reports whether a guest runs the program.
func (p *Program) Running() bool { return p.guests > 0 }

// Close gives back what the program holds. Its guests must have ended.
func (p *Program) Close(ctx context.Context) {
	// Closing unmaps memory that was mapped; there is nothing to do if it fails.
	_ = p.runtime.Close(ctx)
	_ = p.cache.Close(ctx)
}

// A Guest is what Run runs a program as.
type Guest struct {
	System *wasi.System
	Memory int64 // the most bytes of linear memory that it may use

	// Progress is asked about side modules. It may be nil.
	Progress Reporter
}

// Run runs a guest to its end and returns its exit code. The error is a *Trap
// if the guest ran and trapped. It cannot be interrupted.
func (p *Program) Run(ctx context.Context, g Guest) (code uint32, memoryExceeded bool, err error) {
	p.guests++
	defer func() { p.guests-- }()
	sys := g.System
	a := &allocator{max: uint64(g.Memory)}
	defer a.free()
	ctx = withSystem(ctx, sys)
	mod, err := p.instantiate(experimental.WithMemoryAllocator(ctx, a))
	if err != nil {
		if a.err != nil {
			err = a.err
		}
		return 0, a.exceeded, err
	}
	defer mod.Close(ctx)
	start := mod.ExportedFunction("_start")
	if start == nil {
		return 0, false, errors.New("it is not a program: it exports no _start function, as WASI commands do")
	}
	if mod.ExportedMemory("memory") == nil {
		return 0, false, errors.New("it is not a program: it exports no memory, as WASI commands do")
	}
	if p.main != nil {
		linker := p.newLinker(ctx, mod, g)
		defer p.trimSides(ctx)
		defer linker.Finish(ctx)
		ctx = dylink.WithLinker(ctx, linker)
		sys.Link(linker)
	}
	sys.AllowThreads(newInstance(ctx, mod))
	if _, err = start.Call(ctx); err == nil {
		err = terminate(ctx, mod)
	}
	if failure := sys.EndThreads(); failure != nil {
		err = failure
	}
	var exit *wasi.Exit
	var fault *dylink.Fault
	var thrown *dylink.Exception
	switch {
	case errors.As(err, &exit):
		return exit.Code, a.exceeded, nil
	case errors.As(err, &fault):
		return 0, a.exceeded, &Trap{fault}
	case errors.As(err, &thrown):
		return 0, a.exceeded, &Trap{thrown}
	case err != nil && strings.HasPrefix(err.Error(), "wasm error: "):
		return 0, a.exceeded, &Trap{err}
	}
	return 0, a.exceeded, err // a panic of the host, if any
}

// instantiate starts an instance. wazero panics if the first memory of a
// module cannot be had.
func (p *Program) instantiate(ctx context.Context) (mod api.Module, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("starting an instance: %v\n%s", r, debug.Stack())
		}
	}()
	return p.runtime.InstantiateModule(ctx, p.module, wazero.NewModuleConfig().WithName("").WithStartFunctions())
}

// An allocator makes the linear memories of one guest.
type allocator struct {
	max      uint64
	memories []experimental.LinearMemory
	exceeded bool
	err      error
}

// Allocate implements experimental.MemoryAllocator.
func (a *allocator) Allocate(_, max uint64) experimental.LinearMemory {
	m, err := reserve(min(max, a.max))
	if err != nil {
		a.err = err
		return bounded{failed{}, a}
	}
	a.memories = append(a.memories, m)
	return bounded{m, a}
}

func (a *allocator) free() {
	for _, m := range a.memories {
		m.Free()
	}
}

// bounded notes when a guest asks for more memory than it may have.
type bounded struct {
	experimental.LinearMemory
	a *allocator
}

// Reallocate implements experimental.LinearMemory.
func (b bounded) Reallocate(size uint64) []byte {
	buf := b.LinearMemory.Reallocate(size)
	if buf == nil && b.a.err == nil {
		b.a.exceeded = true
		b.a.err = fmt.Errorf("it needs %d bytes of memory, more than the limit of %d", size, b.a.max)
	}
	return buf
}

// failed is a memory that could not be reserved.
type failed struct{}

func (failed) Reallocate(uint64) []byte { return nil }
func (failed) Free()                    {}
