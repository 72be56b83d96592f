package tree

import (
	"fmt"
	"path"
	"slices"

	remoteexecution "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"

	"github.com/cowasm/cowasm/internal/digest"
)

// maxDepth bounds the nesting of directories that the walks below follow. A tree
// cannot contain itself, since it would have to contain its own hash; the
// bound keeps a hostile one from exhausting the stack.
const maxDepth = 200

// Walk calls fn for every entry of the tree, parents before children and in
// order of names. The path is relative to the root.
func Walk(load Loader, root digest.Digest, fn func(p string, e Entry) error) error {
	return walk(load, root, "", 0, fn)
}

func walk(load Loader, root digest.Digest, prefix string, depth int, fn func(p string, e Entry) error) error {
	if depth > maxDepth {
		return tooDeep(prefix)
	}
	d, err := load(root)
	if err != nil {
		return err
	}
	for _, e := range d.Entries {
		p := path.Join(prefix, e.Name)
		if err := fn(p, e); err != nil {
			return err
		}
		if e.Kind == Dir {
			if err := walk(load, e.Digest, p, depth+1, fn); err != nil {
				return err
			}
		}
	}
	return nil
}

func tooDeep(p string) error {
	return fmt.Errorf("tree: %s is nested more than %d directories deep", p, maxDepth)
}

// WalkDirs calls fn for every directory of the tree, the root included, parents
// before children. One that is in several places is visited once.
func WalkDirs(load Loader, root digest.Digest, fn func(d digest.Digest, dir *Directory) error) error {
	return walkDirs(load, root, 0, map[digest.Digest]bool{}, fn)
}

func walkDirs(load Loader, d digest.Digest, depth int, seen map[digest.Digest]bool, fn func(digest.Digest, *Directory) error) error {
	if seen[d] {
		return nil
	}
	seen[d] = true
	if depth > maxDepth {
		return tooDeep(d.String())
	}
	dir, err := load(d)
	if err != nil {
		return err
	}
	if err := fn(d, dir); err != nil {
		return err
	}
	for _, e := range dir.Entries {
		if e.Kind == Dir {
			if err := walkDirs(load, e.Digest, depth+1, seen, fn); err != nil {
				return err
			}
		}
	}
	return nil
}

// Pack returns the encoded Tree message of the Remote Execution API: the root
// and all directories below it, each once, in the order in which they are met.
func Pack(load Loader, root digest.Digest) ([]byte, error) {
	m := &remoteexecution.Tree{}
	err := WalkDirs(load, root, func(d digest.Digest, dir *Directory) error {
		if d == root {
			m.Root = dir.proto()
		} else {
			m.Children = append(m.Children, dir.proto())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// Unpack parses a Tree message. It returns the digest of the root and a Loader
// for the directories of the tree.
func Unpack(data []byte) (root digest.Digest, load Loader, err error) {
	m := &remoteexecution.Tree{}
	if err := proto.Unmarshal(data, m); err != nil {
		return root, nil, fmt.Errorf("tree: %w", err)
	}
	if m.Root == nil {
		return root, nil, fmt.Errorf("tree: no root directory")
	}
	dirs := make(map[digest.Digest]*Directory, 1+len(m.Children))
	for i, p := range slices.Concat([]*remoteexecution.Directory{m.Root}, m.Children) {
		d, err := fromProto(p)
		if err != nil {
			return root, nil, fmt.Errorf("tree: %w", err)
		}
		_, dg := d.Encode()
		dirs[dg] = d
		if i == 0 {
			root = dg
		}
	}
	return root, func(dg digest.Digest) (*Directory, error) {
		if d, ok := dirs[dg]; ok {
			return d, nil
		}
		return nil, fmt.Errorf("tree: directory %s is not in it", dg)
	}, nil
}
