package bundle

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/digest"
)

// makeBundle writes a bundle with the given files and its description, and returns
// the bundle as Read has it. change may make the description wrong.
func makeBundle(t *testing.T, name string, files map[string]string, change func(*Bundle)) *Bundle {
	t.Helper()
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	for p, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: p, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	b := &Bundle{
		Name:    name,
		Version: "1",
		ABI:     ABI{Tag: "cp313-wasi-p1", Python: "3.13.5"},
		Archive: name + ".tar.xz",
		Size:    int64(packed.Len()),
		SHA256:  digest.Of(packed.Bytes()).Hash(),
	}
	if change != nil {
		change(b)
	}
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	description := filepath.Join(dir, name+".json")
	for p, content := range map[string][]byte{filepath.Join(dir, name+".tar.xz"): packed.Bytes(), description: data} {
		if err := os.WriteFile(p, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	read, err := Read(description)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func listing(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			list = append(list, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestWriteFolder(t *testing.T) {
	a := makeBundle(t, "a", map[string]string{"a.pyc": "1", "shared/a.pyc": "2"}, nil)
	b := makeBundle(t, "b", map[string]string{"shared/b.pyc": "3"}, nil)
	index, err := NewIndex([]*Bundle{b, a})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "new", "out")
	for _, test := range []struct {
		unpack bool
		want   []string
	}{
		{false, []string{"a.tar.xz", "b.tar.xz", "index.json"}},
		{true, []string{"a.pyc", "index.json", "shared/a.pyc", "shared/b.pyc"}},
	} {
		if err := index.WriteFolder(dir, test.unpack); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, listing(t, dir)); diff != "" {
			t.Error(diff)
		}
		var read Index
		data, err := os.ReadFile(filepath.Join(dir, IndexFile))
		if err == nil {
			err = json.Unmarshal(data, &read)
		}
		if err != nil || len(read.Bundles) != 2 || read.Bundles[0].Name != "a" || read.ABI != a.ABI {
			t.Errorf("the index is %s, %v", data, err)
		}
	}
	if left := listing(t, filepath.Dir(dir)); len(left) != 4 {
		t.Errorf("something was left behind: %v", left)
	}
}

// TestRefused tries what must change nothing.
func TestRefused(t *testing.T) {
	good := makeBundle(t, "good", map[string]string{"x.pyc": ""}, nil)
	for name, test := range map[string]struct {
		bundle *Bundle
		want   string
	}{
		"same file":     {makeBundle(t, "b", map[string]string{"x.pyc": ""}, nil), "another bundle has x.pyc too"},
		"index":         {makeBundle(t, "b", map[string]string{"index.json": ""}, nil), "the name of the index"},
		"out of folder": {makeBundle(t, "b", map[string]string{"../x": ""}, nil), `"../x"`},
		"wrong hash": {makeBundle(t, "b", nil, func(b *Bundle) { b.SHA256 = strings.Repeat("0", 64) }),
			"its description says 000"},
		"other Python": {makeBundle(t, "b", nil, func(b *Bundle) { b.ABI.Tag = "cp311-wasi-p1" }), "is for another Python"},
		"same archive": {makeBundle(t, "good", nil, nil), "are both called good.tar.xz"},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		index, err := NewIndex([]*Bundle{good, test.bundle})
		if err == nil {
			err = index.WriteFolder(dir, true)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", name, err, test.want)
		}
		if left := listing(t, filepath.Dir(dir)); left != nil {
			t.Errorf("%s: something was left behind: %v", name, left)
		}
	}

	mine := t.TempDir()
	if err := os.WriteFile(filepath.Join(mine, "letter"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	err := (&Index{}).WriteFolder(mine, false)
	if err == nil || !strings.Contains(err.Error(), "is a folder of something else") {
		t.Errorf("got error %v", err)
	}
	if diff := cmp.Diff([]string{"letter"}, listing(t, mine)); diff != "" {
		t.Error(diff)
	}
}

func TestReadMistakes(t *testing.T) {
	for _, text := range []string{"", "[]", "{}", `{"name": "x", "archive": "../x"}`} {
		file := filepath.Join(t.TempDir(), "x.json")
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(file); err == nil {
			t.Errorf("no error for %q", text)
		}
	}
}
