package archive

import (
	"archive/tar"
	"bytes"
	"io"
	"io/fs"
	"path"
	"strings"
	"testing"
)

// fuzzLimits keep a hostile input from taking long.
var fuzzLimits = Limits{Size: 1 << 20, Entries: 100, Ratio: 1000}

// checkWalk reads data and checks what Walk guarantees.
func checkWalk(t *testing.T, data []byte) {
	var total int64
	seen := map[string]Kind{}
	err := Walk("fuzz", bytes.NewReader(data), int64(len(data)), fuzzLimits, func(e Entry, content io.Reader) error {
		if !fs.ValidPath(e.Path) || e.Path == "." || strings.Contains(e.Path, "\\") {
			t.Errorf("path %q is not safe", e.Path)
		}
		if kind, ok := seen[e.Path]; ok && (kind != Dir || e.Kind != Dir) {
			t.Errorf("path %q is given twice", e.Path)
		}
		seen[e.Path] = e.Kind
		if kind, ok := seen[path.Dir(e.Path)]; ok && kind != Dir {
			t.Errorf("path %q is below something that is no directory", e.Path)
		}
		if e.Kind != File {
			return nil
		}
		n, err := io.Copy(io.Discard, content)
		total += n
		if err == nil && n != e.Size {
			t.Errorf("entry %q has %d bytes, not %d", e.Path, n, e.Size)
		}
		return err
	})
	if total > 2*fuzzLimits.Size {
		t.Errorf("unpacked %d bytes", total)
	}
	if len(seen) > fuzzLimits.Entries {
		t.Errorf("%d entries", len(seen))
	}
	if err != nil && !strings.HasPrefix(err.Error(), "archive fuzz: ") {
		t.Errorf("the error does not name the archive: %v", err)
	}
}

func seedTar(f *testing.F) []byte {
	return makeTar(f, special("d/", tar.TypeDir), file("d/a", "content"), hardLink("b", "d/a"), symlink("l", "d/../b"), file(strings.Repeat("n", 150), "long"))
}

func FuzzTar(f *testing.F) {
	f.Add(seedTar(f))
	f.Fuzz(checkWalk)
}

func FuzzGzip(f *testing.F) {
	f.Add(gzipped(f, seedTar(f)))
	f.Fuzz(checkWalk)
}

func FuzzXz(f *testing.F) {
	f.Add(xzed(f, seedTar(f)))
	f.Fuzz(checkWalk)
}

func FuzzBzip2(f *testing.F) {
	f.Add([]byte(bzip2ed))
	f.Fuzz(checkWalk)
}

func FuzzZip(f *testing.F) {
	f.Add(makeZip(f, "", zipEntry{"d/", fs.ModeDir | 0o755, ""}, zipEntry{"d/a", 0, "content"}, zipEntry{"l", fs.ModeSymlink | 0o777, "d/a"}))
	f.Fuzz(checkWalk)
}

// FuzzLink compares how a single symlink is followed with what its path says:
// without others on the way, the path alone tells where it leads.
func FuzzLink(f *testing.F) {
	f.Add("a/b", "../c")
	f.Add("a/b", "../../c")
	f.Fuzz(func(t *testing.T, name, target string) {
		p, err := cleanPath(name)
		n := newNames()
		if err != nil || p == "" || n.add(Entry{Path: p, Kind: Symlink, Target: target}) != nil {
			return
		}
		// It may lead to itself, or below, and then on.
		joined := path.Join(path.Dir(p), target)
		if joined == p || strings.HasPrefix(path.Join(path.Dir(p), target)+"/", p+"/") {
			return
		}
		out := joined == ".." || strings.HasPrefix(joined, "../")
		if err := n.checkLinks(); out && err == nil {
			t.Errorf("symlink %q to %q leads to %q", p, target, joined)
		}
	})
}
