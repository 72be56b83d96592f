package build

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/tree"
)

// outputPrefix is what the paths of outputs begin with in a sandbox.
const outputPrefix = "out/"

// materialise writes the output whose sandbox path is p below OutDir, unless it
// is there already.
func (b *Builder) materialise(ctx context.Context, p string, out execute.Output) (File, error) {
	rel := filepath.FromSlash(strings.TrimPrefix(p, outputPrefix))
	host := filepath.Join(b.OutDir, rel)
	shown, err := filepath.Rel(b.Root, host)
	if err != nil {
		return File{}, err
	}
	file := File{Path: shown, Digest: out.Digest, Directory: out.Directory}
	if err := os.MkdirAll(filepath.Dir(host), 0o777); err != nil {
		return file, fmt.Errorf("making the folder for results: %w", err)
	}
	if out.Directory {
		return file, b.writeTree(ctx, host, out.Digest)
	}
	return file, b.writeFile(ctx, host, out.Digest, out.Executable)
}

// writeFile makes sure that the host file has the given content.
func (b *Builder) writeFile(ctx context.Context, host string, d digest.Digest, executable bool) error {
	// What an earlier build left there may be of another kind.
	if info, err := os.Lstat(host); err == nil && !info.Mode().IsRegular() {
		if err := os.RemoveAll(host); err != nil {
			return err
		}
	}
	return b.Store.Export(ctx, d, host, executable)
}

// writeTree makes sure that the host folder holds the tree with the given root
// and nothing else.
func (b *Builder) writeTree(ctx context.Context, host string, root digest.Digest) error {
	if err := os.MkdirAll(host, 0o777); err != nil {
		// A file of that name, from an earlier build.
		if err := os.Remove(host); err != nil {
			return err
		}
		if err := os.MkdirAll(host, 0o777); err != nil {
			return err
		}
	}
	wanted := map[string]bool{}
	err := tree.Walk(b.Load, root, func(p string, e tree.Entry) error {
		wanted[p] = true
		at := filepath.Join(host, filepath.FromSlash(p))
		switch e.Kind {
		case tree.Dir:
			if info, err := os.Lstat(at); err == nil && !info.IsDir() {
				if err := os.Remove(at); err != nil {
					return err
				}
			}
			return os.MkdirAll(at, 0o777)
		case tree.Symlink:
			if target, err := os.Readlink(at); err == nil && target == e.Target {
				return nil
			}
			if err := os.RemoveAll(at); err != nil {
				return err
			}
			return os.Symlink(e.Target, at)
		}
		return b.writeFile(ctx, at, e.Digest, e.Executable)
	})
	if err != nil {
		return err
	}
	return removeOthers(host, wanted)
}

// removeOthers removes what is below the folder and not wanted.
func removeOthers(host string, wanted map[string]bool) error {
	return filepath.WalkDir(host, func(at string, d fs.DirEntry, err error) error {
		if err != nil || at == host {
			return err
		}
		rel, err := filepath.Rel(host, at)
		if err != nil {
			return err
		}
		if wanted[path.Clean(filepath.ToSlash(rel))] {
			return nil
		}
		if err := os.RemoveAll(at); err != nil {
			return err
		}
		if d.IsDir() {
			return filepath.SkipDir
		}
		return nil
	})
}
