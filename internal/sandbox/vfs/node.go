package vfs

import (
	"path"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/tree"
)

// A Node is a file, directory or symlink.
type Node struct {
	fs    *FS
	kind  tree.Kind
	ino   uint64 // zero until the guest can have seen it
	links int    // entries that lead here
	open  int

	atim, mtim uint64

	// Inputs.
	input      bool
	path       string // in the input tree
	digest     digest.Digest
	executable bool
	seen       readset.Access

	data   []byte // of a file; of an input only while it is open
	null   bool   // a file that forgets what is written to it
	target string // of a symlink

	// Directories.
	parent *Node
	fixed  bool             // cannot be removed or renamed
	sealed bool             // nothing can be added
	base   *tree.Directory  // of an input, once loaded
	inputs map[string]*Node // those entries of base, or of the host, that were met
	added  map[string]*Node // entries of the overlay

	host *host // what is mounted from the host
}

// A Stat describes a node.
type Stat struct {
	Kind       tree.Kind
	Null       bool // a device that is always empty, whatever is written to it
	Ino        uint64
	Links      uint64
	Size       int64
	Atim, Mtim uint64 // nanoseconds since 1970
}

// Stat describes n.
func (n *Node) Stat() Stat {
	if n.host != nil {
		return n.hostStat()
	}
	s := Stat{Kind: n.kind, Null: n.null, Ino: n.inode(), Links: 1, Size: n.size(), Atim: n.atim, Mtim: n.mtim}
	if n.kind == tree.File {
		s.Links = uint64(n.links)
	}
	return s
}

// Kind tells what n is.
func (n *Node) Kind() tree.Kind { return n.kind }

// Null reports whether n is a device that is always empty.
func (n *Node) Null() bool { return n.null }

func (n *Node) inode() uint64 {
	if n.ino == 0 {
		n.fs.lastIno++
		n.ino = n.fs.lastIno
	}
	return n.ino
}

func (n *Node) size() int64 {
	switch {
	case n.kind == tree.Symlink:
		return int64(len(n.target))
	case n.kind == tree.Dir:
		return 0
	case n.input:
		return n.digest.Size()
	}
	return int64(len(n.data))
}

// Close ends a use of n that Open began.
func (n *Node) Close() {
	n.open--
	if n.input && n.open == 0 {
		n.data = nil
	}
	if n.host != nil && n.open == 0 {
		n.hostClose()
	}
	n.release()
}

// release gives back what n holds once nothing leads to it.
func (n *Node) release() {
	if n.links > 0 || n.open > 0 || n.input || n.host != nil {
		return
	}
	n.fs.files--
	n.fs.written -= int64(len(n.data) + len(n.target))
	n.data = nil
}

// ReadAt reads from a file, at most to its end.
func (n *Node) ReadAt(p []byte, off int64) (int, errno.Errno) {
	if n.host != nil && n.host.file != nil {
		return n.hostReadAt(p, off)
	}
	data, err := n.Content()
	if err != errno.OK || off >= int64(len(data)) {
		return 0, err
	}
	return copy(p, data[off:]), errno.OK
}

// Content returns what is in a file. It must not be changed, and lasts until
// the file is written to.
func (n *Node) Content() ([]byte, errno.Errno) {
	if n.kind == tree.Dir {
		return nil, errno.EISDIR
	}
	if n.host != nil {
		return n.hostContent()
	}
	if !n.input {
		return n.data, errno.OK
	}
	n.observe(readset.Read)
	if n.data != nil {
		return n.data, errno.OK
	}
	data, err := n.fs.cache.Content(n.fs.ctx, n.digest)
	if err != nil {
		return nil, n.fs.fail(n.path, err)
	}
	if n.open > 0 {
		n.data = data
	}
	return data, errno.OK
}

// WriteAt writes all of p to a file, filling a gap before it with zeros.
func (n *Node) WriteAt(p []byte, off int64) errno.Errno {
	if n.input {
		return errno.EROFS
	}
	if n.null || len(p) == 0 {
		return errno.OK
	}
	if n.host != nil {
		_, err := n.host.file.WriteAt(p, off)
		return hostErrno(err)
	}
	end := off + int64(len(p))
	if end < off {
		return errno.EFBIG
	}
	if end > int64(len(n.data)) {
		if err := n.resize(end); err != errno.OK {
			return err
		}
	}
	copy(n.data[off:], p)
	n.touch()
	return errno.OK
}

