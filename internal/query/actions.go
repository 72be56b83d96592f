package query

import (
	"context"
	"maps"
	"regexp"
	"slices"
)

// An ActionFilter says which actions of some targets a query is about. The zero
// filter lets all through.
type ActionFilter struct{ conditions []condition }

// A condition is a call of one of the functions that select actions.
type condition struct {
	function string
	re       *regexp.Regexp
}

// actionFunctions select actions, as in Bazel's aquery: they stand around a
// whole query.
var actionFunctions = map[string]function{
	"mnemonic": {params: []param{pattern, targets}},
	"inputs":   {params: []param{pattern, targets}},
	"outputs":  {params: []param{pattern, targets}},
}

// RunActions does what Run does for a query about the actions of targets, which
// may be in calls of
//
//	mnemonic(RE, X)  actions of X of some kind
//	inputs(RE, X)    those with an input whose path matches
//	outputs(RE, X)   those with such an output
func RunActions(ctx context.Context, g Graph, query, pkg string) ([]*Target, ActionFilter, error) {
	known := maps.Clone(functions)
	maps.Copy(known, actionFunctions)
	e, err := parse(query, known)
	if err != nil {
		return nil, ActionFilter{}, err
	}
	ev := newEvaluator(ctx, g, query, pkg)
	var filter ActionFilter
	for {
		switch _, ok := actionFunctions[e.call]; {
		case ok:
			re, err := ev.regexp(e.args[0])
			if err != nil {
				return nil, ActionFilter{}, err
			}
			filter.conditions = append(filter.conditions, condition{e.call, re})
			e = e.args[1]
		case e.op == '+' && len(e.args) == 1: // parentheses
			e = e.args[0]
		default:
			targets, err := ev.run(e)
			return targets, filter, err
		}
	}
}

// Matches reports whether the query is about an action of such a mnemonic whose
// inputs and outputs are at these paths.
func (f ActionFilter) Matches(mnemonic string, inputs, outputs []string) bool {
	for _, c := range f.conditions {
		among := map[string][]string{"mnemonic": {mnemonic}, "inputs": inputs, "outputs": outputs}[c.function]
		if !slices.ContainsFunc(among, c.re.MatchString) {
			return false
		}
	}
	return true
}
