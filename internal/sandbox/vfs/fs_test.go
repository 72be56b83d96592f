package vfs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/tree"
)

// blobs is a store in memory.
type blobs map[digest.Digest][]byte

func (b blobs) Get(_ context.Context, d digest.Digest) ([]byte, error) {
	data, ok := b[d]
	if !ok {
		return nil, errors.New("it is gone")
	}
	return data, nil
}

func (b blobs) put(data []byte) (digest.Digest, error) {
	d := digest.Of(data)
	b[d] = append([]byte(nil), data...)
	return d, nil
}

// newFS returns a file system over some inputs: content that starts with "->"
// is the target of a symlink.
func newFS(t *testing.T, files map[string]string) (*vfs.FS, blobs) {
	t.Helper()
	store := blobs{}
	b := tree.NewBuilder(nil)
	for p, content := range files {
		var err error
		if target, ok := strings.CutPrefix(content, "->"); ok {
			err = b.AddSymlink(p, target)
		} else {
			d, _ := store.put([]byte(content))
			err = b.AddFile(p, d, false)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	root, err := b.Build(func(data []byte) error { _, err := store.put(data); return err })
	if err != nil {
		t.Fatal(err)
	}
	fs, err := vfs.New(context.Background(), vfs.NewCache(store, 1<<20), root, vfs.Limits{Written: 1000, Files: 20})
	if err != nil {
		t.Fatal(err)
	}
	return fs, store
}

// write makes a file.
func write(t *testing.T, fs *vfs.FS, p, content string) {
	t.Helper()
	n, err := fs.Open(fs.Root(), p, vfs.Write|vfs.Create|vfs.Truncate|vfs.Follow)
	if err != errno.OK {
		t.Fatalf("open %s: %v", p, err)
	}
	defer n.Close()
	if err := n.WriteAt([]byte(content), 0); err != errno.OK {
		t.Fatalf("write %s: %v", p, err)
	}
}

// read returns what is in a file.
func read(t *testing.T, fs *vfs.FS, p string) string {
	t.Helper()
	n, err := fs.Open(fs.Root(), p, vfs.Follow)
	if err != errno.OK {
		return err.Error()
	}
	defer n.Close()
	buf := make([]byte, 100)
	got, err := n.ReadAt(buf, 0)
	if err != errno.OK {
		return err.Error()
	}
	return string(buf[:got])
}

// list returns the names in a directory.
func list(t *testing.T, fs *vfs.FS, p string) string {
	t.Helper()
	n, err := fs.Lookup(fs.Root(), p, true)
	if err != errno.OK {
		return err.Error()
	}
	entries, err := n.List()
	if err != errno.OK {
		return err.Error()
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name)
	}
	return strings.Join(names, " ")
}

func ok(t *testing.T, err errno.Errno) {
	t.Helper()
	if err != errno.OK {
		t.Fatal(err)
	}
}

func TestOverlay(t *testing.T) {
	fs, _ := newFS(t, map[string]string{"d/b": "input", "d/sub/x": "deep"})
	root := fs.Root()
	write(t, fs, "d/a", "new")
	write(t, fs, "d/c", "new")
	if got := list(t, fs, "d"); got != ". .. a b c sub" {
		t.Errorf("d has %s", got)
	}
	ok(t, fs.Link(root, "d/b", false, root, "d/hard"))
	if got := read(t, fs, "d/hard"); got != "input" {
		t.Errorf("a link to an input reads as %q", got)
	}
	if _, err := fs.Open(root, "d/hard", vfs.Write); err != errno.EROFS {
		t.Errorf("opening a link to an input for writing: %v", err)
	}
	// Tools replace a file by renaming another one over it.
	write(t, fs, "d/tmp", "better")
	ok(t, fs.Rename(root, "d/tmp", root, "d/hard"))
	if got := read(t, fs, "d/hard") + read(t, fs, "d/b"); got != "betterinput" {
		t.Errorf("after the rename there is %q", got)
	}
	if err := fs.Rename(root, "d/hard", root, "d/b"); err != errno.EROFS {
		t.Errorf("replacing an input: %v", err)
	}
	ok(t, fs.Unlink(root, "d/hard"))
	if got := list(t, fs, "d"); got != ". .. a b c sub" {
		t.Errorf("d has %s", got)
	}
}

func TestRenameDirectory(t *testing.T) {
	fs, _ := newFS(t, nil)
	root := fs.Root()
	for _, d := range []string{"a", "a/b", "full", "full/x", "empty"} {
		ok(t, fs.Mkdir(root, d))
	}
	write(t, fs, "a/b/f", "text")
	inside, err := fs.Lookup(root, "a/b", false)
	ok(t, err)
	for _, test := range []struct {
		from, to string
		want     errno.Errno
	}{
		{"a", "a/b/c", errno.EINVAL},
		{"a", "a", errno.OK},
		{"a", "full", errno.ENOTEMPTY},
		{"a", "a/b/f", errno.EINVAL},
		{"a/b/f", "empty", errno.EISDIR},
		{"a/b", "full/x/../../a/b/f", errno.EINVAL},
		{".", "x", errno.EBUSY},
		{"a", "..", errno.EBUSY},
		{"a/b/f", "g/", errno.ENOTDIR},
		{"a", "empty/", errno.OK},
	} {
		if err := fs.Rename(root, test.from, root, test.to); err != test.want {
			t.Errorf("rename %s %s: %v, want %v", test.from, test.to, err, test.want)
		}
	}
	if got := read(t, fs, "empty/b/f"); got != "text" {
		t.Errorf("the file moved reads as %q", got)
	}
	// A directory that is open moves along.
	up, err := fs.Lookup(inside, "../../full", false)
	ok(t, err)
	if want, _ := fs.Lookup(root, "full", false); up != want {
		t.Error(".. of a directory that moved leads elsewhere")
	}
	ok(t, fs.Rmdir(root, "full/x"))
	ok(t, fs.Rmdir(up, "../full"))
	if err := fs.Mkdir(up, "x"); err != errno.ENOENT {
		t.Errorf("making something in a directory that was removed: %v", err)
	}
}

func TestOpenFileIsKept(t *testing.T) {
	fs, _ := newFS(t, nil)
	n, err := fs.Open(fs.Root(), "f", vfs.Write|vfs.Create)
	ok(t, err)
	ok(t, n.WriteAt([]byte("text"), 0))
	ok(t, fs.Unlink(fs.Root(), "f"))
	buf := make([]byte, 10)
	if got, err := n.ReadAt(buf, 1); string(buf[:got]) != "ext" || err != errno.OK {
		t.Errorf("read %q, %v", buf[:got], err)
	}
	n.Close()
	if err := fs.Mkdir(fs.Root(), "f"); err != errno.OK {
		t.Error(err)
	}
}

// TestLimits fills the file system and empties it again.
func TestLimits(t *testing.T) {
	fs, _ := newFS(t, nil)
	for range 3 {
		n, err := fs.Open(fs.Root(), "f", vfs.Write|vfs.Create)
		ok(t, err)
		ok(t, n.Truncate(900))
		ok(t, n.WriteAt(make([]byte, 100), 900))
		if err := n.WriteAt([]byte("x"), 1000); err != errno.ENOSPC {
			t.Errorf("writing too much: %v", err)
		}
		if err := n.WriteAt([]byte("x"), 1<<62); err != errno.ENOSPC {
			t.Errorf("writing far out: %v", err)
		}
		ok(t, fs.Unlink(fs.Root(), "f"))
		n.Close() // gives it all back
	}
	if got := fs.Exceeded(); got != "1000 bytes written" {
		t.Errorf("the limit is %q", got)
	}
	var err errno.Errno
	made := 0
	for ; err == errno.OK && made < 100; made++ {
		err = fs.Mkdir(fs.Root(), strings.Repeat("d", made+1))
	}
	if err != errno.ENOSPC || made != 21 {
		t.Errorf("%v after %d directories", err, made)
	}
	ok(t, fs.Rmdir(fs.Root(), "d"))
	ok(t, fs.Symlink("x", fs.Root(), "link"))
}

// TestShrinkAndGrow checks that what was cut off does not come back.
func TestShrinkAndGrow(t *testing.T) {
	fs, _ := newFS(t, nil)
	n, err := fs.Open(fs.Root(), "f", vfs.Write|vfs.Create)
	ok(t, err)
	ok(t, n.WriteAt([]byte("secret"), 0))
	ok(t, n.Truncate(1))
	ok(t, n.WriteAt([]byte("x"), 4))
	if got := read(t, fs, "f"); got != "s\x00\x00\x00x" {
		t.Errorf("the file is %q", got)
	}
}

func TestObservations(t *testing.T) {
	fs, _ := newFS(t, map[string]string{
		"a/f": "1", "a/g": "2", "b/l": "->../a", "c/x": "3", "unseen/x": "4",
	})
	if err := fs.Prepare("out/deep", true); err != nil {
		t.Fatal(err)
	}
	if err := fs.Prepare("made", false); err != nil {
		t.Fatal(err)
	}
	root := fs.Root()
	read(t, fs, "b/l/f")
	fs.Lookup(root, "a/none/x", true)
	list(t, fs, "c")
	fs.Open(root, "a/g", 0)
	fs.Lookup(root, "a/g/x", true)
	write(t, fs, "out/deep/o", "")
	read(t, fs, "out/deep/o")
	write(t, fs, "made/o", "")
	list(t, fs, "out")
	if _, err := fs.HasInput("c/y"); err != nil {
		t.Error(err)
	}
	want := []readset.Observation{
		{Path: "a", Access: readset.Looked},
		{Path: "a/f", Access: readset.Looked | readset.Read},
		{Path: "a/g", Access: readset.Looked},
		{Path: "a/none", Access: readset.Absent},
		{Path: "b", Access: readset.Looked},
		{Path: "b/l", Access: readset.Looked},
		{Path: "c", Access: readset.Looked | readset.Listed},
		{Path: "c/y", Access: readset.Absent},
		{Path: "made", Access: readset.Absent},
		{Path: "out", Access: readset.Absent},
	}
	if diff := cmp.Diff(want, fs.Observations()); diff != "" {
		t.Error(diff)
	}
}

// TestInputGone has inputs that the store has lost.
func TestInputGone(t *testing.T) {
	fs, store := newFS(t, map[string]string{"f": "text", "d/x": "more"})
	for d := range store {
		delete(store, d)
	}
	for _, p := range []string{"f", "d/x"} {
		if got := read(t, fs, p); got != errno.EIO.Error() {
			t.Errorf("%s reads as %q", p, got)
		}
	}
	if err := fs.Fault(); err == nil || err.Error() != "reading the input f: it is gone" {
		t.Errorf("the fault is %v", err)
	}
}

func TestOutputs(t *testing.T) {
	fs, store := newFS(t, map[string]string{"in": "text"})
	if err := fs.Prepare("out", false); err != nil {
		t.Fatal(err)
	}
	write(t, fs, "out/b", "1")
	ok(t, fs.Mkdir(fs.Root(), "out/a"))
	ok(t, fs.Link(fs.Root(), "in", false, fs.Root(), "out/a/in"))
	ok(t, fs.Symlink("b", fs.Root(), "out/l"))
	write(t, fs, "x", "")
	root, packed, err := fs.OutputDir("out", store.put)
	if err != nil {
		t.Fatal(err)
	}
	top, load, err := tree.Unpack(store[packed])
	if err != nil || top != root {
		t.Fatalf("the Tree message is of %v, want %v: %v", top, root, err)
	}
	var got []string
	err = tree.Walk(load, root, func(p string, e tree.Entry) error {
		got = append(got, p+" "+string(store[e.Digest])[:min(1, len(store[e.Digest]))]+e.Target)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a \n", "a/in t", "b 1", "l b"}, got); diff != "" {
		t.Error(diff)
	}
	if e, err := fs.OutputFile("out/l", store.put); err != nil || e.Digest != digest.Of([]byte("1")) {
		t.Errorf("a symlink as output: %v %v", e, err)
	}
	if diff := cmp.Diff([]string{"x"}, fs.Additions(func(p string) bool { return p == "out" })); diff != "" {
		t.Error(diff)
	}
	if _, err := fs.OutputFile("none", store.put); !errors.Is(err, vfs.ErrMissing) {
		t.Errorf("a missing output: %v", err)
	}
	if _, err := fs.OutputFile("out", store.put); err == nil {
		t.Error("a directory was taken for a file")
	}
	if _, _, err := fs.OutputDir("out/b", store.put); err == nil {
		t.Error("a file was taken for a directory")
	}
}

// TestManyAbsent looks for more names than are recorded.
func TestManyAbsent(t *testing.T) {
	fs, _ := newFS(t, map[string]string{"d/f": ""})
	for i := range 1<<17 + 10 {
		fs.Lookup(fs.Root(), fmt.Sprintf("d/%d", i), true)
	}
	seen := fs.Observations()
	if len(seen) != 1<<17+1 {
		t.Errorf("%d observations", len(seen))
	}
	if seen[0] != (readset.Observation{Path: "d", Access: readset.Looked | readset.Listed}) {
		t.Errorf("the directory is not recorded as read: %v", seen[0])
	}
}

// FuzzPaths resolves paths over links. None may lead above the root, or take
// for ever.
func FuzzPaths(f *testing.F) {
	f.Add("a/../b", "../../x")
	f.Add("l/l/l", "l/../l")
	f.Add("//./a//", "/")
	f.Fuzz(func(t *testing.T, p, target string) {
		fs, _ := newFS(t, map[string]string{"d/f": "1"})
		if fs.Symlink(target, fs.Root(), "l") != errno.OK {
			return
		}
		ok(t, fs.Symlink("../l", fs.Root(), "d/l"))
		n, err := fs.Lookup(fs.Root(), p, true)
		if err != errno.OK {
			return
		}
		if n.Kind() == tree.Symlink {
			t.Errorf("%q leads to a symlink", p)
		}
		if n.Kind() == tree.Dir {
			if _, err := n.List(); err != errno.OK {
				t.Error(err)
			}
		}
	})
}

func second[T any](_ T, err errno.Errno) errno.Errno { return err }

func TestNull(t *testing.T) {
	fs, _ := newFS(t, map[string]string{"a": "x"})
	if err := fs.PrepareNull("dev/null"); err != nil {
		t.Fatal(err)
	}
	write(t, fs, "/dev/null", strings.Repeat("gone", 1000)) // more than the limit
	if got := read(t, fs, "/dev/null"); got != "" {
		t.Errorf("/dev/null holds %q", got)
	}
	if err := fs.Unlink(fs.Root(), "dev/null"); err == errno.OK {
		t.Error("/dev/null can be removed")
	}
	write(t, fs, "/b", "")
	for what, err := range map[string]errno.Errno{
		"opened":  second(fs.Open(fs.Root(), "dev/tty", vfs.Write|vfs.Create)),
		"made":    fs.Mkdir(fs.Root(), "dev/tty"),
		"linked":  fs.Symlink("/a", fs.Root(), "dev/tty"),
		"renamed": fs.Rename(fs.Root(), "b", fs.Root(), "dev/tty"),
	} {
		if err != errno.EROFS {
			t.Errorf("/dev/tty is %s: %v", what, err)
		}
	}
	ok(t, fs.Unlink(fs.Root(), "b"))
	if got := fs.Additions(func(string) bool { return false }); len(got) > 0 {
		t.Errorf("written, it seems: %v", got)
	}

	own, _ := newFS(t, map[string]string{"dev/null": "an input"})
	if err := own.PrepareNull("dev/null"); err != nil {
		t.Fatal(err)
	}
	if got := read(t, own, "/dev/null"); got != "an input" {
		t.Errorf("/dev/null of the inputs holds %q", got)
	}

	output, _ := newFS(t, nil)
	if err := errors.Join(output.PrepareNull("dev/null"), output.Prepare("dev", true)); err != nil {
		t.Fatal(err)
	}
	write(t, output, "/dev/output", "x")
}
