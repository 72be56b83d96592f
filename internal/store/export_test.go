package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// listing returns what a folder holds: content, "/" or "-> target" by path, and
// a star for what is executable.
func listing(t *testing.T, dir string) map[string]string {
	t.Helper()
	list := map[string]string{}
	must(t, filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		rel = filepath.ToSlash(rel)
		switch {
		case e.IsDir():
			list[rel] = "/"
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(p)
			list[rel] = "-> " + target
			return err
		default:
			data, err := os.ReadFile(p)
			list[rel] = string(data)
			if info.Mode()&0o100 != 0 {
				list[rel] += "*"
			}
			return err
		}
		return nil
	}))
	return list
}

func TestExport(t *testing.T) {
	s := open(t, t.TempDir())
	d := put(t, s, "content")
	dir := t.TempDir()
	p := filepath.Join(dir, "file")
	for _, executable := range []bool{false, true} {
		must(t, s.Export(t.Context(), d, p, executable))
		want := map[string]string{"file": "content"}
		if executable {
			want["file"] += "*"
		}
		if diff := cmp.Diff(want, listing(t, dir)); diff != "" {
			t.Error(diff)
		}
	}
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	must(t, os.Chtimes(p, old, old))
	must(t, s.Export(t.Context(), d, p, true))
	if info, err := os.Stat(p); err != nil || !info.ModTime().Equal(old) {
		t.Error("a file that was right already was written again")
	}
	must(t, os.WriteFile(p, []byte("edited!"), 0o777))
	must(t, s.Export(t.Context(), d, p, true))
	if got := listing(t, dir)["file"]; got != "content*" {
		t.Errorf("got %q", got)
	}
	wantContent(t, open(t, s.Dir()), d, "content")
}

// Damaged content never reaches the host.
func TestExportDamaged(t *testing.T) {
	s := open(t, t.TempDir())
	d := put(t, s, "content")
	dir := t.TempDir()
	p := filepath.Join(dir, "file")
	must(t, os.WriteFile(p, []byte("old"), 0o666))
	must(t, os.WriteFile(s.path("blobs", d), []byte("damaged"), 0o666))
	wantNotFound(t, s.Export(t.Context(), d, p, false), "another hash")
	wantNotFound(t, s.Export(t.Context(), d, p, false), "")
	if diff := cmp.Diff(map[string]string{"file": "old"}, listing(t, dir)); diff != "" {
		t.Error(diff)
	}
	put(t, s, "content")
	must(t, os.Remove(p))
	must(t, os.Mkdir(p, 0o777))
	if err := s.Export(t.Context(), d, p, false); err == nil {
		t.Error("a folder was replaced by a file")
	}
}

func TestExportTree(t *testing.T) {
	s := open(t, t.TempDir())
	b := tree.NewBuilder(nil)
	must(t, b.AddFile("a/b/file", put(t, s, "content"), false))
	must(t, b.AddFile("a/run", put(t, s, "program"), true))
	must(t, b.AddSymlink("a/link", "b/file"))
	must(t, b.AddDir("empty"))
	root, err := PutTree(t.Context(), s, b)
	must(t, err)
	parent := t.TempDir()
	dir := filepath.Join(parent, "dir")
	want := map[string]string{
		"dir": "/", "dir/a": "/", "dir/a/b": "/", "dir/a/b/file": "content", "dir/a/run": "program*",
		"dir/a/link": "-> b/file", "dir/empty": "/",
	}
	for range 2 {
		must(t, s.ExportTree(t.Context(), Directories(s), root, dir))
		if diff := cmp.Diff(want, listing(t, parent)); diff != "" {
			t.Error(diff)
		}
		must(t, os.WriteFile(filepath.Join(dir, "stray"), nil, 0o666))
	}
	for name, spoil := range map[string]func(p string) error{
		"a/b/file": func(p string) error { return os.WriteFile(p, []byte("CONTENT"), 0o666) },
		"a/run":    func(p string) error { return os.Chmod(p, 0o666) },
		"a/link":   func(p string) error { return errors.Join(os.Remove(p), os.Symlink("run", p)) },
		"empty":    func(p string) error { return errors.Join(os.Remove(p), os.WriteFile(p, nil, 0o666)) },
		"a/b":      os.RemoveAll,
		"":         os.RemoveAll,
	} {
		must(t, spoil(filepath.Join(dir, name)))
		must(t, s.ExportTree(t.Context(), Directories(s), root, dir))
		if diff := cmp.Diff(want, listing(t, parent)); diff != "" {
			t.Errorf("after a change of %q: %s", name, diff)
		}
	}
	before, err := os.Stat(dir)
	must(t, err)
	must(t, s.ExportTree(t.Context(), Directories(s), root, dir))
	if after, err := os.Stat(dir); err != nil || !os.SameFile(before, after) {
		t.Error("a folder that was right already was written again")
	}
	must(t, os.WriteFile(filepath.Join(dir, "stray"), nil, 0o666))
	want["dir/stray"] = ""
	must(t, os.Remove(s.path("blobs", digest.Of([]byte("program")))))
	wantNotFound(t, s.ExportTree(t.Context(), Directories(s), root, dir), "")
	if diff := cmp.Diff(want, listing(t, parent)); diff != "" {
		t.Errorf("after a failure: %s", diff)
	}
}
