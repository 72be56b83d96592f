package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cowasm/cowasm/internal/digest"
)

// A harm is something that can befall the file at path.
type harm struct {
	name string
	do   func(t *testing.T, path string)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// edit returns a harm that changes the content.
func edit(change func([]byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		data, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(path, change(data), 0o666))
	}
}

// replace returns a harm that puts something else in the place of the file.
func replace(make func(path string) error) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		must(t, os.Remove(path))
		must(t, make(path))
	}
}

var harms = append([]harm{
	{"first bit", edit(func(b []byte) []byte { b[0] ^= 1; return b })},
	{"last bit", edit(func(b []byte) []byte { b[len(b)-1] ^= 0x80; return b })},
	{"truncated", edit(func(b []byte) []byte { return b[:len(b)/2] })},
	{"emptied", edit(func(b []byte) []byte { return nil })},
	{"zeros", edit(func(b []byte) []byte { return make([]byte, len(b)) })},
	{"appended", edit(func(b []byte) []byte { return append(b, 0) })},
	{"removed", func(t *testing.T, path string) { must(t, os.Remove(path)) }},
	{"directory", replace(func(p string) error { return os.Mkdir(p, 0o777) })},
	{"full directory", replace(func(p string) error { return os.MkdirAll(filepath.Join(p, "sub", "sub"), 0o777) })},
	{"dangling symlink", replace(func(p string) error { return os.Symlink("nowhere", p) })},
	{"symlink to itself", replace(func(p string) error { return os.Symlink(p, p) })},
	{"symlink to a copy", func(t *testing.T, path string) {
		copied := filepath.Join(t.TempDir(), "copy")
		must(t, os.Rename(path, copied))
		must(t, os.Symlink(copied, path))
	}},
	{"shard replaced", func(t *testing.T, path string) {
		must(t, os.RemoveAll(filepath.Dir(path)))
		must(t, os.WriteFile(filepath.Dir(path), []byte("x"), 0o666))
	}},
	{"shard removed", func(t *testing.T, path string) { must(t, os.RemoveAll(filepath.Dir(path))) }},
	{"swapped", func(t *testing.T, path string) {
		other := filepath.Join(filepath.Dir(filepath.Dir(path)), "other")
		must(t, os.Rename(path, other)) // what the other is called does not matter here
		data, err := os.ReadFile(other)
		must(t, err)
		for i, j := 0, len(data)-1; i < j; i, j = i+1, j-1 {
			data[i], data[j] = data[j], data[i]
		}
		must(t, os.WriteFile(path, data, 0o666))
		must(t, os.Remove(other))
	}},
}, platformHarms...)

// Whatever befalls a blob: it is a miss, and Put repairs it.
func TestBlobDamage(t *testing.T) {
	const content = "the content of a blob"
	for _, h := range harms {
		t.Run(h.name, func(t *testing.T) {
			for _, same := range []bool{false, true} {
				s := open(t, t.TempDir())
				d := put(t, s, content)
				h.do(t, s.path("blobs", d))
				if !same { // as another process
					s = open(t, s.Dir())
				}
				if _, err := s.Get(t.Context(), d); err == nil {
					t.Fatal("Get found it")
				} else if r, bad := reasonOf(err); bad != nil {
					t.Fatalf("%q, %v", r, bad)
				}
				missing, err := s.Missing(t.Context(), []digest.Digest{d})
				if err != nil || len(missing) != 1 {
					t.Errorf("Missing = %v, %v", missing, err)
				}
				put(t, s, content)
				wantContent(t, s, d, content)
				wantContent(t, open(t, s.Dir()), d, content)
			}
		})
	}
}

// Put repairs what nobody has found to be damaged yet.
func TestPutRepairs(t *testing.T) {
	const content = "the content of a blob"
	for _, h := range harms {
		t.Run(h.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			d := put(t, s, content)
			h.do(t, s.path("blobs", d))
			s = open(t, s.Dir())
			put(t, s, content)
			wantContent(t, open(t, s.Dir()), d, content)

			h.do(t, s.path("blobs", d))
			st, err := s.Stage(t.Context(), d.Hash())
			must(t, err)
			_, err = st.Write([]byte(content))
			must(t, err)
			_, err = st.Commit()
			must(t, err)
			must(t, st.Close())
			wantContent(t, open(t, s.Dir()), d, content)
		})
	}
}

