package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// A Disk is a store in a folder of the host, which any number of processes may
// use at once. It is laid out as
//
//	blobs/ab/abcd…    content, named by its SHA-256 hash
//	results/ab/abcd…  results, named by the hash of their key
//	readsets/ab/abcd… which results a read set leads to, named by the hash of the base
//	staging/abcd…     downloads that are not complete yet
//	trash/…           entries on their way out
//
// An entry is written under another name and renamed when it is complete, and
// is never changed afterwards. So a process that is killed leaves only files
// that Trim removes, and no lock is needed. Nothing is synced to the disk: what
// a power failure damages is found when it is read, since all that is read is
// compared with its hash. An entry that is damaged, or is no regular file, is
// moved away, which makes it a miss, and the build makes it again.
//
// The time of an entry's last use is its modification time, kept to within two
// hours.
type Disk struct {
	dir      string
	known    knownSet
	dirs     tree.Loader
	doubtful atomic.Bool // something that was expected to be there was not
}

// touchInterval is how old an entry's time of last use may become before it is
// written again when it is used. For a result, that is also the time for which
// its contents are trusted to be there.
const touchInterval = time.Hour

// OpenDisk opens the store in dir, which is created if there is none.
func OpenDisk(dir string) (*Disk, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	for _, sub := range []string{"blobs", "results", "readsets", "staging", "trash"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o777); err != nil {
			return nil, fmt.Errorf("opening the store: %w", err)
		}
	}
	s := &Disk{dir: dir}
	s.dirs = Directories(s)
	return s, nil
}

// Dir returns the folder of the store.
func (s *Disk) Dir() string { return s.dir }

// Get implements Blobs.
func (s *Disk) Get(ctx context.Context, d digest.Digest) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := s.expect(d)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data := make([]byte, d.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, s.unusable(d, f, err)
	}
	if digest.Of(data) != d {
		return nil, s.unusable(d, f, errWrongHash)
	}
	s.known.add(d, verified)
	return data, nil
}

var errWrongHash = errors.New("its content has another hash")

// expect is open for those who have reason to expect that d is there.
func (s *Disk) expect(d digest.Digest) (*os.File, error) {
	f, err := s.open(d)
	if err != nil {
		s.doubtful.Store(true)
	}
	return f, err
}

// open opens the blob d, which is a regular file of the right size.
func (s *Disk) open(d digest.Digest) (*os.File, error) {
	p := s.path("blobs", d)
	info, err := os.Lstat(p)
	if err != nil {
		return nil, s.lost(d, p, nil, err)
	}
	if err := plausible(info, d); err != nil {
		return nil, s.lost(d, p, info, err)
	}
	f, err := os.Open(p)
	if err != nil {
		return nil, s.lost(d, p, info, err)
	}
	touch(p, info)
	return f, nil
}

// plausible reports why the file that info describes cannot be the blob d.
func plausible(info fs.FileInfo, d digest.Digest) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("a %s is in its place", kind(info.Mode()))
	}
	if info.Size() != d.Size() {
		return fmt.Errorf("it has %d bytes", info.Size())
	}
	return nil
}

func kind(m fs.FileMode) string {
	switch {
	case m.IsRegular():
		return "file"
	case m.IsDir():
		return "directory"
	case m&fs.ModeSymlink != 0:
		return "symlink"
	}
	return "special file"
}

// touch records the use of an entry. It does not matter if that fails: the
// entry only looks older than it is.
func touch(p string, info fs.FileInfo) {
	if stale(info) {
		now := time.Now()
		_ = os.Chtimes(p, now, now)
	}
}

// stale reports whether an entry's time of last use is to be written again.
func stale(info fs.FileInfo) bool {
	age := time.Since(info.ModTime())
	return age > touchInterval || age < -touchInterval // the clock was wrong once
}

// unusable is lost for the open file f.
func (s *Disk) unusable(d digest.Digest, f *os.File, cause error) error {
	info, err := f.Stat()
	if err != nil {
		return s.lost(d, f.Name(), nil, cause)
	}
	return s.lost(d, f.Name(), info, cause)
}

// lost returns the error for the entry of d at p, which cause keeps from being
// used. Unless the cause lies in this process, that is a NotFoundError, and
// what is there, described by info, is moved away.
func (s *Disk) lost(d digest.Digest, p string, info fs.FileInfo, cause error) error {
	s.known.remove(d)
	switch {
	case errors.Is(cause, fs.ErrNotExist):
		return &NotFoundError{Digest: d}
	case errors.Is(cause, syscall.EMFILE), errors.Is(cause, syscall.ENFILE), errors.Is(cause, syscall.ENOMEM):
		return fmt.Errorf("reading the store: %w", cause)
	}
	s.discard(p, info)
	s.doubtful.Store(true)
	return &NotFoundError{Digest: d, Reason: cause.Error()}
}

