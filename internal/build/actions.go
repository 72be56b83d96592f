package build

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/analysis"
)

// An Action is an action of a target, as far as it is known without executing
// any.
type Action struct {
	Step   *action.Step
	Action *action.Action // nil unless all of its inputs are made
	Key    digest.Digest  // of Action
	Base   digest.Digest  // of Action without its inputs
	Result *action.Result // nil if none is stored
	Err    error          // why Action cannot be made, unless other actions come first
}

// Actions returns the actions of targets, also those that an expansion of one of
// them yields as far as its input is made, by target and in the order in which
// they were declared. The Builder's Executor must not execute anything.
func (b *Builder) Actions(ctx context.Context, labels []label.Label) ([]Action, error) {
	targets, err := b.analyser.Analyse(ctx, labels)
	if err != nil {
		return nil, err
	}
	var roots []*action.Artifact
	owners, declared := map[label.Label]bool{}, map[*action.Step]bool{}
	for _, t := range targets {
		owners[t.Label] = true
		for _, s := range t.Steps {
			declared[s] = true
			roots = append(roots, s.Outputs...)
		}
	}
	prepared := newPrepared()
	outcome, err := execute.Run(ctx, b.options(prepared.record(b.Executor), event.Discard, true), roots)
	if err != nil {
		return nil, err
	}
	known := map[*action.Step]Action{}
	for s, finished := range outcome.Steps {
		known[s] = Action{Step: s, Key: finished.Key, Result: finished.Result}
	}
	for _, f := range outcome.Failures {
		a := Action{Step: f.Step, Key: f.Key}
		if f.Key.IsZero() {
			a.Err = f.Err
		}
		known[f.Step] = a
	}
	for _, s := range outcome.Skipped {
		known[s.Step] = Action{Step: s.Step}
	}
	var list, yielded []Action
	for s, a := range known {
		if !declared[s] && owners[s.Owner] {
			yielded = append(yielded, a)
		}
	}
	slices.SortFunc(yielded, func(a, b Action) int { return cmp.Compare(a.Step.Outputs[0].Path, b.Step.Outputs[0].Path) })
	slices.SortFunc(targets, func(s, t *analysis.Target) int { return s.Label.Compare(t.Label) })
	for _, t := range targets {
		for _, s := range t.Steps {
			list = append(list, known[s])
		}
		for _, a := range yielded {
			if a.Step.Owner == t.Label {
				list = append(list, a)
			}
		}
	}
	for i := range list {
		known := prepared.byKey[list[i].Key]
		list[i].Action, list[i].Base = known.action, known.base
	}
	return list, nil
}

// prepared are actions by their keys.
type prepared struct {
	mu    sync.Mutex
	byKey map[digest.Digest]preparedAction
}

type preparedAction struct {
	action *action.Action
	base   digest.Digest
}

func newPrepared() *prepared { return &prepared{byKey: map[digest.Digest]preparedAction{}} }

// record returns an Executor that notes the actions that inner is given.
func (p *prepared) record(inner execute.Executor) execute.Executor {
	return execute.Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		e, err := execute.Encoded(ctx, a)
		if err != nil {
			return nil, err
		}
		p.mu.Lock()
		p.byKey[e.Key] = preparedAction{a, e.Base}
		p.mu.Unlock()
		return inner.Execute(ctx, a)
	})
}
