package vfs

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/tree"
)

// Mount puts a folder of the host at p, relative to the root. What the guest
// does there happens to the folder at once, and nothing that is outside of it
// can be reached: links in it are resolved as those of the sandbox. Of what is
// in it, the guest sees files, directories and symlinks.
//
// What a guest observes of the folder is not recorded, and what it writes there
// is not limited.
func (fs *FS) Mount(p string, folder *os.Root) error {
	dir, name := path.Split(path.Clean(p))
	if err := fs.Prepare(path.Join(".", dir), true); err != nil {
		return err
	}
	parent, e := fs.Lookup(fs.root, path.Join(".", dir), false)
	if e != errno.OK {
		return fmt.Errorf("mounting at %s: %w", p, e)
	}
	if taken, err := fs.entry(parent, name); err != nil || taken != nil {
		return errors.Join(fmt.Errorf("mounting at %s: there is something of that name", p), err)
	}
	n := fs.newNode(tree.Dir)
	n.fixed = true
	n.host = &host{folder: folder}
	parent.attach(name, n)
	return nil
}

// A host says what a node is on the host. The name of the folder itself is
// empty.
type host struct {
	folder   *os.Root
	name     string   // in its directory
	file     *os.File // while a file is open
	writable bool     // file is open for writing
}

// hostPath returns where a node is, relative to its folder.
func (n *Node) hostPath() string {
	if n.host.name == "" {
		return "."
	}
	return path.Join(n.parent.hostPath(), n.host.name)
}

// hostChild returns the entry of a directory of the host, nil if there is none
// that a guest can see.
func (n *Node) hostChild(name string) (*Node, errno.Errno) {
	p := path.Join(n.hostPath(), name)
	info, err := n.host.folder.Lstat(p)
	if errors.Is(err, iofs.ErrNotExist) {
		delete(n.inputs, name)
		return nil, errno.OK
	}
	if err != nil {
		return nil, hostErrno(err)
	}
	kind, ok := hostKind(info.Mode())
	if !ok {
		return nil, errno.OK
	}
	c := n.inputs[name]
	if c == nil || c.kind != kind {
		// The host's files are not counted among those of the guest.
		c = &Node{fs: n.fs, kind: kind, links: 1, fixed: true, parent: n, host: &host{folder: n.host.folder, name: name}}
		if n.inputs == nil {
			n.inputs = map[string]*Node{}
		}
		n.inputs[name] = c
	}
	if kind == tree.Symlink {
		if c.target, err = n.host.folder.Readlink(p); err != nil {
			return nil, hostErrno(err)
		}
	}
	return c, errno.OK
}

// hostKind returns what a file of the host is to a guest.
func hostKind(mode iofs.FileMode) (tree.Kind, bool) {
	switch mode.Type() {
	case 0:
		return tree.File, true
	case iofs.ModeDir:
		return tree.Dir, true
	case iofs.ModeSymlink:
		return tree.Symlink, true
	}
	return 0, false
}

// hostStat describes a node. What is not there any more is empty.
func (n *Node) hostStat() Stat {
	s := Stat{Kind: n.kind, Ino: n.inode(), Links: 1}
	info, err := n.host.folder.Lstat(n.hostPath())
	if n.host.file != nil {
		info, err = n.host.file.Stat()
	}
	if err != nil {
		return s
	}
	if n.kind != tree.Dir {
		s.Size = info.Size()
	}
	s.Mtim = uint64(max(0, info.ModTime().UnixNano()))
	s.Atim = s.Mtim
	return s
}

