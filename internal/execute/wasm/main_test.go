package wasm_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/cowasm/cowasm/internal/execute/wasm"
)

// workerArgument starts the test binary as a worker. A further argument has it
// fail in some way.
const workerArgument = "__worker"

func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != workerArgument {
		code := m.Run()
		if dir, err := modules(); err == nil {
			_ = os.RemoveAll(dir)
		}
		os.Exit(code)
	}
	if len(os.Args) > 2 {
		switch os.Args[2] {
		case "die":
			fmt.Fprintln(os.Stderr, "on purpose")
			os.Exit(3)
		case "rubbish":
			fmt.Print("\x00\x00\x00\x07rubbish")
		}
	}
	if err := wasm.WorkerMain(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
