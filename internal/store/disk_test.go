package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

func open(t *testing.T, dir string) *Disk {
	t.Helper()
	s, err := OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *Disk, content string) digest.Digest {
	t.Helper()
	d, err := s.Put(t.Context(), []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func wantContent(t *testing.T, s *Disk, d digest.Digest, want string) {
	t.Helper()
	got, err := s.Get(t.Context(), d)
	if err != nil || string(got) != want {
		t.Fatalf("Get(%s) = %.80q, %v; want %.80q", d, got, err, want)
	}
}

// wantNotFound fails unless err is a NotFoundError whose reason contains reason.
func wantNotFound(t *testing.T, err error, reason string) {
	t.Helper()
	var notFound *NotFoundError
	if !errors.As(err, &notFound) {
		t.Fatalf("got %v, want a NotFoundError", err)
	}
	if !strings.Contains(notFound.Reason, reason) || (reason == "") != (notFound.Reason == "") {
		t.Fatalf("the reason is %q, want one with %q", notFound.Reason, reason)
	}
}

func TestBlobs(t *testing.T) {
	s := open(t, t.TempDir())
	for _, content := range []string{"", "x", strings.Repeat("long", 1<<18)} {
		d := digest.Of([]byte(content))
		_, err := s.Get(t.Context(), d)
		wantNotFound(t, err, "")
		if got := put(t, s, content); got != d {
			t.Fatalf("Put returned %s, want %s", got, d)
		}
		wantContent(t, s, d, content)
		wantContent(t, open(t, s.Dir()), d, content)
	}
}

func TestMissing(t *testing.T) {
	s := open(t, t.TempDir())
	var all, absent []digest.Digest
	for i := range 1000 {
		content := strings.Repeat("x", i)
		d := digest.Of([]byte(content))
		all = append(all, d, d)
		if i%3 == 0 {
			absent = append(absent, d)
		} else {
			put(t, s, content)
		}
	}
	for range 2 {
		got, err := open(t, s.Dir()).Missing(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(hashes(absent), hashes(got)); diff != "" {
			t.Error(diff)
		}
	}
}

func hashes(ds []digest.Digest) []string {
	var hashes []string
	for _, d := range ds {
		hashes = append(hashes, d.Hash())
	}
	return hashes
}

func TestCancelled(t *testing.T) {
	s := open(t, t.TempDir())
	d := put(t, s, "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Get(ctx, d); !errors.Is(err, context.Canceled) {
		t.Errorf("Get: %v", err)
	}
	if _, err := s.Put(ctx, []byte("y")); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v", err)
	}
	if _, err := s.Missing(ctx, []digest.Digest{digest.Of([]byte("z"))}); !errors.Is(err, context.Canceled) {
		t.Errorf("Missing: %v", err)
	}
	if _, err := s.GetResult(ctx, d); !errors.Is(err, context.Canceled) {
		t.Errorf("GetResult: %v", err)
	}
	if _, err := s.Open(ctx, d); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
	wantContent(t, s, d, "x")
}

// makeResult stores a result that names a file and a directory.
func makeResult(t *testing.T, s *Disk, name string) (digest.Digest, *action.Result) {
	t.Helper()
	b := tree.NewBuilder(nil)
	if err := b.AddFile("a/b", put(t, s, name+" in a tree"), true); err != nil {
		t.Fatal(err)
	}
	root, err := PutTree(t.Context(), s, b)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := PutOutputDir(t.Context(), s, Directories(s), "out/dir", root)
	if err != nil {
		t.Fatal(err)
	}
	r := &action.Result{
		Stdout:   []byte("said\n"),
		Stderr:   []byte("warned\n"),
		Files:    []action.OutputFile{{Path: "out/file", Digest: put(t, s, "content of "+name)}},
		Dirs:     []action.OutputDir{dir},
		Duration: time.Second,
	}
	key := digest.Of([]byte("key of " + name))
	if err := s.PutResult(t.Context(), key, r); err != nil {
		t.Fatal(err)
	}
	return key, r
}

func TestResults(t *testing.T) {
	s := open(t, t.TempDir())
	_, err := s.GetResult(t.Context(), digest.Of([]byte("key of x")))
	wantNotFound(t, err, "")
	key, want := makeResult(t, s, "x")
	got, err := open(t, s.Dir()).GetResult(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b digest.Digest) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

// A result is a miss when anything is gone that it names. Within touchInterval
// after a look at all of it, that need not be noticed for the files in its
// directories, but as soon as one of them is missed.
func TestIncompleteResult(t *testing.T) {
	s := open(t, t.TempDir())
	key, r := makeResult(t, s, "x")
	contents, err := Contents(Directories(s), r)
	if err != nil {
		t.Fatal(err)
	}
	if len(contents) != 5 { // two files, two directories, one Tree
		t.Fatalf("the result names %d digests", len(contents))
	}
	for i, d := range contents {
		data, err := s.Get(t.Context(), d)
		must(t, err)
		must(t, os.Remove(s.path("blobs", d)))

		fresh := open(t, s.Dir())
		if slices.Contains(outputs(r), d) {
			_, err = fresh.GetResult(t.Context(), key)
			wantNotFound(t, err, "which is not there")
		} else {
			_, err = fresh.GetResult(t.Context(), key)
			must(t, err)
			_, err = fresh.Get(t.Context(), d)
			wantNotFound(t, err, "")
			_, err = fresh.GetResult(t.Context(), key)
			wantNotFound(t, err, "which is not there")
		}

		// Long ago, or not yet, if the clock was wrong.
		at := time.Now().Add(time.Duration(2*(i%2)-1) * 2 * touchInterval)
		must(t, os.Chtimes(s.path("results", key), at, at))
		_, err = open(t, s.Dir()).GetResult(t.Context(), key)
		wantNotFound(t, err, "which is not there")

		_, err = open(t, s.Dir()).Put(t.Context(), data)
		must(t, err)
		_, err = open(t, s.Dir()).GetResult(t.Context(), key)
		must(t, err)
	}
}

func TestResultOfNothing(t *testing.T) {
	s := open(t, t.TempDir())
	r := &action.Result{Files: []action.OutputFile{{Path: "x", Digest: digest.Of([]byte("not there"))}}}
	wantNotFound(t, s.PutResult(t.Context(), digest.Of(nil), r), "")
	_, err := s.GetResult(t.Context(), digest.Of(nil))
	wantNotFound(t, err, "")
}

// Content that is used again counts as used now.
func TestTouch(t *testing.T) {
	s := open(t, t.TempDir())
	key, r := makeResult(t, s, "x")
	d := r.Files[0].Digest
	old := time.Now().Add(-10 * touchInterval)
	uses := map[string]func(s *Disk) error{
		"Get":       func(s *Disk) error { _, err := s.Get(t.Context(), d); return err },
		"Missing":   func(s *Disk) error { _, err := s.Missing(t.Context(), []digest.Digest{d}); return err },
		"Put":       func(s *Disk) error { _, err := s.Put(t.Context(), []byte("content of x")); return err },
		"GetResult": func(s *Disk) error { _, err := s.GetResult(t.Context(), key); return err },
	}
	for name, use := range uses {
		for _, p := range []string{s.path("blobs", d), s.path("results", key)} {
			if err := os.Chtimes(p, old, old); err != nil {
				t.Fatal(err)
			}
		}
		if err := use(open(t, s.Dir())); err != nil {
			t.Fatal(err)
		}
		paths := []string{s.path("blobs", d)}
		if name == "GetResult" {
			paths = append(paths, s.path("results", key))
		}
		for _, p := range paths {
			if info, err := os.Stat(p); err != nil || time.Since(info.ModTime()) > touchInterval {
				t.Errorf("%s did not touch %s", name, filepath.Base(filepath.Dir(filepath.Dir(p))))
			}
		}
	}
}

func TestOpenAndFind(t *testing.T) {
	s := open(t, t.TempDir())
	d := put(t, s, "content")
	f, err := s.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var got bytes.Buffer
	if _, err := got.ReadFrom(f); err != nil || got.String() != "content" {
		t.Errorf("got %q, %v", got.String(), err)
	}
	if found, err := s.FindSHA256(t.Context(), d.Hash()); err != nil || found != d {
		t.Errorf("FindSHA256 = %v, %v", found, err)
	}
	_, err = s.FindSHA256(t.Context(), digest.Of([]byte("other")).Hash())
	wantNotFound(t, err, "")
	if _, err = s.FindSHA256(t.Context(), "../../etc/passwd"); err == nil {
		t.Error("no error for what is no hash")
	}
	if err := os.WriteFile(s.path("blobs", d), []byte("cont"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = s.FindSHA256(t.Context(), d.Hash())
	wantNotFound(t, err, "another hash")
}

// A folder that cannot be a store is an error that names it.
func TestOpenDiskFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDisk(file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v", err)
	}
}
