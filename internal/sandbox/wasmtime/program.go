//go:build linux || darwin

package wasmtime

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"unsafe"

	"github.com/cowasm/cowasm/internal/sandbox/engine"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
)

// A Program is a translated module, ready to be run, by one guest after another
// or by several at once.
type Program struct {
	engine *Engine
	module uintptr // wasmtime_module_t*
	guests int
}

// Close gives back what the program holds. Its guests must have ended.
func (p *Program) Close(context.Context) { p.engine.lib.call("wasmtime_module_delete", p.module) }

// Running reports whether there are guests.
func (p *Program) Running() bool { return p.guests > 0 }

// The kinds of wasmtime_extern_t.
const (
	function = 0
	memory   = 3
)

// An extern is a wasmtime_extern_t: what an instance exports.
type extern struct {
	kind uint8
	of   [3]uint64 // a wasmtime_func_t or a wasmtime_memory_t
}

// Run runs a guest to its end and returns its exit code. The error is an
// *engine.Trap if the guest ran and trapped. It cannot be interrupted. Wasmtime
// does not tell that a guest asked for more memory than it may have once it ran:
// only who makes the memories is asked, and those that wasmtime makes begin
// without a copy of what is in the module.
func (p *Program) Run(_ context.Context, g engine.Guest) (code uint32, memoryExceeded bool, err error) {
	lib := p.engine.lib
	p.guests++
	defer func() { p.guests-- }()
	// The guest's frames are on the stack of one thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	store := lib.call("wasmtime_store_new", p.engine.engine, 0, 0)
	defer lib.call("wasmtime_store_delete", store)
	const unlimited = ^uintptr(0)
	lib.call("wasmtime_store_limiter", store, uintptr(g.Memory), unlimited, unlimited, unlimited, unlimited)

	running := &guest{lib: lib, system: g.System, context: lib.call("wasmtime_store_context", store)}
	id := enter(running)
	defer leave(id)
	start, err := running.instantiate(p, id)
	if err != nil {
		return 0, strings.Contains(err.Error(), "exceeds memory limits"), err
	}
	trap, result := new(uintptr), new([2]uint64)
	failed := lib.failure(lib.call("wasmtime_func_call_unchecked", running.context, pointer(&start.of), pointer(result), 1, pointer(trap)))
	runtime.KeepAlive(start)
	runtime.KeepAlive(result)
	trapped := ""
	if *trap != 0 {
		trapped = lib.trap(*trap)
	}
	exit, exited := running.panic.(*wasi.Exit)
	switch {
	case exited:
		return exit.Code, false, nil
	case running.panic != nil:
		return 0, false, fmt.Errorf("%v\n%s", running.panic, running.stack)
	case *trap != 0:
		return 0, false, &engine.Trap{Err: errors.New(trapped)}
	}
	return 0, false, failed
}

// A guest is an instance of a program.
type guest struct {
	lib     library
	system  *wasi.System
	context uintptr // wasmtime_context_t*
	memory  extern
	bytes   []byte // its memory, as large as it was at the last call
	panic   any    // what a call to the host ended with
	stack   []byte // where
}

// instantiate makes the instance and returns its function _start.
func (g *guest) instantiate(p *Program, id uintptr) (*extern, error) {
	linker := g.lib.call("wasmtime_linker_new", p.engine.engine)
	defer g.lib.call("wasmtime_linker_delete", linker)
	for i, f := range functions {
		t := f.Type()
		kind := g.lib.call("wasm_functype_new", pointer(g.lib.types(t.Params)), pointer(g.lib.types(t.Results)))
		module, moduleSize := text(f.Module)
		name, nameSize := text(f.Name)
		err := g.lib.failure(g.lib.call("wasmtime_linker_define_func_unchecked",
			linker, module, moduleSize, name, nameSize, kind, hostCallback(), environment(id, i), 0))
		g.lib.call("wasm_functype_delete", kind)
		if err != nil {
			return nil, err
		}
	}
	instance, trap := new([2]uint64), new(uintptr)
	err := g.lib.failure(g.lib.call("wasmtime_linker_instantiate", linker, g.context, p.module, pointer(instance), pointer(trap)))
	if *trap != 0 {
		return nil, errors.New(g.lib.trap(*trap))
	}
	if err != nil {
		return nil, err
	}
	if !g.export(instance, "memory", memory, &g.memory) {
		return nil, errors.New("it is not a program: it exports no memory, as WASI commands do")
	}
	start := new(extern)
	if !g.export(instance, "_start", function, start) {
		return nil, errors.New("it is not a program: it exports no _start function, as WASI commands do")
	}
	return start, nil
}

// export reports whether an instance exports something, and stores it.
func (g *guest) export(instance *[2]uint64, name string, kind uint8, e *extern) bool {
	data, size := text(name)
	found := g.lib.call("wasmtime_instance_export_get", g.context, pointer(instance), data, size, pointer(e))
	return uint8(found) != 0 && e.kind == kind
}

// Read implements wasi.Memory.
func (g *guest) Read(offset, n uint32) ([]byte, bool) {
	end := uint64(offset) + uint64(n)
	if end > uint64(len(g.bytes)) {
		return nil, false
	}
	return g.bytes[offset:end:end], true
}

// look notes how large the memory is now. It stays where it is.
func (g *guest) look() {
	size := g.lib.call("wasmtime_memory_data_size", g.context, pointer(&g.memory.of))
	if size != uintptr(len(g.bytes)) {
		data := g.lib.call("wasmtime_memory_data", g.context, pointer(&g.memory.of))
		g.bytes = unsafe.Slice(*(**byte)(unsafe.Pointer(&data)), size)
	}
}

// call carries out a call of a guest to function f of the host. Parameters and
// result are in slots of 16 bytes, of the type wasmtime_val_raw_t. It reports
// whether the guest goes on.
func (g *guest) call(f *wasi.Function, slots *[maxParams][2]uint64) (goesOn bool) {
	defer func() {
		if r := recover(); r != nil {
			g.panic = r
			if _, exit := r.(*wasi.Exit); !exit {
				g.stack = debug.Stack()
			}
		}
	}()
	var params [maxParams]uint64
	for i := range len(f.Params) {
		params[i] = slots[i][0]
		if f.Params[i] == 'i' {
			params[i] = uint64(uint32(params[i]))
		}
	}
	g.look()
	result := f.Call(g.system, g, params[:len(f.Params)])
	if f.Result != "" {
		slots[0][0] = result
	}
	return true
}
