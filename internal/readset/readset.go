// Package readset holds what a program saw of its tree of inputs, so that one
// can tell whether it would see the same in another tree. A deterministic
// program that sees the same does the same.
package readset

import (
	"encoding/binary"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// Access tells what a program observed of an input.
type Access uint8

const (
	Looked Access = 1 << iota // that it is there, its kind, size or target
	Read                      // the content of a file, or whether it is executable
	Listed                    // the names and kinds in a directory
	Absent                    // that it is not there
)

// An Observation says what a program observed of a path of the tree. All but
// the last name of the path are directories.
type Observation struct {
	Path   string // relative to the root, "" for the root
	Access Access
}

// A Set is what a program saw: all that it observed, each with the state that
// it was in. It is a tree as far as it was seen. It must not be changed.
type Set struct{ root *node }

// A kind is what was found at a path, and how closely it was looked at.
type kind uint8

const (
	absent     kind = iota
	file            // of some size
	content         // of a file that is not executable
	executable      // the content of one that is
	symlink
	directory
	listing // a directory whose names and kinds were read
)

// A node is what was seen of a path.
type node struct {
	name   string
	kind   kind
	size   int64         // of a file
	digest digest.Digest // of a content, or of a directory: if it is the same, so is all below
	target string        // of a symlink
	names  digest.Digest // of a listing, see digestOfNames
	kids   []*node       // what was seen in a directory, sorted by name
}

// New returns the set of what a program saw that made the given observations
// in the tree with the given root. They must fit the tree.
func New(load tree.Loader, root digest.Digest, seen []Observation) (*Set, error) {
	top := &spot{}
	for _, o := range seen {
		s := top
		if o.Path != "" {
			for name := range strings.SplitSeq(o.Path, "/") {
				s = s.kid(name)
			}
		}
		s.access |= o.Access
	}
	n, err := top.state(load, "", tree.Entry{Kind: tree.Dir, Digest: root}, true)
	if err != nil {
		return nil, fmt.Errorf("read set: %w", err)
	}
	return &Set{n}, nil
}

// A spot is a path that was observed, or that leads to one.
type spot struct {
	access Access
	kids   map[string]*spot
}

func (s *spot) kid(name string) *spot {
	k, ok := s.kids[name]
	if !ok {
		if s.kids == nil {
			s.kids = map[string]*spot{}
		}
		k = &spot{}
		s.kids[name] = k
	}
	return k
}

// state returns what was seen at the path p, where e is if there is anything.
func (s *spot) state(load tree.Loader, p string, e tree.Entry, there bool) (*node, error) {
	n := &node{}
	possible := Looked
	switch {
	case !there:
		possible = Absent
	case e.Kind == tree.Dir:
		n.kind, n.digest = directory, e.Digest
		possible |= Listed
	case e.Kind == tree.Symlink:
		n.kind, n.target = symlink, e.Target
	case s.access&Read == 0:
		n.kind, n.size = file, e.Digest.Size()
	default:
		n.kind, n.digest = content, e.Digest
		if e.Executable {
			n.kind = executable
		}
		possible |= Read
	}
	if s.access&^possible != 0 || len(s.kids) > 0 && n.kind != directory {
		return nil, fmt.Errorf("%q is not as it was observed", p)
	}
	if n.kind != directory {
		return n, nil
	}
	dir, err := load(e.Digest)
	if err != nil {
		return nil, err
	}
	if s.access&Listed != 0 {
		n.kind, n.names = listing, digestOfNames(dir)
	}
	for _, name := range slices.Sorted(maps.Keys(s.kids)) {
		e, there := dir.Lookup(name)
		k, err := s.kids[name].state(load, path.Join(p, name), e, there)
		if err != nil {
			return nil, err
		}
		k.name = name
		n.kids = append(n.kids, k)
	}
	return n, nil
}

// digestOfNames returns the digest of the names and kinds in a directory.
func digestOfNames(dir *tree.Directory) digest.Digest {
	var data []byte
	for _, e := range dir.Entries {
		data = append(data, byte(e.Kind))
		data = binary.AppendUvarint(data, uint64(len(e.Name)))
		data = append(data, e.Name...)
	}
	return digest.Of(data)
}

// Matches reports whether the program would see the same in the tree with the
// given root. It loads the directories in which something was seen and that are
// not the same as they were, until it comes to a difference.
func (s *Set) Matches(load tree.Loader, root digest.Digest) (bool, error) {
	return s.root.matches(load, tree.Entry{Kind: tree.Dir, Digest: root}, true)
}

func (n *node) matches(load tree.Loader, e tree.Entry, there bool) (bool, error) {
	if !there || n.kind == absent {
		return there == (n.kind != absent), nil
	}
	switch n.kind {
	case file:
		return e.Kind == tree.File && e.Digest.Size() == n.size, nil
	case content, executable:
		return e.Kind == tree.File && e.Digest == n.digest && e.Executable == (n.kind == executable), nil
	case symlink:
		return e.Kind == tree.Symlink && e.Target == n.target, nil
	}
	if e.Kind != tree.Dir || e.Digest == n.digest || n.kind == directory && len(n.kids) == 0 {
		return e.Kind == tree.Dir, nil
	}
	dir, err := load(e.Digest)
	if err != nil {
		return false, err
	}
	if n.kind == listing && digestOfNames(dir) != n.names {
		return false, nil
	}
	for _, k := range n.kids {
		e, there := dir.Lookup(k.name)
		if same, err := k.matches(load, e, there); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}
