package cli

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/picture"
	"github.com/cowasm/cowasm/internal/query"
	"github.com/cowasm/cowasm/starlark/loading"
)

func (a *app) graphCommand() *cobra.Command {
	var page string
	cmd := &cobra.Command{
		ValidArgsFunction: a.completeTarget,

		Use:   "graph [--html=FILE] [PATTERN]...",
		Short: "Draw which packages need which",
		Long: `Graph draws the packages that the patterns match and what they need, in the
language of Graphviz or, with --html, as a web page that can be looked at as it
is. Without patterns it draws all packages. For other questions about targets
there is cowasm query --output=dot.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.workspace.require(); err != nil {
				return err
			}
			title := strings.Join(args, " ")
			if len(args) == 0 {
				args, title = []string{"//..."}, "All packages"
			}
			patterns, err := a.workspace.patterns(args)
			if err != nil {
				return err
			}
			ws, err := loading.Open(os.DirFS(a.workspace.root), loading.Options{})
			if err != nil {
				return &exitError{exitUsage, err}
			}
			nodes, err := packageNodes(cmd.Context(), query.FromWorkspace(ws), patterns)
			if err != nil {
				return mistake(err)
			}
			if page == "" {
				return picture.WriteDot(os.Stdout, nodes)
			}
			return writeWhole(page, func(w io.Writer) error { return picture.WriteHTML(w, title, nodes) })
		},
	}
	cmd.Flags().StringVar(&page, "html", "", "write a web page to `FILE`")
	return cmd
}

// packageNodes returns the bundles that patterns match and those that these
// need.
func packageNodes(ctx context.Context, graph query.Graph, patterns []label.Pattern) ([]picture.Node, error) {
	labels, err := bundleLabels(ctx, graph, patterns)
	if err != nil {
		return nil, err
	}
	nodes := make([]picture.Node, len(labels))
	for i, l := range labels {
		t, err := graph.Target(ctx, l)
		if err != nil {
			return nil, err
		}
		nodes[i].Name = shortName(l)
		for _, attr := range t.Attrs {
			switch attr.Name {
			case "deps":
				for _, dep := range attr.Labels {
					nodes[i].Deps = append(nodes[i].Deps, shortName(dep))
				}
			case "src":
				if len(attr.Labels) == 1 {
					if nodes[i].Detail, err = sourceVersion(ctx, graph, attr.Labels[0]); err != nil {
						return nil, err
					}
				}
			}
		}
	}
	return nodes, nil
}

// shortName returns what a package is called among packages.
func shortName(l label.Label) string { return strings.TrimPrefix(l.Short(), "//packages/") }

// sourceVersion returns the version in the package URL of a source, if it has
// one.
func sourceVersion(ctx context.Context, graph query.Graph, l label.Label) (string, error) {
	t, err := graph.Target(ctx, l)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(t.Attrs, func(a query.Attr) bool { return a.Name == "purl" })
	if i < 0 {
		return "", nil
	}
	_, version, _ := strings.Cut(t.Attrs[i].Text, "@")
	return version, nil
}

// writeWhole writes a file that the user named, whole or not at all.
func writeWhole(name string, write func(io.Writer) error) error {
	f, err := atomicfile.Create(name, 0o666)
	if err != nil {
		return usagef("%w", err)
	}
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	return f.Commit()
}
