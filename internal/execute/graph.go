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
	id    int     // position in the graph's order
	deps  []*node // the producers of its inputs, each once
	users []*node // those that it is a dep of

	// priority is the number of steps on the longest way from this one to the
	// end of the build. How long steps take is not known before they run; that
	// they differ less than chains of them do is good enough.
	priority int

	progress
}

// Steps returns the steps that the given artifacts need, each after those that
// it needs itself.
func Steps(roots []*action.Artifact) ([]*action.Step, error) {
	nodes, err := newGraph(roots)
	steps := make([]*action.Step, len(nodes))
	for i, n := range nodes {
		steps[i] = n.step
	}
	return steps, err
}

// newGraph returns the nodes that the given artifacts need, each after its
// deps. The walk keeps its own stack, so chains may be of any length.
func newGraph(roots []*action.Artifact) ([]*node, error) {
	var order []*node
	nodes := map[*action.Step]*node{}
	type frame struct {
		*node
		next int // index into step.Inputs
	}
	for _, root := range roots {
		if root.Producer == nil || nodes[root.Producer] != nil {
			continue
		}
		first := &node{step: root.Producer, id: -1}
		nodes[first.step] = first
		stack := []frame{{node: first}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(top.step.Inputs) {
				top.id = len(order)
				top.link(nodes)
				order = append(order, top.node)
				stack = stack[:len(stack)-1]
				continue
			}
			producer := top.step.Inputs[top.next].Artifact.Producer
			top.next++
			if producer == nil {
				continue
			}
			dep := nodes[producer]
			if dep == nil {
				dep = &node{step: producer, id: -1}
				nodes[producer] = dep
				stack = append(stack, frame{node: dep})
			} else if dep.id < 0 { // it is on the stack
				var cycle []*action.Step
				for _, f := range stack {
					cycle = append(cycle, f.step)
				}
				return nil, cycleError(cycle[slices.Index(cycle, producer):])
			}
		}
	}
	for _, n := range slices.Backward(order) {
		for _, dep := range n.deps {
			dep.priority = max(dep.priority, n.priority+1)
		}
	}
	return order, nil
}

// link connects n with its deps, which are in nodes.
func (n *node) link(nodes map[*action.Step]*node) {
	seen := map[*action.Step]bool{nil: true}
	for _, in := range n.step.Inputs {
		if p := in.Artifact.Producer; !seen[p] {
			seen[p] = true
			n.deps = append(n.deps, nodes[p])
			nodes[p].users = append(nodes[p].users, n)
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
