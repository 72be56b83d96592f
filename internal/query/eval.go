package query

import (
	"context"
	"maps"
	"slices"

	"github.com/cowasm/cowasm/internal/label"
)

// An evaluator evaluates one query.
type evaluator struct {
	ctx     context.Context
	graph   Graph
	pkg     string
	query   string
	targets map[label.Label]*Target // that were asked for already
}

func newEvaluator(ctx context.Context, g Graph, query, pkg string) *evaluator {
	return &evaluator{ctx: ctx, graph: g, pkg: pkg, query: query, targets: map[label.Label]*Target{}}
}

// A set is some targets. Those of somepath have an order of their own.
type set struct {
	labels map[label.Label]bool
	path   []label.Label
}

func newSet(labels ...label.Label) set {
	s := set{labels: make(map[label.Label]bool, len(labels))}
	for _, l := range labels {
		s.labels[l] = true
	}
	return s
}

func (s set) ordered() []label.Label {
	if s.path != nil {
		return s.path
	}
	return slices.SortedFunc(maps.Keys(s.labels), label.Label.Compare)
}

func (ev *evaluator) eval(e *expr) (set, error) {
	switch {
	case e.op != 0:
		return ev.operation(e)
	case e.call != "":
		f, ok := functions[e.call]
		if !ok {
			return set{}, mistake(ev.query, e.offset, "%s selects actions, not targets, so it stands around the whole query", e.call)
		}
		return f.eval(ev, e.args)
	case e.set:
		return ev.union(e.args)
	}
	p, err := label.ParsePattern(e.word, ev.pkg)
	if err != nil {
		return set{}, mistake(ev.query, e.offset, "%v", err)
	}
	if p.Negative {
		return set{}, mistake(ev.query, e.offset, "a pattern in a query cannot be negative").WithHint("write //... - %s", e.word[1:])
	}
	labels, err := ev.graph.Targets(ev.ctx, p)
	if err != nil {
		return set{}, err
	}
	return newSet(labels...), nil
}

func (ev *evaluator) operation(e *expr) (set, error) {
	if len(e.args) == 1 {
		return ev.eval(e.args[0])
	}
	if e.op == '+' {
		return ev.union(e.args)
	}
	left, err := ev.eval(e.args[0])
	if err != nil {
		return set{}, err
	}
	out := newSet(left.ordered()...)
	for _, arg := range e.args[1:] {
		right, err := ev.eval(arg)
		if err != nil {
			return set{}, err
		}
		maps.DeleteFunc(out.labels, func(l label.Label, _ bool) bool {
			return right.labels[l] == (e.op == '-')
		})
	}
	return out, nil
}

func (ev *evaluator) union(args []*expr) (set, error) {
	out := newSet()
	for _, arg := range args {
		s, err := ev.eval(arg)
		if err != nil {
			return set{}, err
		}
		maps.Copy(out.labels, s.labels)
	}
	return out, nil
}

func (ev *evaluator) target(l label.Label) (*Target, error) {
	if t, ok := ev.targets[l]; ok {
		return t, nil
	}
	if err := ev.ctx.Err(); err != nil {
		return nil, err
	}
	t, err := ev.graph.Target(ev.ctx, l)
	if err != nil {
		return nil, err
	}
	ev.targets[l] = t
	return t, nil
}

// Deps returns the targets that t names, sorted, each once.
func (t *Target) Deps() []label.Label {
	deps := slices.Clone(t.Conditions)
	for _, a := range t.Attrs {
		deps = append(deps, a.Labels...)
	}
	slices.SortFunc(deps, label.Label.Compare)
	return slices.Compact(deps)
}

// reach returns the targets that can be reached from those of from in at most
// depth steps (any number if depth is negative), along next.
func reach(from []label.Label, depth int, next func(label.Label) ([]label.Label, error)) (set, error) {
	out := newSet(from...)
	frontier := from
	for ; len(frontier) > 0 && depth != 0; depth-- {
		var further []label.Label
		for _, l := range frontier {
			deps, err := next(l)
			if err != nil {
				return set{}, err
			}
			for _, d := range deps {
				if !out.labels[d] {
					out.labels[d] = true
					further = append(further, d)
				}
			}
		}
		frontier = further
	}
	return out, nil
}

// deps returns the direct dependencies of a target.
func (ev *evaluator) deps(l label.Label) ([]label.Label, error) {
	t, err := ev.target(l)
	if err != nil {
		return nil, err
	}
	return t.Deps(), nil
}

// reversed returns the function that leads from a target of universe to the
// targets of universe that depend on it.
func (ev *evaluator) reversed(universe set) (func(label.Label) ([]label.Label, error), error) {
	users := map[label.Label][]label.Label{}
	for _, l := range universe.ordered() {
		deps, err := ev.deps(l)
		if err != nil {
			return nil, err
		}
		for _, d := range deps {
			users[d] = append(users[d], l)
		}
	}
	return func(l label.Label) ([]label.Label, error) { return users[l], nil }, nil
}