// hostList returns the names and kinds in a directory.
func (n *Node) hostList() ([]Entry, errno.Errno) {
	dir, err := n.host.folder.Open(n.hostPath())
	if err != nil {
		return nil, hostErrno(err)
	}
	defer dir.Close()
	found, err := dir.ReadDir(-1)
	if err != nil {
		return nil, hostErrno(err)
	}
	var list []Entry
	for _, e := range found {
		if kind, ok := hostKind(e.Type()); ok && checkPath(e.Name()) == errno.OK {
			list = append(list, Entry{Name: e.Name(), Kind: kind})
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return list, errno.OK
}

// hostOpen opens the file at a place in a directory of the host, or makes it if
// there is none.
func hostOpen(pl place, flags OpenFlag) (*Node, errno.Errno) {
	p := path.Join(pl.dir.hostPath(), pl.name)
	how := os.O_RDONLY
	if flags&(Write|Truncate) != 0 {
		how = os.O_RDWR
	}
	if flags&Truncate != 0 {
		how |= os.O_TRUNC
	}
	if pl.node == nil { // or it is something that no guest can see
		how |= os.O_CREATE | os.O_EXCL
	}
	file, err := pl.dir.host.folder.OpenFile(p, how, 0o666)
	if err != nil {
		return nil, hostErrno(err)
	}
	n, e := pl.dir.hostChild(pl.name)
	if e != errno.OK || n == nil {
		file.Close()
		return nil, errno.ENOENT
	}
	writable := flags&(Write|Truncate) != 0
	if n.host.file != nil && (n.host.writable || !writable) {
		file.Close()
		return n, errno.OK
	}
	n.hostClose()
	n.host.file, n.host.writable = file, writable
	return n, errno.OK
}

func (n *Node) hostClose() {
	if n.host.file != nil {
		n.host.file.Close()
		n.host.file = nil
	}
}

// hostContent returns what is in a file.
func (n *Node) hostContent() ([]byte, errno.Errno) {
	data, err := n.host.folder.ReadFile(n.hostPath())
	return data, hostErrno(err)
}

// hostReadAt reads from a file that is open.
func (n *Node) hostReadAt(p []byte, off int64) (int, errno.Errno) {
	read, err := n.host.file.ReadAt(p, off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return read, hostErrno(err)
}

// hostSetTimes sets the times of a node that is no symlink.
func (n *Node) hostSetTimes(atim, mtim *uint64) errno.Errno {
	pick := func(t *uint64) time.Time {
		if t == nil {
			return time.Time{} // leaves it as it is
		}
		return time.Unix(0, int64(*t))
	}
	return hostErrno(n.host.folder.Chtimes(n.hostPath(), pick(atim), pick(mtim)))
}

// hostAdd makes a directory or a symlink at a place where there is nothing.
func hostAdd(pl place, kind tree.Kind, target string) errno.Errno {
	p := path.Join(pl.dir.hostPath(), pl.name)
	if kind == tree.Dir {
		return hostErrno(pl.dir.host.folder.Mkdir(p, 0o777))
	}
	return hostErrno(pl.dir.host.folder.Symlink(target, p))
}

// hostRemove removes what is at a place.
func hostRemove(pl place) errno.Errno {
	err := pl.dir.host.folder.Remove(path.Join(pl.dir.hostPath(), pl.name))
	if err == nil {
		delete(pl.dir.inputs, pl.name)
	}
	return hostErrno(err)
}

// hostMove calls a method of a folder that takes two names, which must be of
// the same folder.
func hostMove(from, to place, move func(folder *os.Root, from, to string) error) errno.Errno {
	if from.dir.host == nil || to.dir.host == nil || from.dir.host.folder != to.dir.host.folder {
		return errno.EXDEV
	}
	return hostErrno(move(from.dir.host.folder, path.Join(from.dir.hostPath(), from.name), path.Join(to.dir.hostPath(), to.name)))
}

// hostRename moves what is at a place, and tells the node that it is.
func hostRename(from, to place) errno.Errno {
	n, replaced := from.node, to.node
	switch isDir := n.kind == tree.Dir; {
	case from.dir.host == nil || to.dir.host == nil:
		return errno.EXDEV
	case !isDir && to.asDir, isDir && replaced != nil && replaced.kind != tree.Dir:
		return errno.ENOTDIR
	case !isDir && replaced != nil && replaced.kind == tree.Dir:
		return errno.EISDIR
	case n == replaced:
		return errno.OK
	case isDir && to.dir.within(n):
		return errno.EINVAL
	case isDir && replaced != nil:
		// As POSIX says, if it is empty. Go does not replace directories.
		if err := hostRemove(to); err != errno.OK {
			return err
		}
	}
	if err := hostMove(from, to, (*os.Root).Rename); err != errno.OK {
		return err
	}
	delete(from.dir.inputs, from.name)
	n.host.name, n.parent = to.name, to.dir
	if to.dir.inputs == nil {
		to.dir.inputs = map[string]*Node{}
	}
	to.dir.inputs[to.name] = n
	return errno.OK
}

// hostErrno returns what a guest is told about an error of the host.
func hostErrno(err error) errno.Errno {
	if err == nil {
		return errno.OK
	}
	for _, e := range []struct {
		host  error
		guest errno.Errno
	}{
		{syscall.ENOTEMPTY, errno.ENOTEMPTY}, // which is also an fs.ErrExist
		{syscall.EPERM, errno.EPERM},         // which is also an fs.ErrPermission
		{iofs.ErrExist, errno.EEXIST},
		{iofs.ErrNotExist, errno.ENOENT},
		{iofs.ErrPermission, errno.EACCES},
		{syscall.EDQUOT, errno.EDQUOT},
		{syscall.EFBIG, errno.EFBIG},
		{syscall.EINVAL, errno.EINVAL},
		{syscall.EISDIR, errno.EISDIR},
		{syscall.ELOOP, errno.ELOOP},
		{syscall.EMFILE, errno.EMFILE},
		{syscall.ENAMETOOLONG, errno.ENAMETOOLONG},
		{syscall.ENOSPC, errno.ENOSPC},
		{syscall.ENOTDIR, errno.ENOTDIR},
		{syscall.EROFS, errno.EROFS},
		{syscall.EXDEV, errno.EXDEV},
	} {
		if errors.Is(err, e.host) {
			return e.guest
		}
	}
	return errno.EIO
}
