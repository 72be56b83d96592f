package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/package-url/packageurl-go"
	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/edit"
	"github.com/cowasm/cowasm/internal/fetch"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/lint"
	"github.com/cowasm/cowasm/internal/skeleton"
	"github.com/cowasm/cowasm/internal/store"
)

func (a *app) lintCommand() *cobra.Command {
	var fix bool
	cmd := &cobra.Command{
		Use:   "lint [--fix] [FILE|FOLDER]...",
		Short: "Find what is likely wrong in BUILD and .bzl files",
		Long: `Lint finds what is allowed in BUILD and .bzl files and likely wrong: loads of
what is not used, sources without a licence, dependencies that nothing imports,
packages that are imported and not in deps, tests that are listed as failing and
pass, and more. About dependencies it knows from the import statements of sources
that are on this machine, about tests from the last cowasm test. What it finds can
be silenced by a comment, as in

  # buildifier: disable=unused-dep

Without arguments it looks at the current folder and below.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			a.flags.offline = true
			return a.withFetcher(cmd, func(ctx context.Context, disk *store.Disk, fetcher *fetch.Fetcher) error {
				known, err := skeleton.ReadPackages(os.DirFS(a.workspace.root))
				if err != nil {
					return err
				}
				l := &linter{root: a.workspace.root, disk: disk, fetcher: fetcher, known: known, fix: fix}
				return l.lintAll(ctx, args)
			})
		},
	}
	cmd.Flags().BoolVar(&fix, "fix", false, "mend what can be mended, and list the rest")
	return cmd
}

// A linter is one run of lint.
type linter struct {
	root    string
	disk    *store.Disk
	fetcher *fetch.Fetcher // of what is on this machine
	known   *skeleton.Packages
	fix     bool
}

// lintAll looks at files and all files below folders. It goes on after a file
// that cannot be parsed.
func (l *linter) lintAll(ctx context.Context, roots []string) error {
	var mistakes diag.List
	found, mended, mendable := 0, 0, 0
	for _, root := range roots {
		files, err := starlarkFiles(root)
		if err != nil {
			return err
		}
		for _, file := range files {
			findings, changed, err := l.lint(ctx, file)
			if err != nil {
				mistakes = append(mistakes, err)
				continue
			}
			if changed {
				mended++
			}
			for _, f := range findings {
				fmt.Println(f)
				found++
				if f.Fixable {
					mendable++
				}
			}
		}
	}
	if mended > 0 {
		fmt.Fprintf(os.Stderr, "mended %s\n", count(mended, "file"))
	}
	switch {
	case mistakes != nil:
		return &exitError{exitUsage, mistakes.Err()}
	case mendable > 0:
		return &exitError{exitFailed, fmt.Errorf("%s; cowasm lint --fix mends %d of them", count(found, "finding"), mendable)}
	case found > 0:
		return &exitError{exitFailed, errors.New(count(found, "finding"))}
	}
	return nil
}

// lint looks at one file, and mends it first if that is wanted.
func (l *linter) lint(ctx context.Context, name string) (findings []lint.Finding, changed bool, err error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, false, err
	}
	shown := filepath.ToSlash(name)
	file, err := lint.Parse(shown, data)
	if err != nil {
		return nil, false, err
	}
	outdated := func(target string) ([]string, error) { return l.outdatedXfails(name, target) }
	if l.fix {
		fixed, err := file.Fix(outdated)
		if err != nil {
			return nil, false, err
		}
		if changed = !bytes.Equal(fixed, data); changed {
			if file, err = l.replace(name, shown, fixed); err != nil {
				return nil, false, err
			}
		}
	}
	findings = file.Findings()
	if path.Base(shown) == "BUILD" {
		deps, err := file.Deps(l.known, func(source string) (*skeleton.Source, error) { return l.source(ctx, name, source) })
		if err != nil {
			return nil, false, fmt.Errorf("%s: %w", shown, err)
		}
		xfail, err := file.Xfail(outdated)
		if err != nil {
			return nil, false, err
		}
		findings = slices.Concat(findings, deps, xfail)
		lint.Sort(findings)
	}
	return findings, changed, nil
}

// replace writes the content of a file and parses it.
func (l *linter) replace(name, shown string, content []byte) (*lint.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if err := atomicfile.Write(name, content, info.Mode().Perm()); err != nil {
		return nil, err
	}
	return lint.Parse(shown, content)
}

// outdatedXfails returns what the last run of a target of the BUILD file found
// to be outdated in its xfail.
func (l *linter) outdatedXfails(buildFile, target string) ([]string, error) {
	pkg, err := l.pkg(buildFile)
	if err != nil {
		return nil, err
	}
	return build.OutdatedXfails(filepath.Join(l.root, outDir), label.Label{Package: pkg, Name: target})
}

// pkg returns the package of a BUILD file.
func (l *linter) pkg(buildFile string) (string, error) {
	abs, err := filepath.Abs(filepath.Dir(buildFile))
	if err != nil {
		return "", err
	}
	pkg, err := filepath.Rel(l.root, abs)
	if pkg == "." {
		pkg = ""
	}
	return filepath.ToSlash(pkg), err
}

// source returns what is in a source of the BUILD file, or nil if it is not on
// this machine or no sdist.
func (l *linter) source(ctx context.Context, buildFile, name string) (*skeleton.Source, error) {
	pkg, err := l.pkg(buildFile)
	if err != nil {
		return nil, err
	}
	file, err := edit.Read(l.root, pkg)
	if err != nil {
		return nil, err
	}
	for _, pin := range file.Pins() {
		if pin.Label.Name != name || pin.Type != packageurl.TypePyPi {
			continue
		}
		release := &skeleton.Release{Project: pin.Name, Version: pin.Version, Sdist: fetch.ProjectFile{Name: pin.Name, SHA256: pin.SHA256()}}
		source, err := readSdist(ctx, l.disk, l.fetcher, release)
		if err != nil && ctx.Err() == nil {
			return nil, nil
		}
		return source, err
	}
	return nil, nil
}
