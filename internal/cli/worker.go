package cli

import (
	"fmt"
	"os"
	"slices"
)

// workerArgs are the arguments with which this program starts copies of itself
// that run guests.
var workerArgs = []string{"__worker"}

func isWorker(args []string) bool { return slices.Equal(args, workerArgs) }

// worker returns the command that starts a worker.
func worker() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program, to start workers: %w", err)
	}
	return append([]string{self}, workerArgs...), nil
}
