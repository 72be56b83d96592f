//go:build linux || darwin

// Package wasmtime runs WebAssembly programs under the WASI host of package
// wasi on wasmtime, a runtime whose code is about twice as fast as wazero's and
// which maps translated modules instead of loading them. It opens wasmtime's C
// library without cgo.
//
// Main modules, which side modules are linked to while they run, and programs
// with threads are left to package engine.
package wasmtime

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/sandbox/engine"
)

const (
	// maxStack bounds the stack of a guest in bytes. A thread has 8 MiB, as a
	// rule.
	maxStack = 4 << 20

	// extension is that of files with machine code. Their names are the digest
	// of the module and that of what is in them, so that damage is noticed:
	// wasmtime trusts what it maps.
	extension = ".cwasm"
)

// An Engine translates modules and keeps the machine code in a directory, so
// that each is translated once per machine.
type Engine struct {
	lib    library
	engine uintptr // wasm_engine_t*
	dir    string
}

// Open opens wasmtime's C library, a file, and the cache of machine code in
// dir, which it makes if it is not there. What is in there is executed, so it
// must belong to the user alone.
func Open(file, dir string) (*Engine, error) {
	lib, err := openLibrary(file)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("opening the library of wasmtime: %w", err)
	}
	version, err := digest.Copy(io.Discard, f)
	_ = f.Close()
	if err != nil {
		return nil, fmt.Errorf("reading the library of wasmtime: %w", err)
	}
	dir = filepath.Join(dir, "wasmtime-"+version.Hash()[:16])
	if err := engine.OpenCache(dir); err != nil {
		return nil, err
	}
	config := lib.call("wasm_config_new")
	// The stack of asynchronous calls, which are not used, must be larger.
	lib.call("wasmtime_config_async_stack_size_set", config, 2*maxStack)
	lib.call("wasmtime_config_max_wasm_stack_set", config, maxStack)
	lib.call("wasmtime_config_wasm_exceptions_set", config, 1)
	return &Engine{lib, lib.call("wasm_engine_new_with_config", config), dir}, nil
}

// Load returns the program of a module.
func (e *Engine) Load(_ context.Context, module engine.Module, progress engine.Progress) (*Program, error) {
	return engine.Load(filepath.Join(e.dir, module.Digest.Hash()+".lock"), progress,
		func() *Program { return e.Find(module.Digest) },
		func() (*Program, error) {
			defer e.trim()
			return e.translate(module.Digest, module.Bytes)
		})
}

// trim removes machine code, of all versions of wasmtime, that has not been used
// for long. A guest that runs keeps what it has mapped.
func (e *Engine) trim() {
	// Glob fails for bad patterns only. What cannot be removed stays for the
	// next time.
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(e.dir), "*", "*"+extension))
	for _, file := range files {
		if engine.Stale(file) {
			_ = os.Remove(file)
		}
	}
}

// Find returns the program with digest d if its machine code is at hand, else
// nil.
func (e *Engine) Find(d digest.Digest) *Program {
	// Glob fails for bad patterns only.
	files, _ := filepath.Glob(filepath.Join(e.dir, d.Hash()+"-*"+extension))
	for _, file := range files {
		if !intact(file) {
			continue
		}
		p := &Program{engine: e}
		name := append([]byte(file), 0)
		err := e.lib.failure(e.lib.call("wasmtime_module_deserialize_file", e.engine, pointer(&name[0]), pointer(&p.module)))
		runtime.KeepAlive(name)
		if err == nil {
			engine.Touch(file)
			return p
		}
	}
	return nil
}

// intact reports whether a file holds what its name says.
func intact(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	d, err := digest.Copy(io.Discard, f)
	return err == nil && strings.HasSuffix(file, "-"+d.Hash()+extension)
}

// translate translates a module and keeps the machine code.
func (e *Engine) translate(d digest.Digest, module []byte) (*Program, error) {
	p := &Program{engine: e}
	err := e.lib.failure(e.lib.call("wasmtime_module_new", e.engine, pointer(unsafe.SliceData(module)), uintptr(len(module)), pointer(&p.module)))
	runtime.KeepAlive(module)
	if err != nil {
		return nil, err
	}
	code := new(vector)
	err = e.lib.failure(e.lib.call("wasmtime_module_serialize", p.module, pointer(code)))
	if err == nil {
		content := []byte(e.lib.take(code))
		err = atomicfile.Write(filepath.Join(e.dir, d.Hash()+"-"+digest.Of(content).Hash()+extension), content, 0o600)
	}
	if err != nil {
		p.Close(context.Background())
		return nil, fmt.Errorf("making an entry in the cache of machine code: %w", err)
	}
	return p, nil
}
