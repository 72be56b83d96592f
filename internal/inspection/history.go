package inspection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/store"
)

// A History says what was executed for a workspace. It is for explanations
// alone: nothing is built or not built because of it.
type History struct {
	Last   Executed // by the last build
	Before Executed // by the builds before that
}

// Executed is what was executed last for each path that is the first output of
// an action.
type Executed map[string]Execution

// An Execution has the digests of the messages of an action, which are in the
// store. That of Action is its key.
type Execution struct{ Action, Command digest.Digest }

// The files of a History, in the folder for results. A line of them has both
// digests and the path, quoted as in Go. Only what the last build executed is
// written by each build.
const (
	lastFile   = "last-build.txt"
	beforeFile = "earlier-builds.txt"
)

// ReadHistory reads the history in a folder for results. Lines that are damaged,
// or of another version, are passed over.
func ReadHistory(outDir string) (*History, error) {
	last, err := readExecuted(filepath.Join(outDir, lastFile))
	if err != nil {
		return nil, err
	}
	before, err := readExecuted(filepath.Join(outDir, beforeFile))
	return &History{Last: last, Before: before}, err
}

func readExecuted(file string) (Executed, error) {
	data, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	e := Executed{}
	for line := range strings.Lines(string(data)) {
		if path, execution, err := parseExecution(line); err == nil {
			e[path] = execution
		}
	}
	return e, nil
}

func parseExecution(line string) (path string, e Execution, err error) {
	fields := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
	if len(fields) != 3 {
		return "", e, errors.New("it has no three fields")
	}
	if e.Action, err = digest.Parse(fields[0]); err == nil {
		e.Command, err = digest.Parse(fields[1])
	}
	if err == nil {
		path, err = strconv.Unquote(fields[2])
	}
	return path, e, err
}

func (e Executed) write(file string) error {
	var b bytes.Buffer
	for _, path := range slices.Sorted(maps.Keys(e)) {
		fmt.Fprintf(&b, "%s %s %q\n", e[path].Action, e[path].Command, path)
	}
	return atomicfile.Write(file, b.Bytes(), 0o666)
}

// A Recorder notes what a build executes, for the history of its workspace.
type Recorder struct {
	blobs store.Blobs

	mu       sync.Mutex
	executed Executed
}

// NewRecorder returns a Recorder that stores the messages of actions in blobs.
func NewRecorder(blobs store.Blobs) *Recorder {
	return &Recorder{blobs: blobs, executed: Executed{}}
}

// Record returns an Executor that notes what it has inner execute.
func (r *Recorder) Record(inner execute.Executor) execute.Executor {
	return execute.Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		result, err := inner.Execute(ctx, a)
		if err != nil {
			return result, err
		}
		encoded, err := execute.Encoded(ctx, a)
		if err != nil {
			return nil, err
		}
		if _, err := r.blobs.Put(ctx, encoded.Action); err != nil {
			return nil, err
		}
		command, err := r.blobs.Put(ctx, encoded.Command)
		if err != nil {
			return nil, err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.executed[firstOutput(a)] = Execution{encoded.Key, command}
		return result, nil
	})
}

// Write adds to the history in a folder for results what was noted, as what the
// last build executed.
func (r *Recorder) Write(outDir string) error {
	if err := os.MkdirAll(outDir, 0o777); err != nil {
		return err
	}
	last, err := readExecuted(filepath.Join(outDir, lastFile))
	if err != nil {
		return err
	}
	if len(last) > 0 {
		before, err := readExecuted(filepath.Join(outDir, beforeFile))
		if err != nil {
			return err
		}
		maps.Copy(before, last)
		if err := before.write(filepath.Join(outDir, beforeFile)); err != nil {
			return err
		}
	}
	return r.executed.write(filepath.Join(outDir, lastFile))
}

// firstOutput returns what an action is known by from build to build.
func firstOutput(a *action.Action) string {
	return slices.Min(slices.Concat(a.OutputFiles, a.OutputDirs))
}
