package vfs_test

import (
	"testing"

	"github.com/cowasm/cowasm/internal/sandbox/vfs"
)

// What is there before the guest starts has a time of its own; afterwards each
// change of a file or of the entries of a directory makes its time a later one,
// also if the clock stands still.
func TestTimesOfChanges(t *testing.T) {
	fs, _ := newFS(t, map[string]string{"in/f": "input"})
	if err := fs.Prepare("tmp/d", false); err != nil {
		t.Fatal(err)
	}
	mtim := func(p string) uint64 {
		t.Helper()
		n, err := fs.Lookup(fs.Root(), p, false)
		ok(t, err)
		return n.Stat().Mtim
	}
	for _, p := range []string{"in", "in/f", "tmp", "tmp/d"} {
		if got := mtim(p); got != vfs.FileTime {
			t.Errorf("at the start, the time of %s is %d", p, got)
		}
	}

	const now = 2 * vfs.FileTime
	fs.SetClock(func() uint64 { return now })
	root, last := fs.Root(), uint64(now-1)
	for _, step := range []struct {
		name    string
		do      func()
		changed []string
	}{
		{"make a file among inputs", func() { write(t, fs, "in/new", "") }, []string{"in/new", "in"}},
		{"write", func() { write(t, fs, "in/new", "1") }, []string{"in/new"}},
		{"write again", func() { write(t, fs, "in/new", "2") }, []string{"in/new"}},
		{"make a directory", func() { ok(t, fs.Mkdir(root, "tmp/d/e")) }, []string{"tmp/d/e", "tmp/d"}},
		{"make a symlink", func() { ok(t, fs.Symlink("x", root, "tmp/d/s")) }, []string{"tmp/d/s", "tmp/d"}},
		{"link", func() { ok(t, fs.Link(root, "in/f", false, root, "tmp/d/l")) }, []string{"tmp/d"}},
		{"rename", func() { ok(t, fs.Rename(root, "tmp/d/l", root, "tmp/l")) }, []string{"tmp", "tmp/d"}},
		{"unlink", func() { ok(t, fs.Unlink(root, "tmp/l")) }, []string{"tmp"}},
		{"remove a directory", func() { ok(t, fs.Rmdir(root, "tmp/d/e")) }, []string{"tmp/d"}},
	} {
		step.do()
		before := last
		for _, p := range step.changed {
			got := mtim(p)
			if got <= before {
				t.Errorf("%s: the time of %s is %d, not after %d", step.name, p, got, before)
			}
			last = max(last, got)
		}
	}
	if got := mtim("in/f"); got != vfs.FileTime {
		t.Errorf("the time of an input became %d", got)
	}
	early := uint64(1)
	n, _ := fs.Lookup(root, "in/new", false)
	ok(t, n.SetTimes(nil, &early))
	if got := mtim("in/new"); got != early {
		t.Errorf("the time is %d, was set to %d", got, early)
	}
}
