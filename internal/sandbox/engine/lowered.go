package engine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/lower"
)

// What is translated to machine code is what package lower makes of a module.
// Where that is another module, it is a file of the entry, so that it is made
// once.
const loweredStart = "lowered-"

// loweredName returns the name of that file, for this version of the package.
func loweredName(d digest.Digest) string {
	return fmt.Sprintf("%s%d-%s.wasm", loweredStart, lower.Version, d.Hash())
}

// lowered returns what was translated of a module, according to the files of
// its entry in dir.
func lowered(dir string, files map[string]string, d digest.Digest, module []byte) ([]byte, error) {
	for name := range files {
		if strings.HasPrefix(name, loweredStart) {
			if name != loweredName(d) {
				return nil, errors.New("it was lowered by another version")
			}
			return os.ReadFile(filepath.Join(dir, name))
		}
	}
	return module, nil
}

// keepLowered writes what was made of a module, if it is another module.
func keepLowered(dir string, d digest.Digest, module, code []byte) error {
	if bytes.Equal(code, module) {
		return nil
	}
	if err := os.WriteFile(filepath.Join(dir, loweredName(d)), code, 0o600); err != nil {
		return fmt.Errorf("making an entry in the cache of machine code: %w", err)
	}
	return nil
}
