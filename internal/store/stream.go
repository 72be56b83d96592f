package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/digest"
)

// Open opens the blob d, which it has verified, for those who do not want all
// of it in memory. The caller must close it.
func (s *Disk) Open(ctx context.Context, d digest.Digest) (*os.File, error) {
	f, err := s.expect(d)
	if err != nil {
		return nil, err
	}
	if err := s.verify(ctx, d, f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// verify reads f, which is open at its start and returns to it.
func (s *Disk) verify(ctx context.Context, d digest.Digest, f *os.File) error {
	got, err := digest.Copy(io.Discard, &cancelReader{ctx, f})
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return s.unusable(d, f, err)
	case got != d:
		return s.unusable(d, f, errWrongHash)
	}
	s.known.add(d, verified)
	return nil
}

// FindSHA256 returns the digest of the content with the given hash, in
// lower-case hexadecimal, which it has verified. If there is none, the error is
// a NotFoundError.
func (s *Disk) FindSHA256(ctx context.Context, hash string) (digest.Digest, error) {
	d, err := digest.New(hash, 0)
	if err != nil {
		return d, err
	}
	p := s.path("blobs", d)
	info, err := os.Lstat(p)
	if err != nil {
		return d, s.lost(d, p, nil, err)
	}
	if d, err = digest.New(hash, info.Size()); err != nil {
		return d, err
	}
	f, err := s.Open(ctx, d)
	if err != nil {
		return d, err
	}
	return d, f.Close()
}

// adopt moves a file that has the content of d into its place.
func (s *Disk) adopt(d digest.Digest, file string) error {
	p := s.path("blobs", d)
	err := s.place(p, func() error { return os.Rename(file, p) })
	if err == nil {
		s.known.add(d, verified)
	}
	return err
}

// Export writes the blob d to the file at path on the host, whole or not at
// all, unless it has that content already. It is a copy, so that whoever edits
// the file does not damage the store.
func (s *Disk) Export(ctx context.Context, d digest.Digest, path string, executable bool) error {
	f, err := s.expect(d)
	if err != nil {
		return err
	}
	defer f.Close()
	if SameFile(d, path, executable) {
		return nil
	}
	perm := os.FileMode(0o666)
	if executable {
		perm = 0o777
	}
	to, err := atomicfile.Create(path, perm)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer to.Close()
	got, err := digest.Copy(to, &cancelReader{ctx, f})
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if got != d {
		return s.unusable(d, f, errWrongHash)
	}
	if err := to.Commit(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// SameFile reports whether the file of the host at path is the blob d.
func SameFile(d digest.Digest, path string, executable bool) bool {
	info, err := os.Lstat(path)
	if err != nil || plausible(info, d) != nil || executable != (info.Mode()&0o100 != 0) {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	got, err := digest.Copy(io.Discard, f)
	return err == nil && got == d
}

// A cancelReader ends with the error of ctx once that is done.
type cancelReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *cancelReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
