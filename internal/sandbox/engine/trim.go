package engine

import (
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// trim removes the entries, of all platforms and versions, that have not been
// used for long. A process that is about to load one translates it again.
func (m *Modules) trim() {
	// Glob fails for bad patterns only. What cannot be removed stays for the
	// next time.
	entries := filepath.Join(filepath.Dir(m.dir), "*", "*")
	manifests, _ := filepath.Glob(filepath.Join(entries, manifestName))
	for _, p := range manifests {
		if !Stale(p) {
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
		if Stale(p) {
			_ = os.Remove(p)
		}
	}
}
