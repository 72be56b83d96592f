package tree

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/cowasm/cowasm/internal/digest"
)

// A Loader returns the Directory with the given digest.
type Loader func(digest.Digest) (*Directory, error)

// A Builder puts a tree together from files and from whole trees that are
// known by their digest. A mounted tree is loaded only where something else is
// placed inside it.
type Builder struct {
	load Loader
	root *node
}

// node is a directory under construction. It stands for mounted, whose entries
// are not in kids yet, until something is placed inside it.
type node struct {
	mounted digest.Digest
	kids    map[string]*child
}

type child struct {
	entry Entry // Kind Dir if dir is set
	dir   *node
}

// NewBuilder returns a Builder of an empty tree. It calls load for mounted
// trees only.
func NewBuilder(load Loader) *Builder {
	return &Builder{load: load, root: &node{kids: map[string]*child{}}}
}

// AddFile places a file at the relative path p.
func (b *Builder) AddFile(p string, d digest.Digest, executable bool) error {
	return b.add(p, Entry{Kind: File, Digest: d, Executable: executable})
}

// AddSymlink places a symlink at the relative path p.
func (b *Builder) AddSymlink(p, target string) error {
	return b.add(p, Entry{Kind: Symlink, Target: target})
}

// AddTree places the tree with the given root digest at the relative path p,
// which may be "." or, if a directory is there already, is merged with it.
// It is an error if both have different files of the same name.
func (b *Builder) AddTree(p string, root digest.Digest) error {
	dir, err := b.makeDir(p)
	if err != nil {
		return err
	}
	return b.merge(dir, p, root)
}

// AddDir makes sure that there is a directory at the relative path p.
func (b *Builder) AddDir(p string) error {
	_, err := b.makeDir(p)
	return err
}

// Remove takes away what is at the relative path p, if anything is. The
// directories that it was in stay.
func (b *Builder) Remove(p string) error {
	p = path.Clean(p)
	if !fs.ValidPath(p) || p == "." {
		return fmt.Errorf("path %q is not inside the tree", p)
	}
	n, done := b.root, "."
	for name := range strings.SplitSeq(path.Dir(p), "/") {
		if err := b.open(n, done); err != nil {
			return err
		}
		if name == "." {
			break
		}
		c, ok := n.kids[name]
		if !ok || c.dir == nil {
			return nil
		}
		n, done = c.dir, path.Join(done, name)
	}
	if err := b.open(n, done); err != nil {
		return err
	}
	delete(n.kids, path.Base(p))
	return nil
}

// Build encodes the tree, calls put for each directory of it that was not
// mounted whole, children first, and returns the digest of its root.
func (b *Builder) Build(put func(data []byte) error) (digest.Digest, error) {
	return b.root.build(put)
}

func (n *node) build(put func(data []byte) error) (digest.Digest, error) {
	if !n.mounted.IsZero() {
		return n.mounted, nil
	}
	d := &Directory{Entries: make([]Entry, 0, len(n.kids))}
	for name, c := range n.kids {
		e := c.entry
		e.Name = name
		if c.dir != nil {
			dg, err := c.dir.build(put)
			if err != nil {
				return dg, err
			}
			e.Kind, e.Digest = Dir, dg
		}
		d.Entries = append(d.Entries, e)
	}
	if err := d.normalise(); err != nil {
		return digest.Digest{}, err
	}
	data, dg := d.Encode()
	return dg, put(data)
}

func (b *Builder) add(p string, e Entry) error {
	p = path.Clean(p)
	dir, err := b.makeDir(path.Dir(p))
	if err != nil {
		return err
	}
	return dir.place(p, path.Base(p), e)
}

// place adds an entry that is not a directory.
func (n *node) place(p, name string, e Entry) error {
	if err := CheckName(name); err != nil {
		return err
	}
	e.Name = name
	if old, ok := n.kids[name]; ok {
		if old.dir == nil && old.entry == e {
			return nil
		}
		return fmt.Errorf("two different inputs are placed at %s", p)
	}
	n.kids[name] = &child{entry: e}
	return nil
}

// makeDir returns the directory at p, open for additions.
func (b *Builder) makeDir(p string) (*node, error) {
	n := b.root
	p = path.Clean(p)
	if err := b.open(n, "."); err != nil {
		return nil, err
	}
	if p == "." {
		return n, nil
	}
	if strings.HasPrefix(p, "/") || p == ".." || strings.HasPrefix(p, "../") {
		return nil, fmt.Errorf("path %q is not inside the tree", p)
	}
	done := ""
	for name := range strings.SplitSeq(p, "/") {
		done = path.Join(done, name)
		if err := CheckName(name); err != nil {
			return nil, err
		}
		c, ok := n.kids[name]
		if !ok {
			c = &child{dir: &node{kids: map[string]*child{}}}
			n.kids[name] = c
		}
		if c.dir == nil {
			return nil, fmt.Errorf("an input is placed below %s, which is not a directory", done)
		}
		n = c.dir
		if err := b.open(n, done); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// open loads the entries of a mounted directory.
func (b *Builder) open(n *node, p string) error {
	if n.mounted.IsZero() {
		return nil
	}
	d, err := b.load(n.mounted)
	if err != nil {
		return fmt.Errorf("reading the tree at %s: %w", p, err)
	}
	n.mounted = digest.Digest{}
	n.kids = make(map[string]*child, len(d.Entries))
	for _, e := range d.Entries {
		if e.Kind == Dir {
			n.kids[e.Name] = &child{dir: &node{mounted: e.Digest}}
		} else {
			n.kids[e.Name] = &child{entry: e}
		}
	}
	return nil
}

// merge adds the entries of the tree root to n, which is open.
func (b *Builder) merge(n *node, p string, root digest.Digest) error {
	if len(n.kids) == 0 {
		n.mounted = root
		return nil
	}
	d, err := b.load(root)
	if err != nil {
		return fmt.Errorf("reading the tree at %s: %w", p, err)
	}
	for _, e := range d.Entries {
		at := path.Join(p, e.Name)
		if e.Kind != Dir {
			if err := n.place(at, e.Name, e); err != nil {
				return err
			}
			continue
		}
		c, ok := n.kids[e.Name]
		switch {
		case !ok:
			n.kids[e.Name] = &child{dir: &node{mounted: e.Digest}}
		case c.dir == nil:
			return fmt.Errorf("two different inputs are placed at %s", at)
		case c.dir.mounted == e.Digest:
		default:
			if err := b.open(c.dir, at); err != nil {
				return err
			}
			if err := b.merge(c.dir, at, e.Digest); err != nil {
				return err
			}
		}
	}
	return nil
}
