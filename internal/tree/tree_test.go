package tree

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
