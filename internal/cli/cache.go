package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/cowasm/cowasm/internal/store"
)

// cacheParts are the folders and files of the cache: those of the store, and
// the modules that were translated to machine code. All are made again when
// they are missed.
var cacheParts = []string{"blobs", "results", "readsets", "staging", "trash", modulesDir, trimFile, cacheTag}

// modulesDir is the folder of translated modules in the cache.
const modulesDir = "modules"

// cacheTag is a file that tells backup programs to leave the folder out, as
// the Cache Directory Tagging Specification has it, and us that the folder is
// our own.
const (
	cacheTag     = "CACHEDIR.TAG"
	cacheTagText = "Signature: 8a477f597d28d172789f06886806bc55\n# This is the cache of cowasm. It can be removed at any time.\n"
)

// openCache opens the store in the folder of the cache.
func openCache(dir string) (*store.Disk, error) {
	disk, err := store.OpenDisk(dir)
	if err != nil {
		return nil, err
	}
	tag := filepath.Join(dir, cacheTag)
	if _, err := os.Lstat(tag); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(tag, []byte(cacheTagText), 0o666); err != nil {
			return nil, fmt.Errorf("opening the store: %w", err)
		}
	}
	return disk, nil
}

// What is kept in the cache, if nobody removes it: what was used within
// keepFor, and of that no more than keepBytes.
const (
	keepFor   = 30 * 24 * time.Hour
	keepBytes = 50_000_000_000
)

// trimInterval is how often the cache is trimmed.
const trimInterval = 24 * time.Hour

// trimFile is a file of the cache whose time is that of the last trimming.
const trimFile = "trimmed"

// trimCache removes from the store what was not used for long, unless that was
// done within the last day. It is called when a build has ended, since it reads
// the whole store.
func trimCache(ctx context.Context, disk *store.Disk) error {
	stamp := filepath.Join(disk.Dir(), trimFile)
	info, err := os.Stat(stamp)
	if err == nil && time.Since(info.ModTime()) < trimInterval {
		return nil
	}
	// Written first, so that of several builds only one does the work.
	if err := os.WriteFile(stamp, nil, 0o666); err != nil {
		return fmt.Errorf("trimming the cache: %w", err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a new cache
	}
	_, err = disk.Trim(ctx, keepFor, keepBytes)
	return err
}

// removeCache removes the cache in dir and nothing else that is there. It
// refuses a folder that is not a cache of cowasm.
func removeCache(dir string) error {
	tag, err := os.ReadFile(filepath.Join(dir, cacheTag))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return usagef("%s is not a cache of cowasm: it has no file %s; nothing was removed", dir, cacheTag)
	case err != nil:
		return err
	case string(tag) != cacheTagText:
		return usagef("%s is not a cache of cowasm: its %s is of another program; nothing was removed", dir, cacheTag)
	}
	for _, part := range cacheParts {
		if err := removeAll(filepath.Join(dir, part)); err != nil {
			return err
		}
	}
	// What others put there stays, and then so does the folder.
	_ = os.Remove(dir)
	return nil
}

// removeAll is os.RemoveAll, also for folders that are read-only.
func removeAll(root string) error {
	err := os.RemoveAll(root)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	walkErr := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			err = os.Chmod(p, 0o700)
		}
		return err
	})
	if walkErr != nil {
		return walkErr
	}
	return os.RemoveAll(root)
}
