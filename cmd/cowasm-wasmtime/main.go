//go:build linux || darwin

// Cowasm-wasmtime is a worker of cowasm that runs programs on wasmtime. It is
// started by cowasm --engine=wasmtime, with the path of wasmtime's C library,
// and is a program of its own because opening a library ties it to the system's
// C library, which cowasm itself does without.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute/wasm"
	"github.com/cowasm/cowasm/internal/sandbox/engine"
	"github.com/cowasm/cowasm/internal/sandbox/wasmtime"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "cowasm-wasmtime:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("it is started by cowasm --engine=wasmtime, not by itself")
	}
	return wasm.WorkerMain(context.Background(), os.Stdin, os.Stdout, func(modules string) (wasm.Engine, error) {
		e, err := wasmtime.Open(args[0], modules)
		return loader{e}, err
	})
}

// A loader is an engine as workers know it.
type loader struct{ *wasmtime.Engine }

// Find implements wasm.Engine.
func (l loader) Find(_ context.Context, d digest.Digest) wasm.Program {
	if p := l.Engine.Find(d); p != nil {
		return p
	}
	return nil
}

// Load implements wasm.Engine.
func (l loader) Load(ctx context.Context, module engine.Module, progress engine.Progress) (wasm.Program, error) {
	return l.Engine.Load(ctx, module, progress)
}
