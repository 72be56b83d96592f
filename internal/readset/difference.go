package readset

import (
	"fmt"
	"path"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// A Difference is something that a program saw and would not see again.
type Difference struct {
	Path    string // relative to the root, "" for the root
	Was, Is string // in words; contents by their digest
}

// Differences returns what the program would see otherwise in the tree with the
// given root, sorted by path: nothing if the set matches.
func (s *Set) Differences(load tree.Loader, root digest.Digest) ([]Difference, error) {
	return s.root.differences(load, "", tree.Entry{Kind: tree.Dir, Digest: root}, true)
}

func (n *node) differences(load tree.Loader, p string, e tree.Entry, there bool) ([]Difference, error) {
	// What is below a directory is told by itself.
	below := there && e.Kind == tree.Dir && len(n.kids) > 0 && (n.kind == directory || n.kind == listing)
	alone := n
	if below {
		alone = &node{kind: n.kind, digest: n.digest, names: n.names}
	}
	same, err := alone.matches(load, e, there)
	if err != nil {
		return nil, err
	}
	var list []Difference
	if !same {
		list = append(list, Difference{p, n.String(), describe(n, e, there)})
	}
	if !below || e.Digest == n.digest {
		return list, nil
	}
	dir, err := load(e.Digest)
	if err != nil {
		return nil, err
	}
	for _, k := range n.kids {
		e, there := dir.Lookup(k.name)
		more, err := k.differences(load, path.Join(p, k.name), e, there)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// String says what was seen.
func (n *node) String() string {
	switch n.kind {
	case absent:
		return "not there"
	case file:
		return fmt.Sprintf("a file of %d bytes", n.size)
	case content:
		return "file " + n.digest.String()
	case executable:
		return "executable " + n.digest.String()
	case symlink:
		return "a link to " + n.target
	}
	return "a directory"
}

// describe says what is where n was seen, as closely as n was looked at.
func describe(n *node, e tree.Entry, there bool) string {
	switch {
	case !there:
		return "not there"
	case e.Kind == tree.Symlink:
		return "a link to " + e.Target
	case e.Kind == tree.Dir && n.kind == listing:
		return "a directory of other names"
	case e.Kind == tree.Dir:
		return "a directory"
	case n.kind == file:
		return fmt.Sprintf("a file of %d bytes", e.Digest.Size())
	case e.Executable:
		return "executable " + e.Digest.String()
	}
	return "file " + e.Digest.String()
}
