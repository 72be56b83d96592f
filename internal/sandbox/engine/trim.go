package engine

import (
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

const (
	// keepFor is how long machine code is kept after its last use.
	keepFor = 30 * 24 * time.Hour

	// touchAfter is how old the time of last use, which is the modification
	// time of a manifest, may become before it is written again.
	touchAfter = 24 * time.Hour
)

// touch notes that what the manifest p lists was used.
func touch(p string) {
	if info, err := os.Stat(p); err == nil && time.Since(info.ModTime()) > touchAfter {
		now := time.Now()
		_ = os.Chtimes(p, now, now) // at worst it is translated again one day
	}
}

// trim removes the entries, of all platforms and versions, that have not been
// used for long. A process that is about to load one translates it again.
func (m *Modules) trim() {
	// Glob fails for bad patterns only. What cannot be removed stays for the
	// next time.
	entries := filepath.Join(filepath.Dir(m.dir), "*", "*")
	manifests, _ := filepath.Glob(filepath.Join(entries, manifestName))
	for _, p := range manifests {
		info, err := os.Stat(p)
		if err != nil || time.Since(info.ModTime()) < keepFor {
			continue
		}
		dir := filepath.Dir(p)
		unlock, err := lockedfile.MutexAt(dir + ".lock").Lock()
		if err != nil {
			continue
		}
		_ = os.Remove(p) // first, so that what is left never counts
		_ = os.RemoveAll(dir)
		unlock()
	}
	// The files of a side module go when the next one is translated.
	sides, _ := filepath.Glob(filepath.Join(entries, sideStart+"*"+manifestName))
	for _, p := range sides {
		if info, err := os.Stat(p); err == nil && time.Since(info.ModTime()) >= keepFor {
			_ = os.Remove(p)
		}
	}
}