// Whatever befalls a result: it is a miss, and PutResult repairs it.
func TestResultDamage(t *testing.T) {
	for _, h := range harms {
		t.Run(h.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			key, r := makeResult(t, s, "x")
			h.do(t, s.path("results", key))
			s = open(t, s.Dir())
			if _, err := s.GetResult(t.Context(), key); err == nil {
				t.Fatal("GetResult found it")
			} else if r, bad := reasonOf(err); bad != nil {
				t.Fatalf("%q, %v", r, bad)
			}
			must(t, s.PutResult(t.Context(), key, r))
			_, err := open(t, s.Dir()).GetResult(t.Context(), key)
			must(t, err)
		})
	}
}

// Every bit of a result counts.
func TestResultBits(t *testing.T) {
	s := open(t, t.TempDir())
	key, _ := makeResult(t, s, "x")
	p := s.path("results", key)
	good, err := os.ReadFile(p)
	must(t, err)
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 1 << (i % 8)
		if _, _, err := decodeResult(key, bad); err == nil {
			t.Fatalf("byte %d was changed, which passes", i)
		}
	}
}

// Two results that change places are both misses.
func TestResultsSwapped(t *testing.T) {
	s := open(t, t.TempDir())
	x, _ := makeResult(t, s, "x")
	y, _ := makeResult(t, s, "y")
	px, py, aside := s.path("results", x), s.path("results", y), filepath.Join(s.Dir(), "aside")
	must(t, os.Rename(px, aside))
	must(t, os.Rename(py, px))
	must(t, os.Rename(aside, py))
	for _, key := range []digest.Digest{x, y} {
		_, err := open(t, s.Dir()).GetResult(t.Context(), key)
		wantNotFound(t, err, "that of another action")
	}
}

// Verify finds all damage, and only that.
func TestVerify(t *testing.T) {
	for _, h := range harms {
		t.Run(h.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			key, r := makeResult(t, s, "x")
			makeResult(t, s, "y")
			verify := func() (reports []Damage) {
				_, err := open(t, s.Dir()).Verify(t.Context(), func(d Damage) { reports = append(reports, d) })
				must(t, err)
				return reports
			}
			if got := verify(); got != nil {
				t.Fatalf("nothing is damaged, but Verify says %v", got)
			}
			for _, p := range []string{s.path("blobs", r.Files[0].Digest), s.path("results", key)} {
				h.do(t, p)
				got := verify()
				if gone := h.name == "removed" || h.name == "shard removed"; gone != (len(got) == 0) {
					t.Errorf("Verify says %v", got)
				}
				if got := verify(); got != nil {
					t.Errorf("Verify says %v a second time", got)
				}
			}
		})
	}
}

// Two blobs of the same size that change places are both misses.
func TestBlobsSwapped(t *testing.T) {
	s := open(t, t.TempDir())
	a, b := put(t, s, "one"), put(t, s, "two")
	pa, pb, aside := s.path("blobs", a), s.path("blobs", b), filepath.Join(s.Dir(), "aside")
	must(t, os.Rename(pa, aside))
	must(t, os.Rename(pb, pa))
	must(t, os.Rename(aside, pb))
	for _, d := range []digest.Digest{a, b} {
		_, err := s.Get(t.Context(), d)
		wantNotFound(t, err, "another hash")
	}
}

// Of two processes, one may repair what the other is about to remove.
func TestDiscardSparesRepair(t *testing.T) {
	s := open(t, t.TempDir())
	d := put(t, s, "content")
	p := s.path("blobs", d)
	must(t, os.WriteFile(p, []byte("damaged"), 0o666))
	seen, err := os.Lstat(p)
	must(t, err)
	other := open(t, s.Dir())
	put(t, other, "content")
	s.discard(p, seen)
	wantContent(t, other, d, "content")
}