// discard removes the entry at p, if it is still the one that info describes:
// meanwhile another process may have put a good one there. A nil info stands
// for whatever is there.
func (s *Disk) discard(p string, info fs.FileInfo) {
	// To look first and remove then would leave a moment for the other
	// process. So the entry is moved to where nobody else sees it.
	aside := filepath.Join(s.dir, "trash", atomicfile.TempName())
	if os.Rename(p, aside) != nil {
		return
	}
	if got, err := os.Lstat(aside); info != nil && err == nil && !os.SameFile(got, info) {
		_ = os.Rename(aside, p)
		return
	}
	_ = os.RemoveAll(aside)
}

// Put implements Blobs.
func (s *Disk) Put(ctx context.Context, data []byte) (digest.Digest, error) {
	d := digest.Of(data)
	if s.known.get(d) == verified {
		return d, nil
	}
	if err := ctx.Err(); err != nil {
		return d, err
	}
	if !s.holds(d, data) {
		if err := s.write(s.path("blobs", d), data); err != nil {
			return d, err
		}
	}
	s.known.add(d, verified)
	return d, nil
}

// holds reports whether the blob d is there and is data.
func (s *Disk) holds(d digest.Digest, data []byte) bool {
	f, err := s.open(d)
	if err != nil {
		return false
	}
	defer f.Close()
	buf := make([]byte, min(len(data), 256<<10))
	for len(data) > 0 {
		buf = buf[:min(len(buf), len(data))]
		if _, err := io.ReadFull(f, buf); err != nil || !bytes.Equal(buf, data[:len(buf)]) {
			return false
		}
		data = data[len(buf):]
	}
	return true
}

// write puts data at p.
func (s *Disk) write(p string, data []byte) error {
	return s.place(p, func() error {
		f, err := atomicfile.Create(p, 0o666)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := f.Write(data); err != nil {
			return err
		}
		return f.Commit()
	})
}

// place calls fn, which creates the entry p, and if that fails clears the way
// and calls it once more.
func (s *Disk) place(p string, fn func() error) error {
	err := fn()
	if err != nil {
		s.clear(p)
		err = fn()
	}
	if err != nil {
		return fmt.Errorf("writing to the store: %w", err)
	}
	return nil
}

// clear makes sure that the folder of the entry p is one and that p is none.
// Whether it succeeds, the next attempt to write will tell.
func (s *Disk) clear(p string) {
	shard := filepath.Dir(p)
	if info, err := os.Stat(shard); err != nil || !info.IsDir() {
		// Another process may have made it by now.
		if info, err := os.Lstat(shard); err == nil && !info.IsDir() {
			s.discard(shard, info)
		}
		_ = os.MkdirAll(shard, 0o777)
	}
	if info, err := os.Lstat(p); err == nil && info.IsDir() {
		s.discard(p, info)
	}
}

// Missing implements Blobs. It trusts a file of the right name and size, and
// what this process has seen before.
func (s *Disk) Missing(ctx context.Context, ds []digest.Digest) ([]digest.Digest, error) {
	unknown := s.known.unknown(ds)
	// The chunks are small enough for all processors to have some, and large
	// enough for a goroutine to be worth its while.
	const chunk = 128
	absent := make([][]digest.Digest, (len(unknown)+chunk-1)/chunk)
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i := range absent {
		part := unknown[i*chunk : min((i+1)*chunk, len(unknown))]
		slots <- struct{}{}
		wg.Go(func() {
			absent[i] = s.stat(ctx, part)
			<-slots
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var missing []digest.Digest
	for _, part := range absent {
		missing = append(missing, part...)
	}
	return missing, nil
}

// stat returns those of ds that are not there.
func (s *Disk) stat(ctx context.Context, ds []digest.Digest) (absent []digest.Digest) {
	if ctx.Err() != nil {
		return nil
	}
	for _, d := range ds {
		p := s.path("blobs", d)
		info, err := os.Lstat(p)
		if err != nil || plausible(info, d) != nil {
			absent = append(absent, d)
			continue
		}
		touch(p, info)
		s.known.add(d, present)
	}
	return absent
}

// path returns the place of the entry named by the hash of d. It is called so
// often that filepath.Join would be noticed.
func (s *Disk) path(area string, d digest.Digest) string {
	const sep = string(filepath.Separator)
	h := d.Hash()
	return s.dir + sep + area + sep + h[:2] + sep + h
}
