package vfs

import (
	"os"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/tree"
)

// An OpenFlag says how to open a file.
type OpenFlag uint8

const (
	Write     OpenFlag = 1 << iota // to write to it
	Create                         // make it if it is not there
	Exclusive                      // with Create: fail if it is there
	Truncate                       // drop what is in it
	Directory                      // fail if it is not a directory
	Follow                         // follow a symlink at the end of the path
)

// Open returns the node at p, which stays usable until it is closed, even if
// it is removed.
func (fs *FS) Open(at *Node, p string, flags OpenFlag) (*Node, errno.Errno) {
	exclusive := flags&Create != 0 && flags&Exclusive != 0
	pl, err := fs.walk(at, p, flags&Follow != 0 && !exclusive)
	if err != errno.OK {
		return nil, err
	}
	n := pl.node
	switch {
	case n == nil && flags&Create == 0:
		return nil, errno.ENOENT
	case n == nil:
		if pl.asDir {
			return nil, errno.EISDIR
		}
		if pl.dir.host != nil {
			n, err = hostOpen(pl, flags)
		} else {
			n, err = fs.add(pl, tree.File)
		}
		if err != errno.OK {
			return nil, err
		}
	case exclusive:
		return nil, errno.EEXIST
	case n.kind == tree.Symlink:
		return nil, errno.ELOOP
	case flags&Directory != 0 && n.kind != tree.Dir:
		return nil, errno.ENOTDIR
	case n.kind == tree.Dir && flags&(Write|Truncate|Create) != 0:
		return nil, errno.EISDIR
	case n.input && flags&(Write|Truncate) != 0:
		return nil, errno.EROFS
	case n.host != nil && n.kind == tree.File:
		if n, err = hostOpen(pl, flags); err != errno.OK {
			return nil, err
		}
	case flags&Truncate != 0:
		if err := n.Truncate(0); err != errno.OK {
			return nil, err
		}
	}
	n.open++
	return n, errno.OK
}

// add makes a node at a place where there is none.
func (fs *FS) add(pl place, kind tree.Kind) (*Node, errno.Errno) {
	if err := fs.free(pl); err != errno.OK {
		return nil, err
	}
	if kind == tree.Dir && pl.dir.depth() >= maxDepth {
		return nil, errno.ENAMETOOLONG
	}
	if err := fs.room(); err != errno.OK {
		return nil, err
	}
	n := fs.newNode(kind)
	pl.dir.attach(pl.name, n)
	return n, errno.OK
}

// free reports why no entry can be added at a place.
func (fs *FS) free(pl place) errno.Errno {
	switch {
	case pl.node != nil:
		return errno.EEXIST
	case pl.dir.links == 0: // removed while the guest has it open
		return errno.ENOENT
	case pl.dir.sealed:
		return errno.EROFS
	}
	return errno.OK
}

// Mkdir makes a directory.
func (fs *FS) Mkdir(at *Node, p string) errno.Errno {
	pl, err := fs.walk(at, p, false)
	if err != errno.OK {
		return err
	}
	if err := fs.free(pl); err != errno.OK {
		return err
	}
	if pl.dir.host != nil {
		return hostAdd(pl, tree.Dir, "")
	}
	_, err = fs.add(pl, tree.Dir)
	return err
}

// Symlink makes a symlink to target, which need not exist.
func (fs *FS) Symlink(target string, at *Node, p string) errno.Errno {
	if err := checkPath(target); err != errno.OK {
		return err
	}
	pl, err := fs.walk(at, p, false)
	if err != errno.OK {
		return err
	}
	if pl.node == nil && pl.asDir {
		return errno.ENOENT
	}
	if err := fs.free(pl); err != errno.OK {
		return err
	}
	if pl.dir.host != nil {
		return hostAdd(pl, tree.Symlink, target)
	}
	n, err := fs.add(pl, tree.Symlink)
	if err != errno.OK {
		return err
	}
	if err := fs.charge(int64(len(target))); err != errno.OK {
		pl.dir.detach(pl.name)
		return err
	}
	n.target = target
	return errno.OK
}

