package tree

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	remoteexecution "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/cowasm/cowasm/internal/digest"
)

var equalDigests = cmp.Comparer(func(a, b digest.Digest) bool { return a == b })

// A shelf keeps directories and counts how often they are loaded.
type shelf struct {
	data  map[digest.Digest][]byte
	loads int
}

func newShelf() *shelf { return &shelf{data: map[digest.Digest][]byte{}} }

func (s *shelf) put(data []byte) error {
	s.data[digest.Of(data)] = data
	return nil
}

func (s *shelf) load(d digest.Digest) (*Directory, error) {
	s.loads++
	data, ok := s.data[d]
	if !ok {
		return nil, fmt.Errorf("%s is not on the shelf", d)
	}
	return Decode(data)
}

// content is the digest of a file.
func content(s string) digest.Digest { return digest.Of([]byte(s)) }

// add adds a file at each path, with its path as content. A path that ends in a
// slash is a directory, one that ends in a star an executable file, and a>b is
// a symlink at a to b.
func add(t *testing.T, b *Builder, paths ...string) {
	t.Helper()
	for _, p := range paths {
		var err error
		if at, target, ok := strings.Cut(p, ">"); ok {
			err = b.AddSymlink(at, target)
		} else if dir, ok := strings.CutSuffix(p, "/"); ok {
			err = b.AddDir(dir)
		} else {
			name, executable := strings.CutSuffix(p, "*")
			err = b.AddFile(name, content(name), executable)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (s *shelf) build(t *testing.T, b *Builder) digest.Digest {
	t.Helper()
	d, err := b.Build(s.put)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// tree builds a tree of the given paths.
func (s *shelf) tree(t *testing.T, paths ...string) digest.Digest {
	t.Helper()
	b := NewBuilder(s.load)
	add(t, b, paths...)
	return s.build(t, b)
}

// list returns the paths of a tree, in the form that add takes.
func (s *shelf) list(t *testing.T, root digest.Digest) (paths []string) {
	t.Helper()
	err := Walk(s.load, root, func(p string, e Entry) error {
		switch {
		case e.Kind == Dir:
			p += "/"
		case e.Kind == Symlink:
			p += ">" + e.Target
		case e.Executable:
			p += "*"
		}
		paths = append(paths, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestBuild(t *testing.T) {
	s := newShelf()
	inner := s.tree(t, "x/1", "x/2", "y", "z/")
	other := s.tree(t, "x/3", "x/1", "w*")
	tests := []struct {
		name string
		fill func(b *Builder) error
		want []string
	}{
		{"nothing", func(b *Builder) error { return nil }, nil},
		{"files", func(b *Builder) error { add(t, b, "b", "a/c", "a/b*", "a/l>../b", "d/e/"); return nil },
			[]string{"a/", "a/b*", "a/c", "a/l>../b", "b", "d/", "d/e/"}},
		{"the same twice", func(b *Builder) error { add(t, b, "a", "a", "d/", "d/", "l>a", "l>a"); return nil }, []string{"a", "d/", "l>a"}},
		{"clean paths", func(b *Builder) error { return b.AddFile("./a//b/../c", content("x"), false) }, []string{"a/", "a/c"}},
		{"mount", func(b *Builder) error { return b.AddTree("m", inner) }, []string{"m/", "m/x/", "m/x/1", "m/x/2", "m/y", "m/z/"}},
		{"mount at the root", func(b *Builder) error { return b.AddTree(".", inner) }, []string{"x/", "x/1", "x/2", "y", "z/"}},
		{"file in a mount", func(b *Builder) error {
			err := b.AddTree("m", inner)
			add(t, b, "m/x/n/new", "m/z/new")
			return err
		}, []string{"m/", "m/x/", "m/x/1", "m/x/2", "m/x/n/", "m/x/n/new", "m/y", "m/z/", "m/z/new"}},
		{"mount over files", func(b *Builder) error {
			add(t, b, "x/new")
			return b.AddTree(".", inner)
		}, []string{"x/", "x/1", "x/2", "x/new", "y", "z/"}},
		{"two mounts", func(b *Builder) error { return errors.Join(b.AddTree("m", inner), b.AddTree("m", other)) },
			[]string{"m/", "m/w*", "m/x/", "m/x/1", "m/x/2", "m/x/3", "m/y", "m/z/"}},
		{"the same mount twice", func(b *Builder) error { return errors.Join(b.AddTree("m", inner), b.AddTree("m", inner)) },
			[]string{"m/", "m/x/", "m/x/1", "m/x/2", "m/y", "m/z/"}},
		{"mount in a mount", func(b *Builder) error { return errors.Join(b.AddTree("m", inner), b.AddTree("m/x", inner)) },
			[]string{"m/", "m/x/", "m/x/1", "m/x/2", "m/x/x/", "m/x/x/1", "m/x/x/2", "m/x/y", "m/x/z/", "m/y", "m/z/"}},
		{"an empty mount", func(b *Builder) error { return b.AddTree("m", digest.Empty) }, []string{"m/"}},
	}
	if err := s.put(nil); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := NewBuilder(s.load)
			if err := tt.fill(b); err != nil {
				t.Fatal(err)
			}
			root := s.build(t, b)
			if diff := cmp.Diff(tt.want, s.list(t, root)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBuildRefuses(t *testing.T) {
	s := newShelf()
	inner := s.tree(t, "x/1", "y")
	mount := func(b *Builder) { _ = b.AddTree("m", inner) }
	tests := []struct {
		name string
		fill func(b *Builder) error
		want string
	}{
		{"other content", func(b *Builder) error { add(t, b, "a"); return b.AddFile("a", content("b"), false) }, "two different inputs are placed at a"},
		{"other mode", func(b *Builder) error { add(t, b, "a"); return b.AddFile("a", content("a"), true) }, "two different inputs are placed at a"},
		{"other kind", func(b *Builder) error { add(t, b, "a"); return b.AddSymlink("a", "a") }, "two different inputs are placed at a"},
		{"file over directory", func(b *Builder) error { add(t, b, "a/b"); return b.AddFile("a", content("a"), false) }, "two different inputs are placed at a"},
		{"below a file", func(b *Builder) error { add(t, b, "a"); return b.AddDir("a/b/c") }, "an input is placed below a, which is not a directory"},
		{"below a symlink", func(b *Builder) error { add(t, b, "a>b"); return b.AddDir("a") }, "an input is placed below a, which is not a directory"},
		{"file over a mount", func(b *Builder) error { mount(b); return b.AddFile("m/y", content("b"), false) }, "two different inputs are placed at m/y"},
		{"mount over a file", func(b *Builder) error { add(t, b, "m/x"); return b.AddTree("m", inner) }, "two different inputs are placed at m/x"},
		{"mount with another file", func(b *Builder) error {
			mount(b)
			_ = b.AddFile("n/y", content("other"), false)
			return b.AddTree("n", inner)
		}, "two different inputs are placed at n/y"},
		{"up", func(b *Builder) error { return b.AddDir("../a") }, `path "../a" is not inside the tree`},
		{"up and down", func(b *Builder) error { return b.AddDir("a/../../b") }, `path "../b" is not inside the tree`},
		{"the parent", func(b *Builder) error { return b.AddTree("..", inner) }, `path ".." is not inside the tree`},
		{"absolute", func(b *Builder) error { return b.AddDir("/a") }, `path "/a" is not inside the tree`},
		{"the root as a file", func(b *Builder) error { return b.AddFile(".", content("a"), false) }, `"." is not a file name`},
		{"zero byte", func(b *Builder) error { return b.AddDir("a\x00b") }, `file name "a\x00b" contains a slash or a zero byte`},
		{"not UTF-8", func(b *Builder) error { return b.AddDir("\xff") }, `file name "\xff" is not UTF-8`},
		{"too long", func(b *Builder) error { return b.AddDir(strings.Repeat("x", 256)) },
			`file name "` + strings.Repeat("x", 40) + `"… is longer than 255 bytes`},
		{"missing mount", func(b *Builder) error { _ = b.AddTree("m", content("none")); return b.AddDir("m") },
			"reading the tree at m: " + content("none").String() + " is not on the shelf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.fill(NewBuilder(s.load)); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
	b := NewBuilder(s.load)
	add(t, b, "l>")
	if _, err := b.Build(s.put); err == nil || err.Error() != `symlink "l" has no target` {
		t.Errorf("got %v", err)
	}
}

// Building loads no more of mounted trees than it must, and puts no more.
func TestBuildIsLazy(t *testing.T) {
	s := newShelf()
	big := s.tree(t, "a/b/c/1", "a/x/y/2", "z/3")
	s.loads = 0
	b := NewBuilder(s.load)
	if err := b.AddTree("usr", big); err != nil {
		t.Fatal(err)
	}
	puts := 0
	count := func([]byte) error { puts++; return nil }
	if _, err := b.Build(count); err != nil || s.loads != 0 || puts != 1 {
		t.Errorf("%d loads, %d puts, %v", s.loads, puts, err)
	}
	puts = 0
	add(t, b, "usr/a/new")
	if _, err := b.Build(count); err != nil || s.loads != 2 || puts != 3 {
		t.Errorf("%d loads, %d puts, %v", s.loads, puts, err)
	}
	full := errors.New("full")
	if _, err := b.Build(func([]byte) error { return full }); err != full {
		t.Errorf("got %v", err)
	}
}

// Equal trees have equal digests, in whatever order they were put together.
func TestBuildOrder(t *testing.T) {
	s := newShelf()
	a := s.tree(t, "x/1", "y", "x/2*", "l>y")
	if b := s.tree(t, "l>y", "x/2*", "y", "x/1"); a != b {
		t.Errorf("%s and %s", a, b)
	}
}

func TestDecode(t *testing.T) {
	_, file := (&Directory{}).Encode()
	good := &remoteexecution.Directory{
		Files:       []*remoteexecution.FileNode{{Name: "b", Digest: file.Proto()}, {Name: "c", Digest: file.Proto(), IsExecutable: true}},
		Directories: []*remoteexecution.DirectoryNode{{Name: "a", Digest: file.Proto()}},
		Symlinks:    []*remoteexecution.SymlinkNode{{Name: "d", Target: "../x"}},
	}
	d, err := Decode(marshal(t, good))
	if err != nil {
		t.Fatal(err)
	}
	want := &Directory{Entries: []Entry{
		{Name: "a", Kind: Dir, Digest: file},
		{Name: "b", Digest: file},
		{Name: "c", Digest: file, Executable: true},
		{Name: "d", Kind: Symlink, Target: "../x"},
	}}
	if diff := cmp.Diff(want, d, equalDigests); diff != "" {
		t.Error(diff)
	}
	for _, e := range want.Entries {
		if got, ok := d.Lookup(e.Name); !ok || got != e {
			t.Errorf("Lookup(%s) = %v, %v", e.Name, got, ok)
		}
	}
	for _, name := range []string{"", "aa", "e"} {
		if got, ok := d.Lookup(name); ok {
			t.Errorf("Lookup(%q) = %v", name, got)
		}
	}
}

func marshal(t *testing.T, m proto.Message) []byte {
	t.Helper()
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestDecodeRefuses(t *testing.T) {
	ok := digest.Empty.Proto()
	file := func(name string) *remoteexecution.FileNode { return &remoteexecution.FileNode{Name: name, Digest: ok} }
	tests := []struct {
		name string
		m    *remoteexecution.Directory
		want string
	}{
		{"not sorted", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{file("b"), file("a")}}, "directory: not in canonical form"},
		{"twice", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{file("a"), file("a")}}, `directory has two entries named "a"`},
		{"file and directory", &remoteexecution.Directory{
			Files:       []*remoteexecution.FileNode{file("a")},
			Directories: []*remoteexecution.DirectoryNode{{Name: "a", Digest: ok}},
		}, `directory has two entries named "a"`},
		{"traversal", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{file("..")}}, `".." is not a file name`},
		{"slash", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{file("a/b")}}, `file name "a/b" contains a slash or a zero byte`},
		{"no name", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{file("")}}, `"" is not a file name`},
		{"no digest", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{{Name: "a"}}}, `directory entry "a" has no digest`},
		{"bad digest", &remoteexecution.Directory{Directories: []*remoteexecution.DirectoryNode{{Name: "a", Digest: &remoteexecution.Digest{Hash: "x"}}}},
			`directory entry "a": sha256 "x" has 1 characters, want 64`},
		{"no target", &remoteexecution.Directory{Symlinks: []*remoteexecution.SymlinkNode{{Name: "a"}}}, `symlink "a" has no target`},
		{"properties", &remoteexecution.Directory{NodeProperties: &remoteexecution.NodeProperties{}}, "directory: not in canonical form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d, err := Decode(marshal(t, tt.m)); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, %v; want %s", d, err, tt.want)
			}
		})
	}
	if _, err := Decode([]byte("\xff")); err == nil {
		t.Error("no error for what is no message")
	}
}

func TestPack(t *testing.T) {
	s := newShelf()
	root := s.tree(t, "a/x/1", "b/", "c/", "d*", "l>d")
	data, err := Pack(s.load, root)
	if err != nil {
		t.Fatal(err)
	}
	again, load, err := Unpack(data)
	if err != nil || again != root {
		t.Fatalf("the root is %s, %v", again, err)
	}
	var want, got []string
	want = s.list(t, root)
	err = Walk(load, again, func(p string, e Entry) error {
		got = append(got, p)
		return nil
	})
	if err != nil || len(got) != len(want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	repacked, err := Pack(load, again)
	if err != nil || !bytes.Equal(repacked, data) {
		t.Errorf("packed again it differs, %v", err)
	}
	if _, err := load(content("none")); err == nil {
		t.Error("no error for a directory that is not in it")
	}
	for name, bad := range map[string][]byte{"not a message": []byte("\xff"), "empty": nil, "bad child": marshal(t, &remoteexecution.Tree{
		Root: &remoteexecution.Directory{}, Children: []*remoteexecution.Directory{{Files: []*remoteexecution.FileNode{{Name: "a"}}}}})} {
		if _, _, err := Unpack(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Pack(s.load, content("none")); err == nil {
		t.Error("no error for a tree that is not there")
	}
}

func TestDepth(t *testing.T) {
	s := newShelf()
	deep := s.tree(t, strings.Repeat("d/", maxDepth)+"f")
	if got := s.list(t, deep); len(got) != maxDepth+1 {
		t.Errorf("%d entries", len(got))
	}
	deeper := s.tree(t, strings.Repeat("d/", maxDepth+1)+"f")
	nothing := func(string, Entry) error { return nil }
	if err := Walk(s.load, deeper, nothing); err == nil {
		t.Error("Walk went too deep")
	}
	if _, err := Diff(s.load, deeper, s.tree(t, strings.Repeat("d/", maxDepth+1)+"g")); err == nil {
		t.Error("Diff went too deep")
	}
}

func TestWalkStops(t *testing.T) {
	s := newShelf()
	stop := errors.New("stop")
	var seen []string
	err := Walk(s.load, s.tree(t, "a/b", "c"), func(p string, e Entry) error {
		seen = append(seen, p)
		if p == "a/b" {
			return stop
		}
		return nil
	})
	if err != stop || len(seen) != 2 {
		t.Errorf("saw %v, %v", seen, err)
	}
}

// A directory that is in many places is visited once, so that a small message
// cannot stand for an endless walk.
func TestWalkDirs(t *testing.T) {
	s := newShelf()
	root := s.tree(t, "f")
	for range maxDepth {
		b := NewBuilder(s.load)
		if err := errors.Join(b.AddTree("left", root), b.AddTree("right", root)); err != nil {
			t.Fatal(err)
		}
		root = s.build(t, b)
	}
	n := 0
	if err := WalkDirs(s.load, root, func(digest.Digest, *Directory) error { n++; return nil }); err != nil || n != maxDepth+1 {
		t.Errorf("%d directories, %v", n, err)
	}
	if _, err := Pack(s.load, root); err != nil {
		t.Error(err)
	}
}

func TestDiff(t *testing.T) {
	s := newShelf()
	tests := []struct {
		name string
		a, b []string
		want []string
	}{
		{"equal", []string{"a", "d/e"}, []string{"d/e", "a"}, nil},
		{"more", nil, []string{"a", "b/c"}, []string{"a", "b"}},
		{"less", []string{"a", "b/c"}, []string{"b/c"}, []string{"a"}},
		{"mode", []string{"d/a", "d/b"}, []string{"d/a*", "d/b"}, []string{"d/a"}},
		{"target", []string{"l>a"}, []string{"l>b"}, []string{"l"}},
		{"kind", []string{"a/b", "z"}, []string{"a", "z"}, []string{"a"}},
		{"several", []string{"a", "d/1", "d/3", "e"}, []string{"d/2", "d/3*", "e", "f/"}, []string{"a", "d/1", "d/2", "d/3", "f"}},
	}
	for _, tt := range tests {
		got, err := Diff(s.load, s.tree(t, tt.a...), s.tree(t, tt.b...))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	if _, err := Diff(s.load, content("none"), s.tree(t, "a")); err == nil {
		t.Error("no error for a tree that is not there")
	}
}

// There is one encoding of a directory.
func FuzzDecode(f *testing.F) {
	d := &Directory{Entries: []Entry{{Name: "a", Kind: Dir, Digest: digest.Empty}, {Name: "b", Digest: digest.Empty}, {Name: "c", Kind: Symlink, Target: "b"}}}
	data, _ := d.Encode()
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Decode(data)
		if err != nil {
			return
		}
		if again, dg := d.Encode(); !bytes.Equal(again, data) || dg != digest.Of(data) {
			t.Errorf("%q is decoded, but encoded as %q", data, again)
		}
	})
}

// What can be unpacked can be packed.
func FuzzUnpack(f *testing.F) {
	s := newShelf()
	b := NewBuilder(s.load)
	if err := b.AddFile("a/b", digest.Empty, true); err != nil {
		f.Fatal(err)
	}
	root, err := b.Build(s.put)
	if err != nil {
		f.Fatal(err)
	}
	data, err := Pack(s.load, root)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		root, load, err := Unpack(data)
		if err != nil {
			return
		}
		packed, err := Pack(load, root)
		if err != nil {
			return // it lacks a directory
		}
		if again, _, err := Unpack(packed); err != nil || again != root {
			t.Errorf("the root %s became %s, %v", root, again, err)
		}
	})
}
