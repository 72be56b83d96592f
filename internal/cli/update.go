package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/package-url/packageurl-go"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/distribution"
	"github.com/cowasm/cowasm/internal/edit"
	"github.com/cowasm/cowasm/internal/fetch"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/skeleton"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/starlark/loading"
)

func (a *app) updateCommand() *cobra.Command {
	var check bool
	var to string
	cmd := &cobra.Command{
		ValidArgsFunction: a.completeTarget,

		Use:   "update [--check] [--to=VERSION] [PATTERN]...",
		Short: "Write newer releases of sources into BUILD files",
		Long: `Update asks the package index for newer final releases of the sources that the
patterns match, and writes their versions and hashes into the BUILD files.
Everything else in these stays as it is. A label of a bundle stands for the
sources in its package; without patterns all of the workspace are updated. A source
whose purl has a comment beginning with "keep" is left alone unless it is named.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if to != "" && !distribution.ValidVersion(to) {
				return usagef("--to=%s is not a version", to)
			}
			if err := a.workspace.require(); err != nil {
				return err
			}
			files, pins, err := a.pins(args)
			if err != nil {
				return err
			}
			if to != "" && (len(args) == 0 || len(pins) != 1) {
				return usagef("--to=%s is for one source, which must be named", to).hint("as in cowasm update --to=%s //packages/six", to)
			}
			return a.withFetcher(cmd, func(ctx context.Context, _ *store.Disk, fetcher *fetch.Fetcher) error {
				return update(ctx, fetcher, files, pins, to, check)
			})
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "change nothing; list what is outdated, and exit with 1 if anything is")
	cmd.Flags().StringVar(&to, "to", "", "write `VERSION`, be it newer or older")
	a.flags.addFetch(cmd.Flags())
	return cmd
}

// pins returns the sources that patterns match, and the files that they are in.
func (a *app) pins(args []string) ([]*edit.File, []*edit.Pin, error) {
	named := len(args) > 0
	if !named {
		args = []string{"//..."}
	}
	patterns, err := a.workspace.patterns(args)
	if err != nil {
		return nil, nil, err
	}
	packages, err := a.packages()
	if err != nil {
		return nil, nil, err
	}
	var files []*edit.File
	var pins []*edit.Pin
	var mistakes diag.List
	used := make([]bool, len(patterns))
	for _, pkg := range packages {
		if !slices.ContainsFunc(patterns, func(p label.Pattern) bool { return p.MatchesPackage(pkg) }) {
			continue
		}
		file, err := edit.Read(a.workspace.root, pkg)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		n := len(pins)
		for _, pin := range file.Pins() {
			if pin.Type == packageurl.TypePyPi && selects(patterns, used, file, pin.Label) && (!pin.Held || named) {
				pins = append(pins, pin)
			}
		}
		if len(pins) > n {
			files = append(files, file)
		}
	}
	for i, p := range patterns {
		if named && !p.Negative && !used[i] && mistakes == nil {
			mistakes = append(mistakes, diag.Errorf(diag.Position{}, "pattern %s matches no source of the package index", p).
				WithHint("a source is a source_archive with a purl that begins with pkg:pypi/"))
		}
	}
	if mistakes != nil {
		return nil, nil, &exitError{exitUsage, mistakes.Err()}
	}
	return files, pins, nil
}

// selects reports whether the patterns mean the source l of a file, the last
// that matches it being right, and notes which of them do. The label of another
// target of the package means all its sources.
func selects(patterns []label.Pattern, used []bool, file *edit.File, l label.Label) bool {
	selected := false
	for i, p := range patterns {
		other := p.Single() && p.Label.Package == l.Package && p.Label != l &&
			!slices.ContainsFunc(file.Pins(), func(pin *edit.Pin) bool { return pin.Label == p.Label })
		if p.Matches(l) || other {
			selected = !p.Negative
			used[i] = true
		}
	}
	return selected
}

// packages returns the paths of all packages of the workspace.
func (a *app) packages() ([]string, error) {
	ws, err := loading.Open(os.DirFS(a.workspace.root), loading.Options{})
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	return ws.Packages("")
}

// askedAtOnce is how many questions an index is asked at the same time.
const askedAtOnce = 6

// update looks for releases of pins and, unless it only checks, writes them
// into files. What failed does not keep the rest from being updated.
func update(ctx context.Context, fetcher *fetch.Fetcher, files []*edit.File, pins []*edit.Pin, to string, check bool) error {
	releases := make([]*skeleton.Release, len(pins))
	failures := make([]error, len(pins))
	var group errgroup.Group
	group.SetLimit(askedAtOnce)
	for i, pin := range pins {
		group.Go(func() error {
			releases[i], failures[i] = newer(ctx, fetcher, pin, to)
			return nil
		})
	}
	group.Wait() // its functions return no errors
	if err := ctx.Err(); err != nil {
		return err
	}
	outdated := 0
	mistakes := mistakesOf(pins, failures)
	for i, pin := range pins {
		if r := releases[i]; r != nil {
			outdated++
			fmt.Printf("%s: %s %s -> %s\n", pin.Label, pin.Name, pin.Version, r.Version)
			pin.Set(r.Version, r.Sdist.SHA256)
		}
	}
	if !check {
		for _, file := range files {
			if err := file.Write(); err != nil {
				mistakes = append(mistakes, err)
			}
		}
	}
	switch {
	case mistakes != nil:
		return mistakes.Err()
	case outdated == 0:
		fmt.Fprintf(os.Stderr, "%s up to date\n", count(len(pins), "source"))
	case check:
		return &exitError{exitFailed, errors.New("the sources above are outdated; run cowasm update")}
	}
	return nil
}

// mistakesOf returns what to tell of the failures of pins, nil for those that
// have none. What an index fails with for one it fails with for many, which is
// told once.
func mistakesOf(pins []*edit.Pin, failures []error) diag.List {
	var mistakes diag.List
	told := map[string]*fetch.IndexError{}
	for i, err := range failures {
		var index *fetch.IndexError
		switch {
		case err == nil:
		case !errors.As(err, &index):
			mistakes = append(mistakes, fmt.Errorf("%s: %w", pins[i].Label, err))
		default:
			text := index.Index + ": " + index.Err.Error()
			if first := told[text]; first != nil {
				first.Projects = append(first.Projects, index.Projects...)
				continue
			}
			told[text] = index
			mistakes = append(mistakes, index)
		}
	}
	return mistakes
}

// newer returns the release that a pin should be changed to, nil for none.
func newer(ctx context.Context, fetcher *fetch.Fetcher, pin *edit.Pin, to string) (*skeleton.Release, error) {
	files, err := fetcher.Project(ctx, pin.Name)
	if err != nil {
		return nil, err
	}
	release, err := skeleton.Choose(distribution.CanonicalName(pin.Name), to, files)
	if err != nil {
		return nil, err
	}
	c := distribution.CompareVersions(release.Version, pin.Version)
	if c < 0 && to == "" || c == 0 {
		return nil, nil
	}
	return release, nil
}

// buildFile returns how to show the BUILD file of a package.
func buildFile(pkg string) string { return filepath.ToSlash(filepath.Join(pkg, loading.BuildFile)) }
