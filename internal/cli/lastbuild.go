package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
)

// lastBuildFile is the file in the folder for results that says what the last
// build executed: the keys of the actions, one to a line. It is for cowasm
// explain alone; nothing is built or not built because of it.
const lastBuildFile = "last-build.txt"

// A lastBuild is a Sink that notes what a build executes.
type lastBuild struct {
	mu   sync.Mutex
	keys []digest.Digest
}

// Emit implements event.Sink.
func (l *lastBuild) Emit(e event.Event) {
	if finished, ok := e.(event.ActionFinished); ok && !finished.Cached && finished.Err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.keys = append(l.keys, finished.Key)
	}
}

// write puts the note into the folder for results.
func (l *lastBuild) write(outDir string) error {
	if err := os.MkdirAll(outDir, 0o777); err != nil {
		return err
	}
	var b bytes.Buffer
	for _, key := range l.keys {
		fmt.Fprintln(&b, key)
	}
	return atomicfile.Write(filepath.Join(outDir, lastBuildFile), b.Bytes(), 0o666)
}

// readLastBuild returns the keys of what the last build executed.
func readLastBuild(outDir string) (map[digest.Digest]bool, error) {
	data, err := os.ReadFile(filepath.Join(outDir, lastBuildFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	keys := map[digest.Digest]bool{}
	for line := range bytes.Lines(data) {
		key, err := digest.Parse(string(bytes.TrimSpace(line)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(outDir, lastBuildFile), err)
		}
		keys[key] = true
	}
	return keys, nil
}
