package tree

import (
	"fmt"
	"path"
	"strings"

	"github.com/cowasm/cowasm/internal/digest"
)

// maxLinks bounds how many symlinks a path may go through, as Linux does.
const maxLinks = 40

// Resolve returns what a program finds at the path p, which is relative to the
// root of the tree or absolute, with symlinks followed. It reports false if there
// is nothing.
func Resolve(load Loader, root digest.Digest, p string) (Entry, bool, error) {
	top := Entry{Kind: Dir, Digest: root}
	at, done, links := top, "/", 0
	for rest := strings.Trim(path.Join("/", p), "/"); rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		if at.Kind != Dir {
			return Entry{}, false, nil
		}
		dir, err := load(at.Digest)
		if err != nil {
			return Entry{}, false, fmt.Errorf("looking for %s: %w", p, err)
		}
		next, ok := dir.Lookup(name)
		switch {
		case !ok:
			return Entry{}, false, nil
		case next.Kind != Symlink:
			at, done = next, path.Join(done, name)
			continue
		case links == maxLinks:
			return Entry{}, false, nil
		}
		links++
		target := next.Target
		if !path.IsAbs(target) {
			target = path.Join(done, target)
		}
		at, done = top, "/"
		rest = strings.Trim(path.Join("/", target, rest), "/")
	}
	return at, true, nil
}
