// Package atomicfile writes files of the host whole or not at all: whoever
// reads such a file sees the old content or the new, never a part of it, even
// if the writer is killed. What is left behind then is a temporary file whose
// name IsTemp recognises.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// tempPrefix starts the names of temporary files.
const tempPrefix = ".tmp-"

// TempName returns a name for a temporary file or folder that nobody else uses.
func TempName() string { return tempPrefix + strconv.FormatUint(rand.Uint64(), 36) }

// IsTemp reports whether name, the last part of a path, is one that TempName
// returns.
func IsTemp(name string) bool { return strings.HasPrefix(name, tempPrefix) }

// A File is being written. It does not exist under its final path until
// Commit.
type File struct {
	*os.File
	path string
	done bool
}

// Create starts a file that will have the given path and, less the umask, the
// given permissions. The folder must exist. The caller must call Close, after
// Commit or instead of it.
func Create(path string, perm fs.FileMode) (*File, error) {
	dir := filepath.Dir(path)
	for {
		temp := filepath.Join(dir, TempName())
		f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return &File{File: f, path: path}, nil
	}
}

// Commit gives the file its final path, where it replaces a file or a symlink.
// It does not wait for the disk: a power failure soon after may lose the file
// or its content. Call Sync before to rule out the latter.
func (f *File) Commit() error {
	if err := f.File.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.File.Name(), f.path); err != nil {
		return err
	}
	f.done = true
	return nil
}

// Close removes the temporary file if it was not committed.
func (f *File) Close() error {
	if f.done {
		return nil
	}
	f.done = true
	// Commit may have closed the file before it failed.
	if err := f.File.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return errors.Join(err, os.Remove(f.File.Name()))
	}
	return os.Remove(f.File.Name())
}

// Write writes data to the file at path, creating it with the given
// permissions less the umask. The data is on the disk before it appears under
// its path, so that not even a power failure leaves a part of it.
func Write(path string, data []byte, perm fs.FileMode) error {
	f, err := Create(path, perm)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := f.Commit(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
