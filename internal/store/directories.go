package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// Directories returns a Loader of the directories in blobs. It keeps what it
// has loaded, and so may return a directory that has left blobs since.
func Directories(blobs Blobs) tree.Loader {
	var loaded sync.Map // of *tree.Directory by digest.Digest
	return func(d digest.Digest) (*tree.Directory, error) {
		if dir, ok := loaded.Load(d); ok {
			return dir.(*tree.Directory), nil
		}
		data, err := blobs.Get(context.Background(), d)
		if err != nil {
			return nil, fmt.Errorf("directory: %w", err)
		}
		dir, err := tree.Decode(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d, err)
		}
		loaded.Store(d, dir)
		return dir, nil
	}
}

// PutTree adds the directories of the tree that b has built and returns the
// digest of its root. Its files must be in blobs already.
func PutTree(ctx context.Context, blobs Blobs, b *tree.Builder) (digest.Digest, error) {
	return b.Build(func(data []byte) error {
		_, err := blobs.Put(ctx, data)
		return err
	})
}

// PutOutputDir adds the Tree message of the tree with the given root, whose
// directories must be in blobs already, and returns the tree as an output at
// path.
func PutOutputDir(ctx context.Context, blobs Blobs, load tree.Loader, path string, root digest.Digest) (action.OutputDir, error) {
	data, err := tree.Pack(load, root)
	if err != nil {
		return action.OutputDir{}, err
	}
	packed, err := blobs.Put(ctx, data)
	return action.OutputDir{Path: path, Root: root, Tree: packed}, err
}

// Contents returns all that r names: its files, and the files, directories and
// Tree messages of its directories, each once.
func Contents(load tree.Loader, r *action.Result) ([]digest.Digest, error) {
	var ds []digest.Digest
	seen := map[digest.Digest]bool{}
	add := func(d digest.Digest) {
		if !seen[d] {
			seen[d] = true
			ds = append(ds, d)
		}
	}
	for _, f := range r.Files {
		add(f.Digest)
	}
	for _, dir := range r.Dirs {
		add(dir.Tree)
		err := tree.WalkDirs(load, dir.Root, func(d digest.Digest, dir *tree.Directory) error {
			add(d)
			for _, e := range dir.Entries {
				if e.Kind == tree.File {
					add(e.Digest)
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("output %s: %w", dir.Path, err)
		}
	}
	return ds, nil
}
