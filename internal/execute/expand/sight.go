package expand

import (
	"path"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// A sight is the tree that all edges see, looked at as a guest does.
type sight struct {
	load tree.Loader
	root digest.Digest
}

// lookup returns what is at a path, symlinks followed, and whether anything is.
func (s *sight) lookup(p string) (tree.Entry, bool, error) { return tree.Resolve(s.load, s.root, p) }

// near returns the path of what is beside p, where nothing is, and was most
// likely meant; "" if nothing was.
func (s *sight) near(p string) (string, error) {
	e, ok, err := s.lookup(path.Dir(p))
	if err != nil || !ok || e.Kind != tree.Dir {
		return "", err
	}
	dir, err := s.load(e.Digest)
	if err != nil {
		return "", err
	}
	var names []string
	for _, e := range dir.Entries {
		if e.Name == path.Base(p) {
			continue // a symlink that leads nowhere
		}
		names = append(names, e.Name)
	}
	if best := diag.Nearest(path.Base(p), names); best != "" {
		return path.Join(path.Dir(p), best), nil
	}
	return "", nil
}
