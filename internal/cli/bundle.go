package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/bundle"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/query"
)

func (a *app) bundleCommand() *cobra.Command {
	var out string
	var unpack bool
	cmd := &cobra.Command{
		Use:   "bundle [FLAG]... --out=DIR PATTERN...",
		Short: "Collect packages with everything that they import",
		Long: `Bundle builds the packages that the patterns match and those that they depend
on, and puts the archives of all into a folder, or with --unpack what is in them,
ready to be put on Python's sys.path. The file index.json there tells of each its
name, version, size, hash and dependencies.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return usagef("bundle needs a folder to write").hint("as in cowasm bundle //packages/requests --out=DIR")
			}
			patterns, err := a.workspace.patterns(args)
			if err != nil {
				return err
			}
			dir, err := filepath.Abs(out)
			if err != nil {
				return err
			}
			return a.inSession(cmd, func(ctx context.Context, s *session) error {
				index, err := a.collect(ctx, s, patterns)
				if err != nil {
					return err
				}
				if err := index.WriteFolder(dir, unpack); err != nil {
					return fmt.Errorf("writing %s: %w", out, err)
				}
				s.display.Stop()
				fmt.Printf("%s in %s, %d bytes\n", count(len(index.Bundles), "package"), out, index.Size())
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "write the folder `DIR`; one that an earlier run wrote is replaced")
	cmd.Flags().BoolVar(&unpack, "unpack", false, "unpack the archives")
	return cmd
}

// collect builds the bundles that patterns match and those that they need.
func (a *app) collect(ctx context.Context, s *session, patterns []label.Pattern) (*bundle.Index, error) {
	labels, err := bundleLabels(ctx, query.FromWorkspace(s.Workspace), patterns)
	if err != nil {
		return nil, mistake(err)
	}
	exact := make([]label.Pattern, len(labels))
	for i, l := range labels {
		exact[i] = label.Pattern{Label: l}
	}
	report, err := s.Build(ctx, exact)
	if err != nil {
		return nil, mistake(err)
	}
	if !report.OK() {
		s.display.Stop()
		return nil, s.conclude("built", len(report.Targets), report.Failures, report.Skipped)
	}
	var bundles []*bundle.Bundle
	for _, t := range report.Targets {
		b, err := readBundle(a.workspace.root, t)
		if err != nil {
			return nil, mistake(err)
		}
		bundles = append(bundles, b)
	}
	index, err := bundle.NewIndex(bundles)
	return index, mistake(err)
}

// bundleRule ends the names of the rules whose targets are bundles.
const bundleRule = "_bundle rule"

// manual reports whether patterns that match many leave a target out.
func manual(t *query.Target) bool {
	return slices.ContainsFunc(t.Attrs, func(a query.Attr) bool {
		tags, ok := a.Value.([]any)
		return a.Name == "tags" && ok && slices.Contains(tags, any("manual"))
	})
}

// bundleLabels returns the labels of the targets that patterns match, of those
// that match many only bundles, and of what these have in deps.
func bundleLabels(ctx context.Context, graph query.Graph, patterns []label.Pattern) ([]label.Label, error) {
	var queue []label.Label
	for _, p := range patterns {
		matches, err := graph.Targets(ctx, label.Pattern{Label: p.Label, Recursive: p.Recursive})
		if err != nil {
			return nil, err
		}
		for _, l := range matches {
			t, err := graph.Target(ctx, l)
			switch {
			case err != nil:
				return nil, err
			case p.Negative:
				queue = slices.DeleteFunc(queue, func(other label.Label) bool { return other == l })
			case p.Single() || strings.HasSuffix(t.Kind, bundleRule) && !manual(t):
				queue = append(queue, l)
			}
		}
	}
	seen := map[label.Label]bool{}
	var labels []label.Label
	for len(queue) > 0 {
		l := queue[0]
		queue = queue[1:]
		if seen[l] {
			continue
		}
		seen[l] = true
		labels = append(labels, l)
		t, err := graph.Target(ctx, l)
		if err != nil {
			return nil, err
		}
		for _, attr := range t.Attrs {
			if attr.Name == "deps" {
				queue = append(queue, attr.Labels...)
			}
		}
	}
	if labels == nil {
		return nil, diag.Errorf(diag.Position{}, "the patterns match no bundle")
	}
	return labels, nil
}

// readBundle reads the description of the bundle that a target of the workspace
// at root gave.
func readBundle(root string, t build.Built) (*bundle.Bundle, error) {
	for _, f := range t.Files {
		archive, ok := strings.CutSuffix(f.Path, ".json")
		if ok && slices.ContainsFunc(t.Files, func(f build.File) bool { return f.Path == archive+".tar.xz" }) {
			return bundle.Read(filepath.Join(root, f.Path))
		}
	}
	return nil, diag.Errorf(diag.Position{}, "%s is not a bundle: it gives no .tar.xz with a .json beside it", t.Label.Short())
}
