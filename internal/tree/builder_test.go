package tree

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/digest"
)

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
		{"removed", func(b *Builder) error {
			add(t, b, "a/b", "a/c", "d/e")
			return errors.Join(b.AddTree("m", inner), b.Remove("a/b"), b.Remove("d"), b.Remove("m/x/1"), b.Remove("m/z"))
		}, []string{"a/", "a/c", "m/", "m/x/", "m/x/2", "m/y"}},
		{"removed, though it is not there", func(b *Builder) error {
			add(t, b, "a", "l>a", "d/")
			return errors.Join(b.Remove("b"), b.Remove("a/b"), b.Remove("l/b"), b.Remove("d/x/y"))
		}, []string{"a", "d/", "l>a"}},
		{"removed and added", func(b *Builder) error {
			add(t, b, "a/b")
			err := b.Remove("a")
			add(t, b, "a")
			return err
		}, []string{"a"}},
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
		{"the root removed", func(b *Builder) error { return b.Remove("a/..") }, `path "." is not inside the tree`},
		{"removed above", func(b *Builder) error { return b.Remove("../a") }, `path "../a" is not inside the tree`},
		{"removed absolute", func(b *Builder) error { return b.Remove("/a") }, `path "/a" is not inside the tree`},
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
