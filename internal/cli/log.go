package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/event"
)

// saveLog keeps the output of an action in the folder for results and returns
// the path of the file relative to the workspace.
func (a *app) saveLog(e event.ActionFinished) (string, error) {
	name := e.Key.Hash()[:16] + ".log"
	dir := filepath.Join(a.workspace.outDir(), "logs")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s %s\n", e.Owner, e.Mnemonic, e.Progress)
	b.Write(e.Stdout)
	b.Write(e.Stderr)
	if err := atomicfile.Write(filepath.Join(dir, name), b.Bytes(), 0o666); err != nil {
		return "", err
	}
	return filepath.ToSlash(filepath.Join(outDir, "logs", name)), nil
}
