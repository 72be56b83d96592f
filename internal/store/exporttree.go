package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// ExportTree writes the tree with the given root to the folder dir of the host,
// in place of what is there, unless that is the same already. If it fails, dir
// is as it was; only a process that is killed at the wrong moment may leave no
// dir at all, and the old one under a temporary name.
func (s *Disk) ExportTree(ctx context.Context, load tree.Loader, root digest.Digest, dir string) error {
	if same, err := SameTree(load, root, dir); same || err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	fresh, old := filepath.Join(parent, atomicfile.TempName()), filepath.Join(parent, atomicfile.TempName())
	if err := os.Mkdir(fresh, 0o777); err != nil {
		return fmt.Errorf("writing %s: %w", dir, err)
	}
	defer os.RemoveAll(fresh)
	if err := s.fill(ctx, load, root, fresh); err != nil {
		return fmt.Errorf("writing %s: %w", dir, err)
	}
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing %s: %w", dir, err)
	}
	defer os.RemoveAll(old)
	if err := os.Rename(fresh, dir); err != nil {
		return fmt.Errorf("writing %s: %w", dir, errors.Join(err, os.Rename(old, dir)))
	}
	return nil
}

// fill writes a tree into the empty folder dir. No symlink of the tree can lead
// its other entries out of dir, not even where names differ in case only and
// the host's file system takes them for one.
func (s *Disk) fill(ctx context.Context, load tree.Loader, root digest.Digest, dir string) error {
	in, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer in.Close()
	return tree.Walk(load, root, func(p string, e tree.Entry) error {
		p = filepath.FromSlash(p)
		switch e.Kind {
		case tree.Dir:
			return in.Mkdir(p, 0o777)
		case tree.Symlink:
			return in.Symlink(filepath.FromSlash(e.Target), p)
		}
		data, err := s.Get(ctx, e.Digest)
		if err != nil {
			return err
		}
		perm := fs.FileMode(0o666)
		if e.Executable {
			perm = 0o777
		}
		f, err := in.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return errors.Join(err, f.Close())
	})
}

// SameTree reports whether the folder dir of the host holds the tree with the
// given root and nothing else.
func SameTree(load tree.Loader, root digest.Digest, dir string) (bool, error) {
	want, err := load(root)
	if err != nil {
		return false, err
	}
	// What cannot be read is not the same.
	got, err := os.ReadDir(dir)
	if err != nil || len(got) != len(want.Entries) {
		return false, nil
	}
	for _, e := range want.Entries {
		p := filepath.Join(dir, e.Name)
		same := false
		switch e.Kind {
		case tree.File:
			same = SameFile(e.Digest, p, e.Executable)
		case tree.Symlink:
			target, err := os.Readlink(p)
			same = err == nil && target == filepath.FromSlash(e.Target)
		case tree.Dir:
			info, err := os.Lstat(p)
			if err != nil || !info.IsDir() {
				return false, nil
			}
			if same, err = SameTree(load, e.Digest, p); err != nil {
				return false, err
			}
		}
		if !same {
			return false, nil
		}
	}
	return true, nil
}
