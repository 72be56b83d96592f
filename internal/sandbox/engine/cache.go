package engine

import (
	"fmt"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/cowasm/cowasm/internal/digest"
)

// What follows is common to all that keep machine code on disk.

const (
	// keepFor is how long machine code is kept after its last use.
	keepFor = 30 * 24 * time.Hour

	// touchAfter is how old the time of last use, which is the modification
	// time of a file, may become before it is written again.
	touchAfter = 24 * time.Hour
)

// OpenCache opens a folder for machine code, which it makes if it is not there.
// What is in there is executed, so it must belong to the user alone.
func OpenCache(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("opening the cache of machine code: %w", err)
	}
	if err := private(dir); err != nil {
		return fmt.Errorf("the cache of machine code in %s cannot be trusted: %w; remove it", dir, err)
	}
	return nil
}

// Touch notes that the machine code that file stands for was used.
func Touch(file string) {
	if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) > touchAfter {
		now := time.Now()
		_ = os.Chtimes(file, now, now) // at worst it is translated again one day
	}
}

// Stale reports whether the machine code that file stands for has not been used
// for long.
func Stale(file string) bool {
	info, err := os.Stat(file)
	return err == nil && time.Since(info.ModTime()) >= keepFor
}

// Progress is told when a module is translated, not when it is only loaded. The
// zero value tells nobody.
type Progress struct {
	Compiling func()
	Compiled  func(error)
}

// A Reporter is asked whom to tell when the module in a file is translated.
type Reporter func(path string, d digest.Digest) Progress

// Load returns what find does or, if that is the zero value, what translate
// makes. Of several processes with the same lock, a file, one translates.
func Load[T comparable](lock string, progress Progress, find func() T, translate func() (T, error)) (T, error) {
	var none T
	if code := find(); code != none {
		return code, nil
	}
	unlock, err := lockedfile.MutexAt(lock).Lock()
	if err != nil {
		return none, fmt.Errorf("locking the cache of machine code: %w", err)
	}
	defer unlock()
	if code := find(); code != none { // another process translated it
		return code, nil
	}
	if progress.Compiling == nil {
		return translate()
	}
	progress.Compiling()
	code, err := translate()
	progress.Compiled(err)
	return code, err
}
