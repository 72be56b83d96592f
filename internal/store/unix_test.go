//go:build unix

package store

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/cowasm/cowasm/internal/digest"
)

var platformHarms = []harm{
	{"FIFO", replace(func(p string) error { return syscall.Mkfifo(p, 0o666) })},
	{"unreadable", func(t *testing.T, path string) {
		if os.Getuid() == 0 {
			t.Skip("root may read everything")
		}
		must(t, os.Chmod(path, 0))
	}},
}

// limited runs the named test again in a process with a resource limit.
func limited(t *testing.T, resource int, limit uint64) bool {
	t.Helper()
	if os.Getenv("STORE_TEST_LIMITED") == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), "STORE_TEST_LIMITED=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return false
	}
	must(t, syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limit, Max: limit}))
	return true
}

// When the disk is full, nothing is half-written, and the error says why.
func TestNoSpace(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	if !limited(t, syscall.RLIMIT_FSIZE, 1000) {
		return
	}
	s := open(t, t.TempDir())
	small := put(t, s, "small")
	_, err := s.Put(t.Context(), make([]byte, 2000))
	if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), "writing to the store") {
		t.Errorf("Put: %v", err)
	}
	st, err := s.Stage(t.Context(), digest.Empty.Hash())
	must(t, err)
	if _, err = st.Write(make([]byte, 2000)); !errors.Is(err, syscall.EFBIG) {
		t.Errorf("Staged.Write: %v", err)
	}
	must(t, st.Reset())
	must(t, st.Close())
	wantContent(t, s, small, "small")
	u, err := s.Usage(t.Context())
	must(t, err)
	if u != (Usage{Blobs: 1, BlobBytes: 5}) {
		t.Errorf("something was left behind: %+v", u)
	}
}

// A process that has too many files open must not take that for damage.
func TestTooManyFiles(t *testing.T) {
	s := open(t, t.TempDir())
	key, r := makeResult(t, s, "x")
	d := r.Files[0].Digest
	if !limited(t, syscall.RLIMIT_NOFILE, 64) {
		return
	}
	var files []*os.File
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		files = append(files, f)
	}
	_, errGet := s.Get(t.Context(), d)
	_, errResult := s.GetResult(t.Context(), key)
	for _, f := range files {
		f.Close()
	}
	for _, err := range []error{errGet, errResult} {
		var notFound *NotFoundError
		if !errors.Is(err, syscall.EMFILE) || errors.As(err, &notFound) {
			t.Errorf("got %v", err)
		}
	}
	wantContent(t, s, d, "content of x")
	if _, err := s.GetResult(t.Context(), key); err != nil {
		t.Error(err)
	}
	if missing, err := s.Missing(t.Context(), []digest.Digest{d}); err != nil || len(missing) > 0 {
		t.Errorf("Missing = %v, %v", missing, err)
	}
}
