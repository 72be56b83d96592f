// Package vfs is the file system that a guest sees: a read-only tree of inputs
// from a content-addressed store, and over it what the guest writes, kept in
// memory.
//
// Inputs cannot be written, removed, renamed or replaced (EROFS); new names may
// be added anywhere, also inside directories of inputs and as hard links to
// inputs. Nothing depends on the host: directories are listed in order of
// names, inode numbers count up in the order in which a guest meets the files,
// times come from the guest's own clock, links and ".." never lead above the
// root. What a guest observed of its inputs is recorded exactly.
//
// A folder of the host can be mounted for a guest that a user talks to; of that
// nothing of this is true.
//
// A file system serves one guest and those that it spawns, from one goroutine at
// a time.
package vfs

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/tree"
)

// Limits bound what a guest may write.
type Limits struct {
	Written int64 // bytes held by written files at any one time
	Files   int   // files, directories and symlinks held at any one time
}

// An FS is a tree of inputs under what a guest writes.
type FS struct {
	ctx    context.Context
	cache  *Cache
	root   *Node
	limits Limits

	clock   func() uint64 // nil until the guest starts
	changed uint64        // when something was changed last

	written int64
	files   int
	lastIno uint64

	observed []*Node
	absent   map[string]bool
	fault    error
	exceeded string
}

// New returns the file system over the tree of inputs with the given root
// digest. The context bounds the reading of inputs.
func New(ctx context.Context, cache *Cache, root digest.Digest, limits Limits) (*FS, error) {
	base, err := cache.Directory(ctx, root)
	if err != nil {
		return nil, fmt.Errorf("reading the input tree: %w", err)
	}
	fs := &FS{ctx: ctx, cache: cache, limits: limits, absent: map[string]bool{}}
	fs.root = &Node{fs: fs, kind: tree.Dir, input: true, fixed: true, digest: root, base: base, links: 1}
	fs.root.parent = fs.root
	return fs, nil
}

// Root returns the root directory.
func (fs *FS) Root() *Node { return fs.root }

// Fault returns the error that made reading an input fail, if one did. What a
// guest did after that counts for nothing.
func (fs *FS) Fault() error { return fs.fault }

// Exceeded names the limit that the guest ran into, or is empty.
func (fs *FS) Exceeded() string { return fs.exceeded }

// Prepare makes the directory p, relative to the root, and its parents, before
// the guest starts. The guest may remove p, not its parents, and if keep is
// set not p either.
func (fs *FS) Prepare(p string, keep bool) error {
	dir := fs.root
	names := strings.Split(path.Clean(p), "/")
	for i, name := range names {
		if name == "." {
			continue
		}
		n, err := fs.entry(dir, name)
		if err != nil {
			return fmt.Errorf("making the directory %s: %w", p, err)
		}
		if n == nil {
			n = fs.newNode(tree.Dir)
			n.fixed = keep || i < len(names)-1
			dir.attach(name, n)
		}
		if n.kind != tree.Dir {
			return fmt.Errorf("making the directory %s: the input %s is in the way, it is not a directory", p, path.Join(names[:i+1]...))
		}
		dir = n
	}
	dir.sealed = false
	return nil
}

// PrepareNull makes the device p, relative to the root, which is always empty
// and takes whatever is written to it. If there is an input of that name, the
// guest gets that instead. The guest cannot add files to the directory of the
// device: what is not there is no device.
func (fs *FS) PrepareNull(p string) error {
	taken, err := fs.HasInput(p)
	if err != nil || taken {
		return err
	}
	if err := fs.Prepare(path.Dir(p), true); err != nil {
		return err
	}
	dir, e := fs.Lookup(fs.root, path.Dir(p), false)
	if e != errno.OK {
		return fmt.Errorf("making the device %s: %w", p, e)
	}
	n := fs.newNode(tree.File)
	n.null = true
	dir.attach(path.Base(p), n)
	dir.sealed = true
	return nil
}

// HasInput reports whether there is an input at p, relative to the root. That
// counts as observed by the guest.
func (fs *FS) HasInput(p string) (bool, error) {
	n := fs.root
	for name := range strings.SplitSeq(path.Clean(p), "/") {
		if n.kind != tree.Dir {
			return false, nil
		}
		c, err := fs.entry(n, name)
		if err != nil || c == nil || !c.input {
			return false, err
		}
		n = c
	}
	return true, nil
}

// entry returns an entry of a directory, nil if there is none.
func (fs *FS) entry(dir *Node, name string) (*Node, error) {
	if err := tree.CheckName(name); err != nil {
		return nil, err
	}
	n, err := dir.find(name)
	if err != errno.OK {
		return nil, fs.fault
	}
	return n, nil
}

// newNode returns a node of the overlay.
func (fs *FS) newNode(kind tree.Kind) *Node {
	fs.files++
	n := &Node{fs: fs, kind: kind, atim: FileTime, mtim: FileTime}
	n.touch()
	n.atim = n.mtim
	return n
}

// room reports whether another file may be made.
func (fs *FS) room() errno.Errno {
	if fs.files >= fs.limits.Files {
		fs.exceeded = fmt.Sprintf("%d files", fs.limits.Files)
		return errno.ENOSPC
	}
	return errno.OK
}

// charge counts delta further bytes of written files.
func (fs *FS) charge(delta int64) errno.Errno {
	if delta > fs.limits.Written-fs.written {
		fs.exceeded = fmt.Sprintf("%d bytes written", fs.limits.Written)
		return errno.ENOSPC
	}
	fs.written += delta
	return errno.OK
}

// fail notes that an input could not be read.
func (fs *FS) fail(p string, err error) errno.Errno {
	if fs.fault == nil {
		fs.fault = fmt.Errorf("reading the input %s: %w", p, err)
	}
	return errno.EIO
}
