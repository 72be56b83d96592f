package transcript_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/transcript"
)

// workspace returns a folder with some files, and the path of each in it.
func workspace(t *testing.T) (dir string, at func(string) string) {
	t.Helper()
	dir = t.TempDir()
	at = func(p string) string { return filepath.Join(dir, filepath.FromSlash(p)) }
	for _, p := range []string{"a/BUILD", "a/x.py", "a/y.py", "b/other"} {
		write(t, at(p), "content of "+p)
	}
	return dir, at
}

func write(t *testing.T, p, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// look asks for all that there is to ask.
func look(t *testing.T, r *transcript.Recorder) {
	t.Helper()
	if data, err := fs.ReadFile(r, "a/BUILD"); err != nil || string(data) != "content of a/BUILD" {
		t.Fatalf("read %q, %v", data, err)
	}
	if _, err := fs.ReadFile(r, "a/none"); !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if info, err := fs.Stat(r, "a/x.py"); err != nil || !info.Mode().IsRegular() {
		t.Fatal(info, err)
	}
	if _, err := fs.Stat(r, "a/b/BUILD"); !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var walked []string
	err := fs.WalkDir(r, "a", func(p string, _ fs.DirEntry, err error) error {
		walked = append(walked, p)
		return err
	})
	if diff := cmp.Diff([]string{"a", "a/BUILD", "a/x.py", "a/y.py"}, walked); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
}

// What was asked for decides, and nothing else does.
func TestHolds(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(t *testing.T, at func(string) string)
		want   bool
	}{
		{"nothing", func(*testing.T, func(string) string) {}, true},
		{"a file that was read", func(t *testing.T, at func(string) string) { write(t, at("a/BUILD"), "another") }, false},
		{"a file that was read, to what it was", func(t *testing.T, at func(string) string) {
			write(t, at("a/BUILD"), "another")
			write(t, at("a/BUILD"), "content of a/BUILD")
		}, true},
		{"a file that was read, with its time", func(t *testing.T, at func(string) string) {
			info, err := os.Stat(at("a/BUILD"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, at("a/BUILD"), "CONTENT OF a/BUILD")
			if err := os.Chtimes(at("a/BUILD"), info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"a file that was read, removed", func(t *testing.T, at func(string) string) { os.Remove(at("a/BUILD")) }, false},
		{"a file that was looked for", func(t *testing.T, at func(string) string) { write(t, at("a/x.py"), "another") }, true},
		{"a file that was looked for, made a folder", func(t *testing.T, at func(string) string) {
			os.Remove(at("a/x.py"))
			os.Mkdir(at("a/x.py"), 0o777)
		}, false},
		{"a file that was not there", func(t *testing.T, at func(string) string) { write(t, at("a/none"), "") }, false},
		{"a folder that was not there", func(t *testing.T, at func(string) string) { write(t, at("a/b/BUILD"), "") }, false},
		{"a name in a listing", func(t *testing.T, at func(string) string) { write(t, at("a/z.py"), "") }, false},
		{"a name less in a listing", func(t *testing.T, at func(string) string) { os.Remove(at("a/y.py")) }, false},
		{"what nobody asked for", func(t *testing.T, at func(string) string) {
			write(t, at("a/y.py"), "another")
			write(t, at("b/other"), "another")
			write(t, at("c"), "")
		}, true},
		{"all of it", func(t *testing.T, at func(string) string) { os.RemoveAll(at(".")) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, at := workspace(t)
			r := transcript.Record(os.DirFS(dir))
			look(t, r)
			text, ok := r.Transcript()
			if !ok {
				t.Fatal("it is spoilt")
			}
			test.change(t, at)
			if got := transcript.Record(os.DirFS(dir)).Holds(text); got != test.want {
				t.Errorf("Holds = %v, want %v, of\n%s", got, test.want, text)
			}
		})
	}
}

// There is no transcript of what cannot be told by its questions.
func TestSpoilt(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(t *testing.T, r *transcript.Recorder, at func(string) string)
	}{
		{"said so", func(_ *testing.T, r *transcript.Recorder, _ func(string) string) { r.Spoil() }},
		{"open file", func(_ *testing.T, r *transcript.Recorder, _ func(string) string) { r.Open("a/x.py") }},
		{"file for a folder", func(_ *testing.T, r *transcript.Recorder, _ func(string) string) { r.Stat("a/x.py/BUILD") }},
		{"folder for a file", func(_ *testing.T, r *transcript.Recorder, _ func(string) string) { r.ReadFile("a") }},
		{"changed meanwhile", func(t *testing.T, r *transcript.Recorder, at func(string) string) {
			r.ReadFile("a/x.py")
			write(t, at("a/x.py"), "another")
			r.ReadFile("a/x.py")
		}},
		{"changed back", func(t *testing.T, r *transcript.Recorder, at func(string) string) {
			r.Stat("none")
			write(t, at("none"), "")
			r.Stat("none")
			os.Remove(at("none"))
			r.Stat("none")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, at := workspace(t)
			r := transcript.Record(os.DirFS(dir))
			look(t, r)
			test.do(t, r, at)
			if text, ok := r.Transcript(); ok {
				t.Errorf("there is one:\n%s", text)
			}
		})
	}
}

// A transcript may be damaged in any way.
func FuzzHolds(f *testing.F) {
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a b"), []byte("x"), 0o666); err != nil {
		f.Fatal(err)
	}
	r := transcript.Record(os.DirFS(dir))
	r.ReadFile("a b")
	r.Stat("none")
	r.ReadDir(".")
	whole, ok := r.Transcript()
	if !ok || !r.Holds(whole) {
		f.Fatalf("%q", whole)
	}
	f.Add(whole)
	f.Add([]byte("read  \"../x\"\nstat absent \"/\"\nfoo bar baz\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) { r.Holds(text) })
}
