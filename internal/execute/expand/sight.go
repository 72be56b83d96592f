package expand

import (
	"fmt"
	"path"
	"strings"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// maxLinks bounds how many symlinks a path may go through, as Linux does.
const maxLinks = 40

// A sight is the tree that all edges see, looked at as a guest does.
type sight struct {
	load tree.Loader
	root digest.Digest
}

// lookup returns what is at an absolute path, symlinks followed, and whether
// anything is.
func (s *sight) lookup(p string) (tree.Entry, bool, error) {
	at := tree.Entry{Kind: tree.Dir, Digest: s.root}
	done, links := "/", 0
	for rest := strings.Trim(path.Clean(p), "/"); rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		if at.Kind != tree.Dir {
			return at, false, nil
		}
		dir, err := s.load(at.Digest)
		if err != nil {
			return at, false, fmt.Errorf("looking for %s: %w", p, err)
		}
		next, ok := dir.Lookup(name)
		if !ok {
			return at, false, nil
		}
		if next.Kind != tree.Symlink {
			at, done = next, path.Join(done, name)
			continue
		}
		if links++; links > maxLinks {
			return at, false, nil
		}
		target := next.Target
		if !path.IsAbs(target) {
			target = path.Join(done, target)
		}
		rest = strings.Trim(path.Join(target, rest), "/")
		at, done = tree.Entry{Kind: tree.Dir, Digest: s.root}, "/"
	}
	return at, true, nil
}

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
