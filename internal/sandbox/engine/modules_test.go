package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// parse returns a module that is valid.
func parse(t testing.TB, module []byte) Module {
	t.Helper()
	parsed, err := wasmfile.Parse(module)
	if err != nil {
		t.Fatal(err)
	}
	return Module{digest.Of(module), module, parsed}
}

// load loads a module and counts how often it is translated.
func load(t *testing.T, m *Modules, module []byte, translated *atomic.Int32) *Program {
	t.Helper()
	p, err := m.Load(context.Background(), parse(t, module), Progress{
		Compiling: func() {},
		Compiled: func(err error) {
			translated.Add(1)
			if err != nil {
				t.Error(err)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func open(t *testing.T, dir string) *Modules {
	t.Helper()
	m, err := OpenModules(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTranslatedOnce(t *testing.T) {
	dir, module := t.TempDir(), forwarder()
	var translated atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		m := open(t, dir) // as another process would
		wg.Go(func() { load(t, m, module, &translated).Close(context.Background()) })
	}
	wg.Wait()
	if n := translated.Load(); n != 1 {
		t.Errorf("the module was translated %d times", n)
	}
}

func TestTrim(t *testing.T) {
	dir, module := t.TempDir(), forwarder()
	var translated atomic.Int32
	m := open(t, dir)
	defer load(t, m, module, &translated).Close(context.Background())
	manifest := filepath.Join(m.dir, digest.Of(module).Hash(), manifestName)
	age := func(d time.Duration) {
		t.Helper()
		at := time.Now().Add(-d)
		if err := os.Chtimes(manifest, at, at); err != nil {
			t.Fatal(err)
		}
	}
	age(keepFor - time.Hour)
	m.trim()
	defer load(t, m, module, &translated).Close(context.Background()) // which is a use
	info, err := os.Stat(manifest)
	if err != nil || time.Since(info.ModTime()) > touchAfter {
		t.Errorf("using an entry does not count as use: %v", err)
	}
	age(keepFor + time.Hour)
	m.trim()
	if _, err := os.Stat(filepath.Dir(manifest)); !os.IsNotExist(err) {
		t.Errorf("an old entry is still there: %v", err)
	}
	if n := translated.Load(); n != 1 {
		t.Errorf("the module was translated %d times", n)
	}
}

// TestTrimSides has a side module that was not used for long, of a program that
// was.
func TestTrimSides(t *testing.T) {
	var translated, sides atomic.Int32
	m := open(t, t.TempDir())
	p := load(t, m, opener(), &translated)
	defer p.Close(context.Background())
	runWith(t, p, answerer(1), 0, &sides)
	manifest := filepath.Join(p.dir, sidePrefix(digest.Of(answerer(1)))+manifestName)
	listed, err := readManifest(manifest)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-keepFor - time.Hour)
	if err := os.Chtimes(manifest, at, at); err != nil {
		t.Fatal(err)
	}
	m.trim()
	runWith(t, p, answerer(2), 0, &sides)
	for name := range listed.Files {
		if _, err := os.Stat(filepath.Join(p.dir, name)); !os.IsNotExist(err) {
			t.Errorf("old machine code is still there: %v", err)
		}
	}
	if exit, _ := runWith(t, p, answerer(2), 0, &sides); exit != 2 || sides.Load() != 2 {
		t.Errorf("it exits with %d after %d translations", exit, sides.Load())
	}
}

// TestNotPrivate has a folder that others may write to.
func TestNotPrivate(t *testing.T) {
	if os.PathSeparator != '/' {
		t.Skip("folders have no permission bits here")
	}
	dir := t.TempDir()
	m := open(t, dir)
	if err := os.Chmod(m.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenModules(dir, 1); err == nil || !strings.Contains(err.Error(), "others may write to it") {
		t.Errorf("the error is %v", err)
	}
}
