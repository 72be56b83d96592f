package execute

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// Check returns an Executor that stands in the place of Cache to find actions
// that are not pure functions: it has inner execute every action, compares what
// comes of it with the stored result, or if there is none with that of a second
// execution, and fails with a *DifferenceError where they differ. The results
// that are stored already stay.
func Check(inner Executor, results store.Results, load tree.Loader) Executor {
	return Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		key, err := keyOf(ctx, a)
		if err != nil {
			return nil, err
		}
		first, err := results.GetResult(ctx, key)
		if err != nil && !lost(err) {
			return nil, fmt.Errorf("looking for its result: %w", err)
		}
		stored := err == nil
		if !stored {
			first, err = inner.Execute(ctx, a)
			if err != nil || first.ExitCode != 0 {
				return first, err
			}
		}
		second, err := inner.Execute(ctx, a)
		if err != nil {
			return nil, err
		}
		differing, err := compare(load, first, second)
		if err != nil {
			return nil, err
		}
		if len(differing) > 0 {
			return nil, &DifferenceError{Paths: differing}
		}
		if !stored {
			err = results.PutResult(ctx, key, second)
		}
		return second, err
	})
}

// A DifferenceError says that two executions of an action had different
// results.
type DifferenceError struct {
	Paths   []string // of outputs, or of files in output directories; also "stdout", "stderr" and "exit code"
	ReadSet bool     // the inputs were others, but the program was not seen to observe that
}

func (e *DifferenceError) Error() string {
	const most = 10
	shown := e.Paths[:min(len(e.Paths), most)]
	text := "not reproducible: executed again, it gave something else for "
	if e.ReadSet {
		text = "not a function of what it was seen to read: with other inputs that it did not read, it gave something else for "
	}
	text += strings.Join(shown, ", ")
	if n := len(e.Paths) - len(shown); n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// compare returns the paths of what differs between two results.
func compare(load tree.Loader, a, b *action.Result) ([]string, error) {
	var paths []string
	if a.ExitCode != b.ExitCode {
		paths = append(paths, "exit code")
	}
	if !bytes.Equal(a.Stdout, b.Stdout) {
		paths = append(paths, "stdout")
	}
	if !bytes.Equal(a.Stderr, b.Stderr) {
		paths = append(paths, "stderr")
	}
	for _, p := range outputPaths(a, b) {
		x, inA := outputOf(a, p)
		y, inB := outputOf(b, p)
		if x == y && inA && inB {
			continue
		}
		if !x.Directory || !y.Directory {
			paths = append(paths, p)
			continue
		}
		below, err := tree.Diff(load, x.Digest, y.Digest)
		if err != nil {
			return nil, fmt.Errorf("comparing %s: %w", p, err)
		}
		for _, q := range below {
			paths = append(paths, path.Join(p, q))
		}
	}
	return paths, nil
}

// outputPaths returns the paths of the outputs of both results, sorted.
func outputPaths(results ...*action.Result) []string {
	var paths []string
	for _, r := range results {
		for _, f := range r.Files {
			paths = append(paths, f.Path)
		}
		for _, d := range r.Dirs {
			paths = append(paths, d.Path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
