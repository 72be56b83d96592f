package vfs

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/tree"
)

// ErrMissing says that there is nothing where an output should be.
var ErrMissing = errors.New("was not written")

// A Put stores content and returns its digest.
type Put func(data []byte) (digest.Digest, error)

// OutputFile stores the file at p, relative to the root, and returns it as an
// entry of kind File. A symlink is followed.
func (fs *FS) OutputFile(p string, put Put) (tree.Entry, error) {
	n, err := fs.Lookup(fs.root, p, true)
	if err != errno.OK {
		return tree.Entry{}, ErrMissing
	}
	if n.kind != tree.File {
		return tree.Entry{}, fmt.Errorf("is a directory, not a file")
	}
	return n.store(path.Base(p), put)
}

// OutputDir stores the directory at p, relative to the root, with all that is
// in it and the Tree message that describes it.
func (fs *FS) OutputDir(p string, put Put) (root, packed digest.Digest, err error) {
	n, e := fs.Lookup(fs.root, p, true)
	if e != errno.OK {
		return root, packed, ErrMissing
	}
	if n.kind != tree.Dir {
		return root, packed, fmt.Errorf("is a file, not a directory")
	}
	dirs := map[digest.Digest]*tree.Directory{}
	load := func(d digest.Digest) (*tree.Directory, error) { return dirs[d], nil }
	root, err = n.storeDir(p, put, dirs)
	if err != nil {
		return root, packed, err
	}
	data, err := tree.Pack(load, root)
	if err != nil {
		return root, packed, err
	}
	packed, err = put(data)
	return root, packed, err
}

// store stores a node that is not a directory.
func (n *Node) store(name string, put Put) (tree.Entry, error) {
	e := tree.Entry{Name: name, Kind: n.kind, Target: n.target}
	if n.kind == tree.Symlink {
		return e, nil
	}
	e.Executable = n.executable
	if n.input {
		n.observe(readset.Read)
		e.Digest = n.digest
		return e, nil
	}
	d, err := put(n.data)
	e.Digest = d
	return e, err
}

func (n *Node) storeDir(p string, put Put, dirs map[digest.Digest]*tree.Directory) (digest.Digest, error) {
	if n.input {
		return digest.Digest{}, fmt.Errorf("is an input")
	}
	d := &tree.Directory{}
	for _, name := range slices.Sorted(maps.Keys(n.added)) {
		c := n.added[name]
		var e tree.Entry
		var err error
		if c.kind == tree.Dir {
			e = tree.Entry{Name: name, Kind: tree.Dir}
			e.Digest, err = c.storeDir(path.Join(p, name), put, dirs)
		} else {
			e, err = c.store(name, put)
		}
		if err != nil {
			return digest.Digest{}, fmt.Errorf("%s: %w", path.Join(p, name), err)
		}
		d.Entries = append(d.Entries, e)
	}
	data, dg := d.Encode()
	dirs[dg] = d
	_, err := put(data)
	return dg, err
}

// maxAdditions bounds the length of what Additions returns.
const maxAdditions = 1000

// Additions returns the paths of what was added to the tree and that keep does
// not say yes to, sorted, up to a bound; a directory only if nothing is in it.
// Below a directory that is kept everything is.
func (fs *FS) Additions(keep func(p string) bool) []string {
	var list []string
	var visit func(n *Node, p string)
	visit = func(n *Node, p string) {
		names := slices.AppendSeq(slices.Collect(maps.Keys(n.added)), maps.Keys(n.inputs))
		slices.Sort(names)
		for _, name := range names {
			if len(list) == maxAdditions {
				return
			}
			at := path.Join(p, name)
			c, added := n.added[name]
			switch {
			case !added:
				if c := n.inputs[name]; c.kind == tree.Dir {
					visit(c, at)
				}
			case c.null || keep(at):
			case c.kind == tree.Dir && (c.fixed || len(c.added) > 0):
				visit(c, at)
			default:
				list = append(list, at)
			}
		}
	}
	visit(fs.root, "")
	return list
}
