package store

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/cowasm/cowasm/internal/digest"
)

// Staged is content that is on its way into the store, such as a download. What
// has arrived of it outlives the process, so that a later one can go on from
// there. While one process has it open, others wait.
type Staged struct {
	store  *Disk
	hash   string
	file   *os.File
	hasher *digest.Hasher // of what has arrived
	unlock func()
}

// Stage opens what there is of the content with the given SHA-256 hash, in
// lower-case hexadecimal. It waits while another process has it open, which may
// well have completed it in the end: so look with FindSHA256 afterwards.
func (s *Disk) Stage(ctx context.Context, hash string) (*Staged, error) {
	if _, err := digest.ParseHash(hash); err != nil {
		return nil, err
	}
	path := filepath.Join(s.dir, "staging", hash)
	unlock, err := lock(ctx, path+".lock")
	if err != nil {
		return nil, err
	}
	st := &Staged{store: s, hash: hash, hasher: digest.NewHasher(), unlock: unlock}
	st.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err == nil {
		_, err = io.Copy(st.hasher, &cancelReader{ctx, st.file})
	}
	if err != nil {
		st.Close()
		return nil, fmt.Errorf("opening a download in the store: %w", err)
	}
	return st, nil
}

// lock waits for the lock at path, but not beyond the end of ctx.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	type held struct {
		unlock func()
		err    error
	}
	c := make(chan held, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(path).Lock()
		c <- held{unlock, err}
	}()
	select {
	case h := <-c:
		if h.err != nil {
			return nil, fmt.Errorf("locking a download in the store: %w", h.err)
		}
		return h.unlock, nil
	case <-ctx.Done():
		// The system call cannot be interrupted: let go of the lock once it
		// is there.
		go func() {
			if h := <-c; h.err == nil {
				h.unlock()
			}
		}()
		return nil, ctx.Err()
	}
}

// Size returns the number of bytes that have arrived.
func (st *Staged) Size() int64 { return st.hasher.Digest().Size() }

// Write adds p to what has arrived.
func (st *Staged) Write(p []byte) (int, error) {
	n, err := st.file.Write(p)
	st.hasher.Write(p[:n])
	if err != nil {
		err = fmt.Errorf("writing to the store: %w", err)
	}
	return n, err
}

// Reset forgets what has arrived.
func (st *Staged) Reset() error {
	st.hasher = digest.NewHasher()
	if _, err := st.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("writing to the store: %w", err)
	}
	if err := st.file.Truncate(0); err != nil {
		return fmt.Errorf("writing to the store: %w", err)
	}
	return nil
}

// Commit moves the content, all of which has arrived, into the store. If it has
// another hash than it should, the error is a *HashError, and what has arrived
// is forgotten. After Commit there is only Close.
func (st *Staged) Commit() (digest.Digest, error) {
	d := st.hasher.Digest()
	if d.Hash() != st.hash {
		err := st.Reset()
		if err == nil {
			err = &HashError{Want: st.hash, Got: d.Hash()}
		}
		return d, err
	}
	if err := st.file.Close(); err != nil {
		return d, fmt.Errorf("writing to the store: %w", err)
	}
	st.file = nil
	return d, st.store.adopt(d, filepath.Join(st.store.dir, "staging", st.hash))
}

// Close lets go of the content. Unless it was committed, a later Stage finds
// what has arrived.
func (st *Staged) Close() error {
	defer st.unlock()
	if st.file == nil {
		return nil
	}
	return st.file.Close()
}

// A HashError says that content is not what it should be.
type HashError struct {
	Want, Got string // SHA-256, in lower-case hexadecimal
}

func (e *HashError) Error() string {
	return fmt.Sprintf("the content has sha256 %s, not %s", e.Got, e.Want)
}
