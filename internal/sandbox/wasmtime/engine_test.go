//go:build linux || darwin

package wasmtime

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTrim has machine code of two versions of wasmtime.
func TestTrim(t *testing.T) {
	root := t.TempDir()
	e := &Engine{dir: filepath.Join(root, "wasmtime-new")}
	now := time.Now()
	tests := map[string]struct {
		age  time.Duration
		kept bool
	}{
		"wasmtime-new/used" + extension:   {time.Hour, true},
		"wasmtime-new/unused" + extension: {31 * 24 * time.Hour, false},
		"wasmtime-old/unused" + extension: {31 * 24 * time.Hour, false},
		"other/unused":                    {31 * 24 * time.Hour, true},
	}
	for file, test := range tests {
		p := filepath.Join(root, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(p, now, now.Add(-test.age)); err != nil {
			t.Fatal(err)
		}
	}
	e.trim()
	for file, test := range tests {
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(file))); (err == nil) != test.kept {
			t.Errorf("%s: %v", file, err)
		}
	}
}
