// Package build answers "build these labels": it loads and analyses targets,
// has their actions executed and puts what they made where the user looks for
// it.
package build

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/fetch"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/transcript"
	"github.com/cowasm/cowasm/internal/tree"
	"github.com/cowasm/cowasm/starlark/analysis"
	"github.com/cowasm/cowasm/starlark/loading"
)

// A Config holds the parts that a Builder is made of.
type Config struct {
	Root      string               // host path of the workspace
	OutDir    string               // host path of the folder for results, normally Root/cowasm-out
	Files     *transcript.Recorder // the workspace, of which Workspace is loaded
	Workspace *loading.Workspace
	Settings  map[string]string // build settings that differ from their defaults

	Store     *store.Disk
	Load      tree.Loader // of the directories in Store
	Executor  execute.Executor
	Expanders map[string]execute.Expander // by name
	Fetcher   *fetch.Fetcher
	Program   Program // starts programs in the foreground
	Events    event.Sink

	KeepGoing bool // carry on after a failure

	// Memory names the program that what is run is remembered for: one of
	// another name may come to other results. If it is empty, nothing is
	// remembered.
	Memory string
}

// A Builder builds targets of one workspace. It is not safe for concurrent use.
type Builder struct {
	Config
	analyser *analysis.Analyser
}

// New returns a Builder.
func New(config Config) (*Builder, error) {
	analyser, err := analysis.New(config.Workspace, config.Settings)
	if err != nil {
		return nil, err
	}
	return &Builder{Config: config, analyser: analyser}, nil
}

// A Report says what came of Build.
type Report struct {
	Targets  []Built
	Failures []*execute.Failure
	Skipped  int // actions that were not tried because of the failures
	Executed int
	Cached   int
}

// OK reports whether everything was built.
func (r *Report) OK() bool { return len(r.Failures) == 0 }

// Built is a target and what it gave.
type Built struct {
	Label label.Label
	OK    bool
	Files []File // empty unless OK
}

// A File is a result in the folder for results.
type File struct {
	Path      string // host path, relative to the workspace
	Digest    digest.Digest
	Directory bool // Digest is that of the Merkle tree
}

// Build builds the targets that match the patterns. Files are written below
// OutDir; directories only for targets that a pattern names by themselves.
//
// An error means that the build could not be tried, or was cancelled. Actions
// that failed are in the report.
func (b *Builder) Build(ctx context.Context, patterns []label.Pattern) (*Report, error) {
	targets, roots, err := b.analyseFiles(ctx, patterns)
	if err != nil {
		return nil, err
	}
	var report *Report
	err = b.execute(ctx, len(targets), roots, b.KeepGoing, func(outcome *execute.Outcome) error {
		report = newReport(outcome)
		for _, t := range targets {
			built, err := b.built(ctx, t, outcome, named(patterns, t.Label))
			if err != nil {
				return fmt.Errorf("%s: %w", t.Label, err)
			}
			report.Targets = append(report.Targets, built)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return report, nil
}

// newReport returns the report of an outcome, without targets.
func newReport(o *execute.Outcome) *Report {
	return &Report{Failures: o.Failures, Skipped: len(o.Skipped), Executed: o.Executed, Cached: o.Cached}
}

// built writes what was made of a target below OutDir, of directories only if
// it is told to.
func (b *Builder) built(ctx context.Context, t *analysis.Target, outcome *execute.Outcome, directories bool) (Built, error) {
	built := Built{Label: t.Label, OK: true}
	for _, a := range t.Files {
		out, ok := outcome.Output(a)
		if !ok {
			return Built{Label: t.Label}, nil
		}
		if a.Producer == nil || a.Directory && !directories {
			continue
		}
		file, err := b.materialise(ctx, a.Path, out)
		if err != nil {
			return built, err
		}
		built.Files = append(built.Files, file)
	}
	return built, nil
}

// named reports whether a pattern names the target, and not only a package or
// a folder that it is in.
func named(patterns []label.Pattern, l label.Label) bool {
	return slices.ContainsFunc(patterns, func(p label.Pattern) bool {
		return !p.Negative && p.Single() && p.Matches(l)
	})
}

// analyse returns the targets that match the patterns, sorted by label.
func (b *Builder) analyse(ctx context.Context, patterns []label.Pattern) ([]*analysis.Target, error) {
	labels, err := b.Workspace.Expand(patterns)
	if err != nil {
		return nil, err
	}
	targets, err := b.analyser.Analyse(ctx, labels)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(targets, func(s, t *analysis.Target) int { return s.Label.Compare(t.Label) })
	return targets, nil
}

// analyseFiles returns the targets that match the patterns, sorted by label, and
// all that they stand for.
func (b *Builder) analyseFiles(ctx context.Context, patterns []label.Pattern) ([]*analysis.Target, []*action.Artifact, error) {
	targets, err := b.analyse(ctx, patterns)
	var files []*action.Artifact
	for _, t := range targets {
		files = append(files, t.Files...)
	}
	return targets, files, err
}

// maxLosses is how often a build is tried again because a result was lost from
// the store before it was used.
const maxLosses = 3

// execute makes the given artifacts for so many targets and passes them to use.
// If use finds one of them lost or damaged in the store, it is made again.
func (b *Builder) execute(ctx context.Context, targets int, roots []*action.Artifact, keepGoing bool, use func(*execute.Outcome) error) error {
	steps, err := execute.Steps(roots)
	if err != nil {
		return err
	}
	b.Events.Emit(event.Analyzed{Targets: targets, Actions: len(steps)})
	for losses := 0; ; losses++ {
		outcome, err := execute.Run(ctx, b.options(b.Executor, b.Events, keepGoing), roots)
		if err != nil {
			return err
		}
		slices.SortFunc(outcome.Failures, func(f, g *execute.Failure) int {
			return cmp.Or(f.Step.Owner.Compare(g.Step.Owner), cmp.Compare(f.Step.Progress, g.Step.Progress))
		})
		err = use(outcome)
		var lost *store.NotFoundError
		if !errors.As(err, &lost) || losses == maxLosses {
			return err
		}
	}
}

// options returns what execute.Run works with.
func (b *Builder) options(e execute.Executor, events event.Sink, keepGoing bool) execute.Options {
	return execute.Options{
		Workspace: b.Files,
		Executor:  e,
		Blobs:     b.Store,
		Load:      b.Load,
		Expanders: b.Expanders,
		Events:    events,
		KeepGoing: keepGoing,
	}
}
