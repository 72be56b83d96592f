package wasm_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/cowasm/cowasm/internal/execute/wasm"
)

// TestMain lets the test binary be started as a worker, as the program does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == workerArgument {
		if err := wasm.WorkerMain(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const workerArgument = "__worker"
