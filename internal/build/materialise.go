package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cowasm/cowasm/internal/execute"
)

// outputPrefix is what the paths of outputs begin with in a sandbox.
const outputPrefix = "out/"

// materialise writes the output whose sandbox path is p below OutDir, unless it
// is there already.
func (b *Builder) materialise(ctx context.Context, p string, out execute.Output) (File, error) {
	host := b.hostPath(p)
	shown, err := filepath.Rel(b.Root, host)
	if err != nil {
		return File{}, err
	}
	file := File{Path: shown, Digest: out.Digest, Directory: out.Directory}
	if err := os.MkdirAll(filepath.Dir(host), 0o777); err != nil {
		return file, fmt.Errorf("making the folder for results: %w", err)
	}
	if out.Directory {
		return file, b.Store.ExportTree(ctx, b.Load, out.Digest, host)
	}
	// What an earlier build left there may be of another kind.
	if info, err := os.Lstat(host); err == nil && !info.Mode().IsRegular() {
		if err := os.RemoveAll(host); err != nil {
			return file, fmt.Errorf("making way for a result: %w", err)
		}
	}
	return file, b.Store.Export(ctx, out.Digest, host, out.Executable)
}
