package execute

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/action"
)

// A node is a step in the graph of those that are needed.
type node struct {
	step  *action.Step
	id    int     // numbers the nodes of the graph in the order in which they came
	deps  []*node // the producers of its inputs, each once
	users []*node // those that it is a dep of

	// body is what an expanded step has become: the step that is carried out in
	// its place. It has the same outputs.
	body *action.Step

	// priority is the number of steps on the longest way from this one to the
	// end of the build. How long those take is not known before their inputs
	// are; when those of this step are, it is weighed.
	priority int

	progress
}

// work returns the step that is carried out for n.
func (n *node) work() *action.Step {
	if n.body != nil {
		return n.body
	}
	return n.step
}

// A graph is the steps that a build needs.
type graph struct {
	nodes map[*action.Step]*node
	order []*node // each after its deps
	ids   int     // given so far
}

// Steps returns the steps that the given artifacts need, each after those that
// it needs itself.
func Steps(roots []*action.Artifact) ([]*action.Step, error) {
	g, err := newGraph(roots)
	if err != nil {
		return nil, err
	}
	steps := make([]*action.Step, len(g.order))
	for i, n := range g.order {
		steps[i] = n.step
	}
	return steps, nil
}

// newGraph returns the graph of what the given artifacts need.
func newGraph(roots []*action.Artifact) (*graph, error) {
	g := &graph{nodes: map[*action.Step]*node{}}
	for _, root := range roots {
		added, err := g.reach(root)
		if err != nil {
			return nil, err
		}
		g.order = append(g.order, added...)
	}
	prioritise(g.order)
	return g, nil
}

// expand makes body the work of n, and returns the nodes that join the graph
// because of it, which come before n.
func (g *graph) expand(n *node, body *action.Step) ([]*node, error) {
	var added []*node
	for _, in := range body.Inputs {
		more, err := g.reach(in.Artifact)
		if err != nil {
			return nil, err
		}
		added = append(added, more...)
	}
	n.body = body
	g.link(n)
	g.order = slices.Insert(g.order, slices.Index(g.order, n), added...)
	prioritise(append(added, n))
	return added, nil
}

// reach adds the steps that it takes to make an artifact and are not in the
// graph, and returns their nodes in order. The walk keeps its own stack, so
// chains may be of any length.
func (g *graph) reach(root *action.Artifact) ([]*node, error) {
	if root.Producer == nil || g.nodes[root.Producer] != nil {
		return nil, nil
	}
	type frame struct {
		*node
		next int // index into step.Inputs
	}
	var added []*node
	var stack []frame
	enter := func(s *action.Step) {
		n := &node{step: s, id: -1}
		g.nodes[s] = n
		stack = append(stack, frame{node: n})
	}
	for enter(root.Producer); len(stack) > 0; {
		top := &stack[len(stack)-1]
		if top.next == len(top.step.Inputs) {
			top.id = g.ids
			g.ids++
			g.link(top.node)
			added = append(added, top.node)
			stack = stack[:len(stack)-1]
			continue
		}
		producer := top.step.Inputs[top.next].Artifact.Producer
		top.next++
		if producer == nil {
			continue
		}
		if dep := g.nodes[producer]; dep == nil {
			enter(producer)
		} else if dep.id < 0 { // it is on the stack
			var cycle []*action.Step
			for _, f := range stack {
				cycle = append(cycle, f.step)
			}
			return nil, cycleError(cycle[slices.Index(cycle, producer):])
		}
	}
	return added, nil
}

// link connects n with those of its deps that it is not connected with.
func (g *graph) link(n *node) {
	seen := map[*node]bool{}
	for _, dep := range n.deps {
		seen[dep] = true
	}
	for _, in := range n.work().Inputs {
		if dep := g.nodes[in.Artifact.Producer]; dep != nil && !seen[dep] {
			seen[dep] = true
			n.deps = append(n.deps, dep)
			dep.users = append(dep.users, n)
		}
	}
}

// prioritise passes priorities on to the deps of nodes, which are in order.
func prioritise(nodes []*node) {
	for _, n := range slices.Backward(nodes) {
		for _, dep := range n.deps {
			dep.priority = max(dep.priority, n.priority+1)
		}
	}
}

func cycleError(cycle []*action.Step) error {
	var b strings.Builder
	for _, s := range append(cycle, cycle[0]) {
		fmt.Fprintf(&b, "\n\t%s: %s", s.Owner, s.Mnemonic)
	}
	return fmt.Errorf("actions need each other in a circle:%s", b.String())
}
