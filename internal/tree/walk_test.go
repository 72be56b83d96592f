package tree

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	remoteexecution "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/digest"
)

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
