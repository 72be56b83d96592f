package wasm_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/cowasm/cowasm/internal/execute/wasm"
)

// The first argument that makes the test binary something else: a worker, or
// the parent of one. Further arguments of a worker change what it does.
const (
	workerArgument = "__worker"
	parentArgument = "__parent"
)

func TestMain(m *testing.M) {
	var err error
	switch args := append(os.Args[1:], "", "", ""); args[0] {
	case workerArgument:
		err = workerMain(args[1], args[2])
	case parentArgument:
		err = parentMain(args[1], args[2], args[3], args[4])
	default:
		code := m.Run()
		if dir, err := modules(); err == nil {
			_ = os.RemoveAll(dir)
		}
		os.Exit(code)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func workerMain(mode, file string) error {
	switch mode {
	case "die":
		fmt.Fprintln(os.Stderr, "on purpose")
		os.Exit(3)
	case "rubbish":
		fmt.Print("\x00\x00\x00\x07rubbish")
	case "hold":
		unlock, err := lockedfile.MutexAt(file).Lock()
		if err != nil {
			return err
		}
		defer unlock()
	}
	return wasm.WorkerMain(context.Background(), os.Stdin, os.Stdout, nil)
}