// Truncate makes a file size bytes long.
func (n *Node) Truncate(size int64) errno.Errno {
	switch {
	case n.kind == tree.Dir:
		return errno.EISDIR
	case n.input:
		return errno.EROFS
	case size < 0:
		return errno.EINVAL
	case n.null:
		return errno.OK
	case n.host != nil:
		return hostErrno(n.host.file.Truncate(size))
	}
	if err := n.resize(size); err != errno.OK {
		return err
	}
	n.touch()
	return errno.OK
}

// resize makes the data of a file of the overlay size bytes long.
func (n *Node) resize(size int64) errno.Errno {
	old := int64(len(n.data))
	if err := n.fs.charge(size - old); err != errno.OK {
		return err
	}
	switch {
	case size == 0:
		n.data = nil
	case size <= old:
		n.data = n.data[:size]
	default:
		n.data = slices.Grow(n.data, int(size-old))[:size]
		clear(n.data[old:])
	}
	return errno.OK
}

// An Entry is a name in a listing.
type Entry struct {
	Name string
	Kind tree.Kind
	Null bool
	Ino  uint64
}

// List returns the entries of a directory in the order of their names, after
// "." and "..".
func (n *Node) List() ([]Entry, errno.Errno) {
	if n.kind != tree.Dir {
		return nil, errno.ENOTDIR
	}
	if err := n.load(); err != errno.OK {
		return nil, err
	}
	n.observe(readset.Listed)
	entries := make([]Entry, 0, 2+len(n.added))
	entries = append(entries, Entry{Name: ".", Kind: tree.Dir, Ino: n.inode()}, Entry{Name: "..", Kind: tree.Dir, Ino: n.parent.inode()})
	var nodes []Entry
	if n.host != nil {
		var err errno.Errno
		if nodes, err = n.hostList(); err != errno.OK {
			return nil, err
		}
	}
	if n.base != nil {
		for _, e := range n.base.Entries {
			nodes = append(nodes, Entry{Name: e.Name, Kind: e.Kind})
		}
	}
	for name, c := range n.added {
		nodes = append(nodes, Entry{Name: name, Kind: c.kind, Null: c.null})
	}
	slices.SortFunc(nodes, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	for _, e := range nodes {
		c, err := n.child(e.Name)
		if err != errno.OK {
			return nil, err
		}
		if c == nil { // gone from the host since
			continue
		}
		e.Ino = c.inode()
		entries = append(entries, e)
	}
	return entries, errno.OK
}

// load reads the entries of a directory of inputs.
func (n *Node) load() errno.Errno {
	if !n.input || n.base != nil {
		return errno.OK
	}
	base, err := n.fs.cache.Directory(n.fs.ctx, n.digest)
	if err != nil {
		return n.fs.fail(n.path, err)
	}
	n.base = base
	return errno.OK
}

// child returns the entry of a directory with the given name, nil if there is
// none.
func (n *Node) child(name string) (*Node, errno.Errno) {
	if n.host != nil {
		return n.hostChild(name)
	}
	if c, ok := n.added[name]; ok {
		return c, errno.OK
	}
	if c, ok := n.inputs[name]; ok {
		return c, errno.OK
	}
	if err := n.load(); err != errno.OK {
		return nil, err
	}
	if n.base == nil {
		return nil, errno.OK
	}
	e, ok := n.base.Lookup(name)
	if !ok {
		return nil, errno.OK
	}
	c := &Node{
		fs: n.fs, kind: e.Kind, links: 1, atim: FileTime, mtim: FileTime,
		input: true, fixed: true, path: path.Join(n.path, name),
		digest: e.Digest, executable: e.Executable, target: e.Target, parent: n,
	}
	if n.inputs == nil {
		n.inputs = map[string]*Node{}
	}
	n.inputs[name] = c
	return c, errno.OK
}

// attach adds an entry to a directory.
func (n *Node) attach(name string, c *Node) {
	if n.added == nil {
		n.added = map[string]*Node{}
	}
	n.added[name] = c
	c.links++
	if c.kind == tree.Dir {
		c.parent = n
	}
	n.touch()
}

// detach removes an entry that was added to a directory.
func (n *Node) detach(name string) {
	c := n.added[name]
	delete(n.added, name)
	c.links--
	c.release()
	n.touch()
}

// Input returns the digest of a file if it is an input. It counts as reading
// the file.
func (n *Node) Input() (digest.Digest, bool) {
	if !n.input || n.kind != tree.File {
		return digest.Digest{}, false
	}
	n.observe(readset.Read)
	return n.digest, true
}
