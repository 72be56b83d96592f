package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/store"
)

// A Comparison is a result in the folder for results, and what is wrong with it.
type Comparison struct {
	Label label.Label
	Path  string // host path, relative to the workspace; empty if there is no result to compare with
	Wrong string // empty if it is as it was built
}

// Verify compares what OutDir has of the targets that match the patterns with
// what was built, by digest. Folders that were never asked for are passed over.
// The Builder's Executor must not execute anything.
func (b *Builder) Verify(ctx context.Context, patterns []label.Pattern) ([]Comparison, error) {
	targets, roots, err := b.analyseFiles(ctx, patterns)
	if err != nil {
		return nil, err
	}
	outcome, err := execute.Run(ctx, b.options(b.Executor, event.Discard, true), roots)
	if err != nil {
		return nil, err
	}
	var list []Comparison
	for _, t := range targets {
		for _, a := range t.Files {
			if a.Producer == nil {
				continue
			}
			out, ok := outcome.Output(a)
			if !ok {
				list = append(list, Comparison{Label: t.Label, Wrong: "it is not built as it is declared now"})
				break
			}
			shown, err := filepath.Rel(b.Root, b.hostPath(a.Path))
			if err != nil {
				return nil, err
			}
			c := Comparison{Label: t.Label, Path: shown}
			if c.Wrong, err = b.compare(a, out, named(patterns, t.Label)); err != nil {
				return nil, err
			}
			list = append(list, c)
		}
	}
	return list, nil
}

// compare returns what is wrong with an output in OutDir. A directory that is
// not needed may be missing.
func (b *Builder) compare(a *action.Artifact, out execute.Output, needed bool) (string, error) {
	host := b.hostPath(a.Path)
	if _, err := os.Lstat(host); err != nil {
		if a.Directory && !needed {
			return "", nil
		}
		return "it is not there", nil
	}
	same := false
	if out.Directory {
		var err error
		if same, err = store.SameTree(b.Load, out.Digest, host); err != nil {
			return "", err
		}
	} else {
		same = store.SameFile(out.Digest, host, out.Executable)
	}
	if same {
		return "", nil
	}
	kind := "sha256"
	if out.Directory {
		kind = "tree"
	}
	return fmt.Sprintf("it is not what was built: that has the %s %s", kind, out.Digest.Hash()), nil
}

// hostPath returns where the output whose sandbox path is p is shown.
func (b *Builder) hostPath(p string) string {
	return filepath.Join(b.OutDir, filepath.FromSlash(strings.TrimPrefix(p, outputPrefix)))
}