// Link makes newPath another name of the file or symlink at oldPath. A name
// for an input can be removed again; the input remains read-only.
func (fs *FS) Link(oldAt *Node, oldPath string, follow bool, newAt *Node, newPath string) errno.Errno {
	n, err := fs.Lookup(oldAt, oldPath, follow)
	if err != errno.OK {
		return err
	}
	if n.kind == tree.Dir {
		return errno.EPERM
	}
	pl, err := fs.walk(newAt, newPath, false)
	if err != errno.OK {
		return err
	}
	if err := fs.free(pl); err != errno.OK {
		return err
	}
	if pl.asDir {
		return errno.ENOENT
	}
	if n.host != nil || pl.dir.host != nil {
		if n.host == nil {
			return errno.EXDEV
		}
		return hostMove(place{dir: n.parent, name: n.host.name}, pl, (*os.Root).Link)
	}
	pl.dir.attach(pl.name, n)
	return errno.OK
}

// Unlink removes a name of a file or symlink.
func (fs *FS) Unlink(at *Node, p string) errno.Errno {
	pl, err := fs.existing(at, p)
	switch {
	case err != errno.OK:
		return err
	case pl.node.kind == tree.Dir:
		return errno.EISDIR
	case pl.dir.host != nil:
		return hostRemove(pl)
	case !pl.removable():
		return errno.EROFS
	}
	pl.dir.detach(pl.name)
	return errno.OK
}

// Rmdir removes an empty directory.
func (fs *FS) Rmdir(at *Node, p string) errno.Errno {
	pl, err := fs.existing(at, p)
	switch {
	case err != errno.OK:
		return err
	case pl.node.kind != tree.Dir:
		return errno.ENOTDIR
	case pl.dir == nil && pl.node == fs.root:
		return errno.EBUSY
	case pl.dir == nil:
		return errno.EINVAL
	case pl.dir.host != nil:
		return hostRemove(pl)
	case !pl.removable():
		return errno.EROFS
	case len(pl.node.added) > 0:
		return errno.ENOTEMPTY
	}
	pl.dir.detach(pl.name)
	return errno.OK
}

// Rename moves a file, symlink or directory, replacing what is at newPath as
// POSIX says.
func (fs *FS) Rename(oldAt *Node, oldPath string, newAt *Node, newPath string) errno.Errno {
	from, err := fs.existing(oldAt, oldPath)
	if err != errno.OK {
		return err
	}
	to, err := fs.walk(newAt, newPath, false)
	switch {
	case err != errno.OK:
		return err
	case from.dir == nil || (to.dir == nil && to.node != nil):
		return errno.EBUSY
	case from.dir.host != nil || to.dir.host != nil:
		return hostRename(from, to)
	case !from.removable() || to.dir.sealed:
		return errno.EROFS
	case to.dir.links == 0:
		return errno.ENOENT
	case to.asDir && from.node.kind != tree.Dir:
		return errno.ENOTDIR
	}
	if from.node.kind == tree.Dir {
		if to.dir.within(from.node) {
			return errno.EINVAL
		}
		if to.dir.depth()+from.node.height() > maxDepth {
			return errno.ENAMETOOLONG
		}
	}
	if n := to.node; n != nil {
		switch {
		case n == from.node:
			return errno.OK
		case n.kind == tree.Dir && from.node.kind != tree.Dir:
			return errno.EISDIR
		case n.kind != tree.Dir && from.node.kind == tree.Dir:
			return errno.ENOTDIR
		case !to.removable():
			return errno.EROFS
		case len(n.added) > 0:
			return errno.ENOTEMPTY
		}
		to.dir.detach(to.name)
	}
	to.dir.attach(to.name, from.node)
	from.dir.detach(from.name)
	return errno.OK
}

// within reports whether n is dir or below it.
func (n *Node) within(dir *Node) bool {
	for ; n != dir; n = n.parent {
		if n == n.parent {
			return false
		}
	}
	return true
}

// depth returns the number of directories above n.
func (n *Node) depth() int {
	depth := 0
	for ; n != n.parent; n = n.parent {
		depth++
	}
	return depth
}

// height returns the number of levels of directories in the tree at n, a
// directory that the guest made.
func (n *Node) height() int {
	height := 0
	for _, c := range n.added {
		if c.kind == tree.Dir {
			height = max(height, c.height())
		}
	}
	return 1 + height
}

// existing returns the place of an entry that is there. A symlink at the end
// is not followed.
func (fs *FS) existing(at *Node, p string) (place, errno.Errno) {
	pl, err := fs.walk(at, p, false)
	if err != errno.OK {
		return place{}, err
	}
	if pl.node == nil {
		return place{}, errno.ENOENT
	}
	return pl, errno.OK
}

// removable reports whether the entry at a place was made by the guest. An
// input may be linked to by such an entry.
func (pl place) removable() bool {
	n, ok := pl.dir.added[pl.name]
	return ok && !n.null && !(n.fixed && n.kind == tree.Dir)
}
