// Package query answers questions about the graph of targets, in the language
// of Bazel's query command:
//
//	deps(//packages/six)                            what six is made from
//	rdeps(//..., //toolchains/clang)                what is made with clang
//	kind("bundle_test", //packages/...)             targets of one rule
//	attr(tags, manual, //...)                       targets by an attribute
//	somepath(//packages/six, //toolchains/clang)    why one needs the other
//	tests(//packages/...) - //packages/sympy:all    sets, added and subtracted
//
// A target is followed to everything that its attributes name, files and
// private attributes (toolchains) included.
package query

import (
	"context"

	"github.com/cowasm/cowasm/internal/label"
)

// SourceFile is the Kind of files that targets name.
const SourceFile = "source file"

// A Target is what a query can see of a rule's target or of a source file.
type Target struct {
	Label label.Label
	Kind  string // SourceFile, or as in "pure_python_bundle rule"
	Test  bool   // `cowasm test` runs it
	Attrs []Attr // sorted by name

	// Conditions are what the values of attributes depend on, through select.
	Conditions []label.Label
}

// An Attr is an attribute of a target.
type Attr struct {
	Name   string
	Value  any           // as encoding/json can write it
	Text   string        // the value as attr() matches it: lists as "[a, b]"
	Labels []label.Label // the targets that the value names
}

// A Graph holds the targets that queries are about. It may load BUILD files
// when it is asked.
type Graph interface {
	// Targets returns the labels that match a pattern that is not negative.
	// One that matches nothing is an error.
	Targets(ctx context.Context, p label.Pattern) ([]label.Label, error)

	// Target returns the target with the given label.
	Target(ctx context.Context, l label.Label) (*Target, error)
}

// Run parses and evaluates a query. Relative patterns are taken to be in
// package pkg. The targets are sorted by label, each once; those of somepath
// are in the order of the path.
func Run(ctx context.Context, g Graph, query, pkg string) ([]*Target, error) {
	e, err := parse(query, functions)
	if err != nil {
		return nil, err
	}
	return newEvaluator(ctx, g, query, pkg).run(e)
}

// run returns the targets that e stands for, in order.
func (ev *evaluator) run(e *expr) ([]*Target, error) {
	s, err := ev.eval(e)
	if err != nil {
		return nil, err
	}
	out := make([]*Target, 0, len(s.labels))
	for _, l := range s.ordered() {
		t, err := ev.target(l)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}
