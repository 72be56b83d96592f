package store

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/digest"
)

// age makes all of a store look as if it was not used for a month.
func age(t *testing.T, dir string) {
	t.Helper()
	old := time.Now().Add(-30 * 24 * time.Hour)
	must(t, filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(p, old, old)
	}))
}

func TestTrim(t *testing.T) {
	const day = 24 * time.Hour
	ages := []time.Duration{0, time.Hour, 2 * day, 3 * day, 10 * day}
	tests := []struct {
		name    string
		maxAge  time.Duration
		maxSize int64
		want    int // of the youngest that stay
	}{
		{"roomy", 100 * day, 1000, 5},
		{"by age", 5 * day, 1000, 4},
		{"by size", 100 * day, 250, 2},
		{"by both", 5 * day, 350, 3},
		{"what is in use stays", 0, 0, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			var ds []digest.Digest
			for i, age := range ages {
				d := put(t, s, string(make([]byte, 100-i)))
				at := time.Now().Add(-age)
				must(t, os.Chtimes(s.path("blobs", d), at, at))
				ds = append(ds, d)
			}
			freed, err := s.Trim(t.Context(), tt.maxAge, tt.maxSize)
			must(t, err)
			var wantFreed int64
			for _, d := range ds[tt.want:] {
				wantFreed += d.Size()
			}
			if freed != wantFreed {
				t.Errorf("freed %d bytes, want %d", freed, wantFreed)
			}
			missing, err := s.Missing(t.Context(), ds)
			must(t, err)
			if diff := cmp.Diff(hashes(ds[tt.want:]), hashes(missing)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What killed processes leave goes away, but not what others are working on.
func TestTrimLeftovers(t *testing.T) {
	s := open(t, t.TempDir())
	leave := func(name string) {
		p := filepath.Join(s.Dir(), name)
		must(t, os.MkdirAll(filepath.Dir(p), 0o777))
		must(t, os.WriteFile(p, []byte("x"), 0o666))
	}
	leave("blobs/ab/.tmp-1")
	leave("results/ab/.tmp-1")
	leave("staging/.tmp-1")
	leave("staging/abc")
	leave("staging/abc.lock")
	leave("trash/dir/file")
	age(t, s.Dir())
	leave("blobs/ab/.tmp-2")
	leave("staging/def")
	_, err := s.Trim(t.Context(), time.Hour, 1<<30)
	must(t, err)
	var left []string
	must(t, s.scan(t.Context(), func(f file) {
		rel, _ := filepath.Rel(s.Dir(), f.path)
		left = append(left, filepath.ToSlash(rel))
	}))
	if diff := cmp.Diff([]string{"blobs/ab/.tmp-2", "staging/abc.lock", "staging/def"}, left); diff != "" {
		t.Error(diff)
	}
	if entries, err := os.ReadDir(filepath.Join(s.Dir(), "trash")); err != nil || len(entries) > 0 {
		t.Errorf("in the trash: %v, %v", entries, err)
	}
}

func TestVerifyNames(t *testing.T) {
	s := open(t, t.TempDir())
	d := put(t, s, "x")
	must(t, os.WriteFile(filepath.Join(s.Dir(), "blobs", d.Hash()), []byte("x"), 0o666))
	must(t, os.MkdirAll(filepath.Join(s.Dir(), "blobs", "zz"), 0o777))
	must(t, os.WriteFile(filepath.Join(s.Dir(), "blobs", "zz", d.Hash()), []byte("x"), 0o666))
	must(t, os.WriteFile(filepath.Join(s.Dir(), "results", "stray"), []byte("x"), 0o666))
	var got []string
	n, err := s.Verify(t.Context(), func(d Damage) { got = append(got, d.Path) })
	must(t, err)
	if n != 4 {
		t.Errorf("looked at %d entries", n)
	}
	want := []string{"blobs/" + d.Hash(), "blobs/zz/" + d.Hash(), "results/stray"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantContent(t, s, d, "x")
}

func TestScanCancelled(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Usage(ctx); err == nil {
		t.Error("Usage")
	}
	if _, err := s.Verify(ctx, func(Damage) {}); err == nil {
		t.Error("Verify")
	}
	if _, err := s.Trim(ctx, 0, 0); err == nil {
		t.Error("Trim")
	}
}
