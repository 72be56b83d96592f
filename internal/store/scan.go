package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/digest"
)

// Usage is what a store takes up.
type Usage struct {
	Blobs       int
	BlobBytes   int64
	Results     int
	ResultBytes int64
	OtherBytes  int64 // of entries that lead from read sets to results, downloads under way and leftovers
}

// Usage counts what is in the store.
func (s *Disk) Usage(ctx context.Context) (Usage, error) {
	var u Usage
	err := s.scan(ctx, func(f file) {
		switch f.area {
		case "blobs":
			u.Blobs++
			u.BlobBytes += f.info.Size()
		case "results":
			u.Results++
			u.ResultBytes += f.info.Size()
		default:
			u.OtherBytes += f.info.Size()
		}
	})
	return u, err
}

// A file is what should be a file in one of the store's areas.
type file struct {
	area string // "blobs", "results", "readsets", or "staging" for all that is not complete
	path string
	info fs.FileInfo
}

// scan calls fn for each file of the store.
func (s *Disk) scan(ctx context.Context, fn func(file)) error {
	for _, area := range []string{"blobs", "results", "readsets", "staging"} {
		top := filepath.Join(s.dir, area)
		err := filepath.WalkDir(top, func(p string, e fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			// Other processes add and remove entries all the time.
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			isEntry := filepath.Dir(filepath.Dir(p)) == top
			if err != nil || e.IsDir() && !isEntry {
				return err
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			f := file{area, p, info}
			if atomicfile.IsTemp(e.Name()) {
				f.area = "staging"
			}
			fn(f)
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("reading the store: %w", err)
		}
	}
	return nil
}

// Limits for Trim.
const (
	// spareTime is for how long after its last use nothing is removed: a
	// build may still count on it. The time of last use lags by touchInterval.
	spareTime = 4 * touchInterval

	// stagingTime is for how long something unfinished is kept.
	stagingTime = 7 * 24 * time.Hour
)

// Trim removes what was not used for maxAge, and then what was not used for
// longest until all that is complete has at most maxSize bytes together. It
// spares what was used within the last hours, and may run beside builds: one
// that misses something makes it again. It returns the number of bytes freed.
func (s *Disk) Trim(ctx context.Context, maxAge time.Duration, maxSize int64) (freed int64, err error) {
	now := time.Now()
	var entries []file
	var total int64
	remove := func(f file) {
		info, err := os.Lstat(f.path)
		if err != nil || !info.ModTime().Equal(f.info.ModTime()) {
			return // it is in use again
		}
		if os.Remove(f.path) == nil {
			freed += info.Size()
		}
	}
	err = s.scan(ctx, func(f file) {
		if f.area != "staging" {
			entries = append(entries, f)
			total += f.info.Size()
		} else if now.Sub(f.info.ModTime()) > stagingTime && filepath.Ext(f.path) != ".lock" {
			remove(f) // but not a lock, which another process may be waiting for
		}
	})
	if err != nil {
		return freed, err
	}
	if err := s.emptyTrash(); err != nil {
		return freed, err
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].info.ModTime().Before(entries[j].info.ModTime()) })
	for _, f := range entries {
		age := now.Sub(f.info.ModTime())
		if age <= spareTime || age <= maxAge && total <= maxSize {
			break
		}
		if err := ctx.Err(); err != nil {
			return freed, err
		}
		remove(f)
		total -= f.info.Size()
	}
	s.known.clear()
	return freed, nil
}

// emptyTrash removes what processes have left that were killed while they
// removed something.
func (s *Disk) emptyTrash() error {
	trash := filepath.Join(s.dir, "trash")
	entries, err := os.ReadDir(trash)
	if err != nil {
		return fmt.Errorf("trimming the store: %w", err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(trash, e.Name())); err != nil {
			return fmt.Errorf("trimming the store: %w", err)
		}
	}
	return nil
}

// Damage is an entry that does not hold what it should.
type Damage struct {
	Path   string // relative to the store
	Reason string
}

// Verify reads the whole store, removes what is damaged, and calls report for
// each such entry. It returns the number of entries that it has looked at.
func (s *Disk) Verify(ctx context.Context, report func(Damage)) (n int, err error) {
	var bad error
	err = s.scan(ctx, func(f file) {
		if f.area == "staging" || bad != nil {
			return
		}
		n++
		reason, err := s.check(ctx, f)
		if err != nil {
			bad = err
			return
		}
		if reason == "" {
			return
		}
		s.discard(f.path, f.info)
		rel, _ := filepath.Rel(s.dir, f.path)
		report(Damage{filepath.ToSlash(rel), reason})
	})
	return n, errors.Join(err, bad)
}

// check returns what is wrong with an entry, or "".
func (s *Disk) check(ctx context.Context, f file) (string, error) {
	d, err := digest.New(filepath.Base(f.path), f.info.Size())
	if err != nil || f.path != s.path(f.area, d) {
		return "its name is not one that the store gives", nil
	}
	if f.area == "blobs" {
		opened, err := s.Open(ctx, d)
		if err == nil {
			return "", opened.Close()
		}
		return reasonOf(err)
	}
	check, max := checkResult, int64(maxResult)
	if f.area == "readsets" {
		check, max = checkCandidates, maxReadSets
	}
	data, err := readEntry(f.path, f.info, max)
	if err == nil {
		err = check(filepath.Base(f.path), data)
	}
	if err != nil {
		return err.Error(), nil
	}
	return "", nil
}

// reasonOf returns the reason in a NotFoundError, and other errors as they are.
// What has vanished meanwhile has nothing wrong with it.
func reasonOf(err error) (string, error) {
	var notFound *NotFoundError
	if errors.As(err, &notFound) {
		return notFound.Reason, nil
	}
	return "", err
}
