package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"
	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/catalogue"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/fetch"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/query"
)

// packagesCommand is for those who maintain a set of packages, and hidden from
// others.
func (a *app) packagesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "packages [FLAG]... FILE [PATTERN]...",
		Short: "Write the table of packages: how large they are, and which of their tests pass",
		Long: `Packages builds the bundles that the patterns match, by default //packages/...,
runs their authors' tests and writes the table of both to FILE. What the table
has already of other packages stays. So do sizes of the wheels that the authors
publish; for what is new the package index is asked.`,
		Hidden: true,
		Args:   cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file := args[0]
			if args = args[1:]; len(args) == 0 {
				args = []string{"//packages/..."}
			}
			patterns, err := a.workspace.patterns(args)
			if err != nil {
				return err
			}
			return a.writeCatalogue(cmd, file, patterns)
		},
	}
	a.flags.addBuild(cmd.Flags())
	return cmd
}

// writeCatalogue writes the table of packages to a file.
func (a *app) writeCatalogue(cmd *cobra.Command, file string, patterns []label.Pattern) error {
	page, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return usagef("%w", err)
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
		return usagef("there is no folder %s", filepath.Dir(file))
	}
	known, err := catalogue.Read(page)
	if err != nil {
		return usagef("%s is not a table of packages: %w", file, err).hint("remove it, and all figures are found out again")
	}
	if a.flags.executionLog == "" {
		dir, err := os.MkdirTemp("", "cowasm-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		a.flags.executionLog = filepath.Join(dir, "log")
	}
	return a.inSession(cmd, func(ctx context.Context, s *session) error {
		c := &census{session: s, root: a.workspace.root, log: a.flags.executionLog, known: known}
		rows, err := c.take(ctx, patterns)
		if err != nil {
			return err
		}
		return atomicfile.Write(file, catalogue.Write(rows), 0o666)
	})
}

// A census is the making of a table of packages.
type census struct {
	*session
	root  string
	log   string // the execution log of the session
	known []catalogue.Row
}

// take builds and tests what patterns match, and returns a row for each bundle.
func (c *census) take(ctx context.Context, patterns []label.Pattern) ([]catalogue.Row, error) {
	labels, err := c.Workspace.Expand(patterns)
	if err != nil {
		return nil, mistake(err)
	}
	graph := query.FromWorkspace(c.Workspace)
	var bundles, tests []label.Pattern
	tested := map[label.Label]label.Label{} // which bundle, by test
	for _, l := range labels {
		t, err := graph.Target(ctx, l)
		if err != nil {
			return nil, mistake(err)
		}
		switch {
		case strings.HasSuffix(t.Kind, bundleRule):
			bundles = append(bundles, label.Pattern{Label: l})
		case t.Kind == "bundle_test rule":
			i := slices.IndexFunc(t.Attrs, func(a query.Attr) bool { return a.Name == "bundle" })
			tested[l] = t.Attrs[i].Labels[0]
			tests = append(tests, label.Pattern{Label: l})
		}
	}
	if bundles == nil {
		return nil, usagef("the patterns match no bundle")
	}
	report, err := c.Build(ctx, bundles)
	if err != nil {
		return nil, mistake(err)
	}
	if !report.OK() {
		c.display.Stop()
		return nil, c.conclude("built", len(report.Targets), report.Failures, report.Skipped)
	}
	costs, err := readCosts(c.log)
	if err != nil {
		return nil, err
	}
	rows := map[label.Label]*catalogue.Row{}
	for _, t := range report.Targets {
		if rows[t.Label], err = c.row(ctx, t, costs); err != nil {
			return nil, err
		}
	}
	summary, err := c.Test(ctx, tests)
	if err != nil {
		return nil, mistake(err)
	}
	for _, t := range summary.Tests {
		row := rows[tested[t.Label]]
		if !t.Passed {
			return nil, &exitError{exitTestsFailed, fmt.Errorf("%s does not pass: %s", t.Label.Short(), t.Summary)}
		}
		if row != nil {
			row.Tested = true
			row.Passed += t.Cases.Passed
			row.Listed += t.Cases.Listed
			row.Skipped += t.Cases.Skipped
		}
	}
	return c.merged(rows), nil
}

// merged returns rows, and those that are known of other packages that are
// still there.
func (c *census) merged(rows map[label.Label]*catalogue.Row) []catalogue.Row {
	var list []catalogue.Row
	for _, row := range rows {
		list = append(list, *row)
	}
	for _, old := range c.known {
		isNew := slices.ContainsFunc(list, func(r catalogue.Row) bool { return r.Package == old.Package })
		folder, _, _ := strings.Cut(old.Package, ":")
		if !isNew && c.Workspace.IsPackage("packages/"+folder) {
			list = append(list, old)
		}
	}
	return list
}

// row returns the row of a bundle, without what its tests tell.
func (c *census) row(ctx context.Context, t build.Built, costs map[string]float64) (*catalogue.Row, error) {
	b, err := readBundle(c.root, t)
	if err != nil {
		return nil, mistake(err)
	}
	row := &catalogue.Row{
		Package: shortName(t.Label),
		Version: b.Version,
		Bundle:  b.Size,
		Seconds: costs[t.Label.Package],
	}
	if sdist, err := c.Store.FindSHA256(ctx, b.Source.SHA256); err == nil {
		row.Sdist = sdist.Size()
	}
	i := slices.IndexFunc(c.known, func(r catalogue.Row) bool { return r.Package == row.Package && r.Version == row.Version })
	if i >= 0 && c.known[i].Wheel > 0 {
		row.Wheel = c.known[i].Wheel
		return row, nil
	}
	row.Wheel, err = c.wheelSize(ctx, b.Source.PURL)
	if err != nil && ctx.Err() == nil {
		c.display.Emit(event.Warning{Message: fmt.Sprintf("the size of the wheel of %s is not known: %v", b.Name, err)})
		return row, nil
	}
	return row, err
}

// wheelSize returns the size of what is in the wheel of a release, zero if it has
// none.
func (c *census) wheelSize(ctx context.Context, purl string) (int64, error) {
	release, err := packageurl.FromString(purl)
	if err != nil || release.Type != packageurl.TypePyPi {
		return 0, nil
	}
	files, err := c.Fetcher.Project(ctx, release.Name)
	if err != nil {
		return 0, err
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	i := slices.Index(names, catalogue.ChooseWheel(release.Version, names))
	if i < 0 {
		return 0, nil
	}
	d, err := c.Fetcher.Fetch(ctx, fetch.Source{Name: files[i].Name, SHA256: files[i].SHA256, PURLs: []string{purl}})
	if err != nil {
		return 0, err
	}
	file, err := c.Store.Open(ctx, d)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return catalogue.WheelSize(file, d.Size())
}

// readCosts returns how long the actions of each package took, in seconds, from
// an execution log.
func readCosts(name string) (map[string]float64, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	costs := map[string]float64{}
	lines := bufio.NewReader(file)
	for decoder := json.NewDecoder(lines); decoder.More(); {
		var entry execute.LogEntry
		if err := decoder.Decode(&entry); err != nil {
			return nil, diag.Errorf(diag.Position{File: name}, "the execution log cannot be read: %w", err)
		}
		owner, err := label.Parse(entry.Owner, "")
		if err != nil {
			return nil, diag.Errorf(diag.Position{File: name}, "the execution log cannot be read: %w", err)
		}
		costs[owner.Package] += entry.Seconds
	}
	return costs, nil
}
