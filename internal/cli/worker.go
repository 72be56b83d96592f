package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/label"
)

// workerArgs are the arguments with which this program starts copies of itself
// that run guests.
var workerArgs = []string{"__worker"}

func isWorker(args []string) bool { return slices.Equal(args, workerArgs) }

// ownEngine is the engine that is part of this program.
const ownEngine = "wazero"

// worker returns the command that starts a worker: this program itself or, for
// another engine, the program cowasm-ENGINE, which is given the engine's
// library. That is a target of the workspace, which config can build.
func (f *flags) worker(ctx context.Context, config build.Config) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program, to start workers: %w", err)
	}
	if f.engine == ownEngine {
		return append([]string{self}, workerArgs...), nil
	}
	program, err := findEngine(self, f.engine)
	if err != nil {
		return nil, err
	}
	library, err := buildEngine(ctx, config, f.engine)
	if err != nil {
		return nil, fmt.Errorf("--engine=%s: %w", f.engine, err)
	}
	return []string{program, library}, nil
}

// findEngine returns the path of the program for an engine, which is beside this
// one or in PATH.
func findEngine(self, engine string) (string, error) {
	name := "cowasm-" + engine
	if filepath.Base(name) != name {
		return "", usagef("--engine=%s is not the name of an engine", engine)
	}
	for _, p := range []string{filepath.Join(filepath.Dir(self), name), name} {
		if found, err := exec.LookPath(p); err == nil {
			return found, nil
		}
	}
	return "", usagef("--engine=%s: there is no program %s beside this one or in PATH", engine, name).
		hint("build it with go build ./cmd/%s, or leave the flag out", name)
}

// buildEngine builds the library of an engine for this machine and returns its
// host path.
func buildEngine(ctx context.Context, config build.Config, engine string) (string, error) {
	builder, err := build.New(config)
	if err != nil {
		return "", err
	}
	target := label.Label{Package: "toolchains/" + engine, Name: runtime.GOOS + "-" + runtime.GOARCH}
	report, err := builder.Build(ctx, []label.Pattern{{Label: target}})
	if err != nil {
		return "", err
	}
	if !report.OK() {
		return "", report.Failures[0]
	}
	if files := report.Targets[0].Files; len(files) == 1 {
		return filepath.Join(config.Root, filepath.FromSlash(files[0].Path)), nil
	}
	return "", fmt.Errorf("%s is not one file", target)
}
