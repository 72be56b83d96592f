package build

import (
	"context"
	"errors"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/execute/builtin"
	"github.com/cowasm/cowasm/internal/fetch"
	"github.com/cowasm/cowasm/internal/label"

	"golang.org/x/sync/errgroup"
)

// parallelFetch is how many sources Fetch has under way at once.
const parallelFetch = 8

// Fetch fetches all sources that the targets of the patterns, their tests and
// what they can be run with are made from, so that they can be built without a
// network. It tells all failures, not only the first, and returns the sources.
func (b *Builder) Fetch(ctx context.Context, patterns []label.Pattern) ([]fetch.Source, error) {
	sources, err := b.sources(ctx, patterns)
	if err != nil {
		return nil, err
	}
	errs := make([]error, len(sources))
	var g errgroup.Group
	g.SetLimit(parallelFetch)
	for i, s := range sources {
		g.Go(func() error {
			_, errs[i] = b.Fetcher.Fetch(ctx, s)
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	return sources, joined(ctx, errs)
}

// joined returns the errors that are not nil as one.
func joined(ctx context.Context, errs []error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var list diag.List
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			list = append(list, err)
		}
	}
	return list.Err()
}

// Vendor fetches the same sources as Fetch and writes each to a file in dir,
// which can then be given to a build as its vendor folder.
func (b *Builder) Vendor(ctx context.Context, patterns []label.Pattern, dir string) ([]fetch.Source, error) {
	sources, err := b.sources(ctx, patterns)
	if err != nil {
		return nil, err
	}
	return sources, b.Fetcher.Vendor(ctx, dir, sources)
}

// sources returns what the targets of the patterns are made from.
func (b *Builder) sources(ctx context.Context, patterns []label.Pattern) ([]fetch.Source, error) {
	targets, err := b.analyse(ctx, patterns)
	if err != nil {
		return nil, err
	}
	var roots []*action.Artifact
	for _, t := range targets {
		roots = append(roots, t.Files...)
		if t.Test != nil {
			roots = append(roots, t.Test.Reports...)
		}
		if t.Run != nil {
			for _, in := range t.Run.Inputs {
				roots = append(roots, in.Artifact)
			}
		}
	}
	steps, err := execute.Steps(roots)
	if err != nil {
		return nil, err
	}
	var sources []fetch.Source
	seen := map[string]bool{}
	for _, s := range steps {
		source, ok, err := builtin.Source(s)
		if err != nil {
			return nil, err
		}
		if ok && !seen[source.SHA256] {
			seen[source.SHA256] = true
			sources = append(sources, source)
		}
	}
	return sources, nil
}
