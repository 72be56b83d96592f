//go:build unix

package vfs_test

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
)

// To open a pipe without a writer would wait for one.
func TestMountedPipe(t *testing.T) {
	fs, folder := mounted(t)
	if err := unix.Mkfifo(filepath.Join(folder, "pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := list(t, fs, "user"); got != ". .. in.txt" {
		t.Errorf("user has %s", got)
	}
	if _, err := fs.Open(fs.Root(), "user/pipe", 0); err != errno.ENOENT {
		t.Errorf("opening it: %v", err)
	}
	if _, err := fs.Open(fs.Root(), "user/pipe", vfs.Write|vfs.Create); err != errno.EEXIST {
		t.Errorf("making it: %v", err)
	}
}
