package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/label"
)

// outDir is the folder of the workspace that shows what was built.
const outDir = "cowasm-out"

// A workspace is where the user is.
type workspace struct {
	start string // the folder in which the program was started
	root  string // the folder with the file WORKSPACE, empty if there is none
	pkg   string // start relative to root, with slashes, empty for root itself
}

// findWorkspace looks for the file WORKSPACE in dir and in the folders above.
func findWorkspace(dir string) workspace {
	w := workspace{start: dir}
	for root := dir; ; root = filepath.Dir(root) {
		if info, err := os.Stat(filepath.Join(root, "WORKSPACE")); err == nil && info.Mode().IsRegular() {
			w.root = root
			// Rel cannot fail: root is dir or above it.
			rel, _ := filepath.Rel(root, dir)
			if rel != "." {
				w.pkg = filepath.ToSlash(rel)
			}
			return w
		}
		if root == filepath.Dir(root) {
			return w
		}
	}
}

// require returns an error if there is no workspace.
func (w workspace) require() error {
	if w.root != "" {
		return nil
	}
	return usagef("there is no file WORKSPACE in %s or in a folder above it", w.start).
		hint("run cowasm in a folder of a workspace, or create an empty file WORKSPACE to begin one")
}

// outDir returns the host path of the folder that shows what was built.
func (w workspace) outDir() string { return filepath.Join(w.root, outDir) }

// notAFlag marks a negative pattern, so that it is not taken for a flag.
const notAFlag = "\x00"

// protectPatterns marks the negative patterns among arguments. Bazel wants them
// after --, which is easily forgotten; no flag of ours looks like a pattern.
func protectPatterns(args []string) []string {
	marked := slices.Clone(args)
	for i, arg := range args {
		if arg == "--" {
			break
		}
		for _, prefix := range []string{"-//", "-:", "-..."} {
			if strings.HasPrefix(arg, prefix) {
				marked[i] = notAFlag + arg
			}
		}
	}
	return marked
}

// patterns parses target patterns as the user wrote them.
func (w workspace) patterns(args []string) ([]label.Pattern, error) {
	patterns := make([]label.Pattern, 0, len(args))
	positive := false
	for _, arg := range args {
		p, err := label.ParsePattern(strings.TrimPrefix(arg, notAFlag), w.pkg)
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		positive = positive || !p.Negative
		patterns = append(patterns, p)
	}
	if !positive {
		return nil, usagef("no target is named").hint("write for example //packages/six, //packages/... for all below, or :all for those of this folder")
	}
	return patterns, nil
}
