package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/execute/wasm"
)

// workerVerb is how this program is started as a worker.
const workerVerb = "__worker"

// workerCommand is for the program itself, which starts copies of itself that
// run guests.
func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    workerVerb,
		Short:  "Run actions that come in on standard input",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return wasm.WorkerMain(cmd.Context(), os.Stdin, os.Stdout)
		},
	}
}

// worker returns the command that starts a worker.
func worker() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program, to start workers: %w", err)
	}
	return []string{self, workerVerb}, nil
}
