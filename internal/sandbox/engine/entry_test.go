package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// padded returns a side module as answerer does, which is so large that only
// its frame is kept, besides the machine code.
func padded(answer int32) []byte {
	var b wasmfile.Builder
	b.Dylink(wasmfile.Dylink{})
	code := new(wasmfile.Code)
	for range smallModule / 4 {
		code.I32Const(1 << 20).Raw(0x1a) // drop
	}
	b.Export("answer", wasmfile.Func, b.Func(signature(0, 1), code.I32Const(answer)))
	return b.Bytes()
}

// TestEntry damages all that is kept of a large side module, in turn. Another
// one has the same outside.
func TestEntry(t *testing.T) {
	dir := t.TempDir()
	var programs, sides atomic.Int32
	run := func(answer uint32, translations int32) {
		t.Helper()
		p := load(t, open(t, dir), opener(), &programs)
		defer p.Close(context.Background())
		before := sides.Load()
		exit, stderr := runWith(t, p, padded(int32(answer)), 0, &sides)
		if exit != answer || stderr != "" {
			t.Errorf("it exits with %d and says %q", exit, stderr)
		}
		if n := sides.Load() - before; n != translations {
			t.Errorf("it was translated %d times, not %d", n, translations)
		}
	}
	run(42, 1)
	run(43, 1)
	run(42, 0)
	run(43, 0)

	entry := filepath.Join(open(t, dir).dir, digest.Of(opener()).Hash())
	manifest := filepath.Join(entry, sidePrefix(digest.Of(padded(42)))+manifestName)
	m, err := readManifest(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if p := m.Files[m.Code]; p.From <= 0 || p.To-p.From < p.Size/2 {
		t.Errorf("of the machine code, wazero checks %d to %d of %d", p.From, p.To, p.Size)
	}
	for name, part := range m.Files {
		p := filepath.Join(entry, filepath.FromSlash(name))
		for _, at := range []int64{0, part.From - 1, part.From, part.Size / 2, part.To - 1, part.To, part.Size - 1} {
			if at < 0 {
				continue
			}
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			b[at] ^= 0x40
			if err := os.WriteFile(p, b, 0o600); err != nil {
				t.Fatal(err)
			}
			run(42, 1)
		}
		if err := os.Truncate(p, part.Size-1); err != nil {
			t.Fatal(err)
		}
		run(42, 1)
		if err := os.Remove(p); err != nil {
			t.Fatal(err)
		}
		run(42, 1)
	}
	run(43, 0)
}

// TestCodeElsewhere has machine code that is whole, but not where wazero looks
// for it, as if it took the processor for another one.
func TestCodeElsewhere(t *testing.T) {
	dir := t.TempDir()
	var programs, sides atomic.Int32
	p := load(t, open(t, dir), opener(), &programs)
	runWith(t, p, padded(42), 0, &sides)
	p.Close(context.Background())

	manifest := filepath.Join(p.dir, sidePrefix(digest.Of(padded(42)))+manifestName)
	m, err := readManifest(manifest)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := m.Code + "x"
	if err := os.Rename(filepath.Join(p.dir, m.Code), filepath.Join(p.dir, elsewhere)); err != nil {
		t.Fatal(err)
	}
	m.Files[elsewhere] = m.Files[m.Code]
	delete(m.Files, m.Code)
	m.Code = elsewhere
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		p = load(t, open(t, dir), opener(), &programs)
		if exit, stderr := runWith(t, p, padded(42), 0, &sides); exit != 42 || sides.Load() != 2 {
			t.Errorf("it exits with %d after %d translations and says %q", exit, sides.Load(), stderr)
		}
		p.Close(context.Background())
	}
}

// TestLeftovers has nothing in an entry that no manifest lists.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	var programs, sides atomic.Int32
	p := load(t, open(t, dir), opener(), &programs)
	defer p.Close(context.Background())
	runWith(t, p, padded(42), 0, &sides)
	err := walk(p.dir, known(p.dir), func(name string) error {
		t.Errorf("%s is left over", name)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	probes, err := filepath.Glob(filepath.Join(p.dir, "probe-*"))
	if err != nil || len(probes) > 0 {
		t.Errorf("%q are left over, %v", probes, err)
	}
}

func TestPlaceOfCode(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("WAZEVO"), []byte("WAZEVO\x03dev\xff\xff\xff\xff"), bytes.Repeat([]byte{0xff}, 100)} {
		p := filepath.Join(t.TempDir(), "code")
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := describeCode(p)
		if want := (part{Size: int64(len(b)), Digest: digest.Of(b).String()}); err != nil || got != want {
			t.Errorf("%q is %v, %v", b, got, err)
		}
	}
}
