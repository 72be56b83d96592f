package tree

import (
	"path"

	"github.com/cowasm/cowasm/internal/digest"
)

// Diff returns the paths, in order, at which the trees with the roots a and b
// differ. A directory that only one of them has is one path.
func Diff(load Loader, a, b digest.Digest) ([]string, error) {
	return diff(load, a, b, "", 0)
}

func diff(load Loader, a, b digest.Digest, prefix string, depth int) ([]string, error) {
	if a == b {
		return nil, nil
	}
	if depth > maxDepth {
		return nil, tooDeep(prefix)
	}
	da, err := load(a)
	if err != nil {
		return nil, err
	}
	db, err := load(b)
	if err != nil {
		return nil, err
	}
	var paths []string
	for x, y := da.Entries, db.Entries; len(x) > 0 || len(y) > 0; {
		switch {
		case len(y) == 0 || len(x) > 0 && x[0].Name < y[0].Name:
			paths = append(paths, path.Join(prefix, x[0].Name))
			x = x[1:]
		case len(x) == 0 || y[0].Name < x[0].Name:
			paths = append(paths, path.Join(prefix, y[0].Name))
			y = y[1:]
		default:
			p := path.Join(prefix, x[0].Name)
			if x[0].Kind == Dir && y[0].Kind == Dir {
				below, err := diff(load, x[0].Digest, y[0].Digest, p, depth+1)
				if err != nil {
					return nil, err
				}
				paths = append(paths, below...)
			} else if x[0] != y[0] {
				paths = append(paths, p)
			}
			x, y = x[1:], y[1:]
		}
	}
	return paths, nil
}
