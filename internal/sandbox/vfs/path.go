package vfs

import (
	"strings"
	"unicode/utf8"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/tree"
)

const (
	maxPath     = 4096 // bytes in a path or in the target of a symlink
	maxName     = 255  // bytes in a name
	maxDepth    = 200  // directories inside each other that a guest can make
	maxSymlinks = 40   // followed to resolve one path
)

// A place is where a path leads: to an entry of a directory, which may be
// there or not, or, if the path ends in "." or "..", to a directory itself.
type place struct {
	dir   *Node // nil if the path does not end in a name
	name  string
	node  *Node // nil if there is no such entry
	asDir bool  // the path ends in a slash, and so can mean a directory only
}

// walk resolves p from the directory at, or from the root if p starts with a
// slash. A symlink at the end is followed if follow is set or if a slash comes
// after it.
func (fs *FS) walk(at *Node, p string, follow bool) (place, errno.Errno) {
	if err := checkPath(p); err != errno.OK {
		return place{}, err
	}
	if at.kind != tree.Dir {
		return place{}, errno.ENOTDIR
	}
	dir, rest, links := at, p, 0
	if strings.HasPrefix(p, "/") {
		dir = fs.root
	}
	for {
		rest = strings.TrimLeft(rest, "/")
		name, after, slash := strings.Cut(rest, "/")
		after = strings.TrimLeft(after, "/")
		last := after == ""

		if name == "" || name == "." || name == ".." {
			if name == ".." {
				dir = dir.parent
			}
			if last {
				return place{node: dir}, errno.OK
			}
			rest = after
			continue
		}
		if len(name) > maxName {
			return place{}, errno.ENAMETOOLONG
		}
		n, err := dir.find(name)
		if err != errno.OK {
			return place{}, err
		}
		if n != nil && n.kind == tree.Symlink && (!last || follow || slash) {
			if links++; links > maxSymlinks {
				return place{}, errno.ELOOP
			}
			if strings.HasPrefix(n.target, "/") {
				dir = fs.root
			}
			rest = n.target
			if slash {
				rest += "/" + after
			}
			if len(rest) > 2*maxPath {
				return place{}, errno.ENAMETOOLONG
			}
			continue
		}
		if last {
			if n != nil && slash && n.kind != tree.Dir {
				return place{}, errno.ENOTDIR
			}
			return place{dir, name, n, slash}, errno.OK
		}
		if n == nil {
			return place{}, errno.ENOENT
		}
		if n.kind != tree.Dir {
			return place{}, errno.ENOTDIR
		}
		dir, rest = n, after
	}
}

// checkPath reports why p cannot be a path or the target of a symlink.
func checkPath(p string) errno.Errno {
	switch {
	case p == "":
		return errno.ENOENT
	case len(p) >= maxPath:
		return errno.ENAMETOOLONG
	case !utf8.ValidString(p):
		return errno.EILSEQ
	case strings.Contains(p, "\x00"):
		return errno.EINVAL
	}
	return errno.OK
}

// Lookup returns the node that p leads to from the directory at.
func (fs *FS) Lookup(at *Node, p string, follow bool) (*Node, errno.Errno) {
	pl, err := fs.walk(at, p, follow)
	if err != errno.OK {
		return nil, err
	}
	if pl.node == nil {
		return nil, errno.ENOENT
	}
	return pl.node, errno.OK
}

// Readlink returns the target of the symlink at p.
func (fs *FS) Readlink(at *Node, p string) (string, errno.Errno) {
	n, err := fs.Lookup(at, p, false)
	if err != errno.OK {
		return "", err
	}
	if n.kind != tree.Symlink {
		return "", errno.EINVAL
	}
	return n.target, errno.OK
}
