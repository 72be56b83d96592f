// Package ninja reads build files of ninja: what there is to make, by which
// commands, from what. See https://ninja-build.org/manual.html.
//
// It decides nothing by the time of a file and runs nothing. Pools and what
// decides whether an edge is out of date (depfile, deps, restat, generator) are
// parsed and have no effect here. A graph is for one goroutine at a time.
package ninja

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/diag"
)

// A Graph is what a build file says.
type Graph struct {
	Edges    []*Edge  // in the order of the file
	Defaults []string // paths that are made if nothing is asked for; may be empty

	file   string
	dir    string
	makers map[string]*Edge // by the absolute path of what they make
	known  map[string]bool  // absolute paths of all that edges make or need
}

// An Edge makes files from others by a command. Paths are clean, and relative
// to the folder of the build or absolute, as they were written.
type Edge struct {
	Pos  diag.Position
	Rule string // its name

	Outputs         []string // those in $out
	ImplicitOutputs []string
	Inputs          []string // those in $in
	ImplicitInputs  []string
	OrderOnly       []string // inputs that need only be there
	Validations     []string // what is made besides when the edge is, though it needs none of it

	rule  *rule
	scope *scope
	meter *meter
}

// A Command is what an edge runs.
type Command struct {
	Line        string // for a shell
	Description string // may be empty

	Depfile    string // which the command may write; empty if it does not
	RspFile    string // a file that must be there with RspContent; empty if it needs none
	RspContent string
	Dyndep     string // what tells further dependencies once it is made
}

// Phony reports whether e only gives a name to its inputs.
func (e *Edge) Phony() bool { return e.Rule == phony }

// Makes returns all outputs of e.
func (e *Edge) Makes() []string { return slices.Concat(e.Outputs, e.ImplicitOutputs) }

// Needs returns all inputs of e.
func (e *Edge) Needs() []string { return slices.Concat(e.Inputs, e.ImplicitInputs, e.OrderOnly) }

// Name returns what messages call e: its first output.
func (e *Edge) Name() string {
	if len(e.Outputs) > 0 {
		return e.Outputs[0]
	}
	return e.ImplicitOutputs[0]
}

// Command returns what e runs. An edge that is phony runs nothing.
func (e *Edge) Command() (Command, error) {
	var c Command
	for _, b := range []struct {
		name  string
		quote bool
		to    *string
	}{
		{"command", true, &c.Line},
		{"description", true, &c.Description},
		{"depfile", false, &c.Depfile},
		{"rspfile", false, &c.RspFile},
		{"rspfile_content", true, &c.RspContent},
		{"dyndep", false, &c.Dyndep},
	} {
		text, err := (&edgeScope{edge: e, quote: b.quote}).variable(b.name)
		if err != nil {
			return c, diag.Errorf(e.Pos, "%s of the edge that makes %s: %w", b.name, e.Name(), err)
		}
		*b.to = text
	}
	return c, nil
}

// Abs returns the absolute form of a path in the graph, which is the same for
// all that name the same file.
func (g *Graph) Abs(p string) string {
	if path.IsAbs(p) {
		return path.Clean(p)
	}
	return path.Join(g.dir, p)
}

// Maker returns the edge that makes the file at p, or nil. The build file
// itself has none: an edge that would write it anew is passed over.
func (g *Graph) Maker(p string) *Edge { return g.makers[g.Abs(p)] }

// add takes in an edge.
func (g *Graph) add(e *Edge) error {
	outputs := e.Makes()
	if slices.ContainsFunc(outputs, func(p string) bool { return g.Abs(p) == g.Abs(g.file) }) {
		return nil
	}
	for _, p := range outputs {
		abs := g.Abs(p)
		if other := g.makers[abs]; other != nil && other != e {
			return diag.Errorf(e.Pos, "two edges make %s", p).WithHint("the other is at %s", other.Pos)
		}
		g.makers[abs] = e
	}
	for _, p := range slices.Concat(outputs, e.Needs(), e.Validations) {
		g.known[g.Abs(p)] = true
	}
	g.Edges = append(g.Edges, e)
	return nil
}

// roots returns the paths of all that is made and not needed by an edge.
func (g *Graph) roots() []string {
	needed := map[string]bool{}
	for _, e := range g.Edges {
		for _, p := range e.Needs() {
			needed[g.Abs(p)] = true
		}
	}
	var roots []string
	for _, e := range g.Edges {
		for _, p := range e.Makes() {
			if !needed[g.Abs(p)] {
				roots = append(roots, p)
			}
		}
	}
	return roots
}

// Needed returns the edges that it takes to make the targets, each after those
// that make its inputs. Without targets it takes the defaults, or if the file
// has none all that is not needed by something else.
func (g *Graph) Needed(targets []string) ([]*Edge, error) {
	for _, t := range targets {
		if !g.known[g.Abs(t)] {
			return nil, g.unknown(t, diag.Position{File: g.file})
		}
	}
	if len(targets) == 0 {
		targets = g.Defaults
	}
	if len(targets) == 0 {
		targets = g.roots()
		if len(targets) == 0 && len(g.Edges) > 0 {
			targets = g.Edges[0].Makes() // all edges are in circles
		}
	}
	w := &walk{graph: g, state: map[*Edge]visit{}}
	for todo := targets; len(todo) > 0; {
		before := len(w.order)
		for _, t := range todo {
			if err := w.reach(g.Maker(t)); err != nil {
				return nil, err
			}
		}
		todo = nil
		for _, e := range w.order[before:] {
			todo = append(todo, e.Validations...)
		}
	}
	return w.order, nil
}

// unknown returns the error for a target, named at pos, that is not in g.
func (g *Graph) unknown(target string, pos diag.Position) *diag.Error {
	err := diag.Errorf(pos, "there is no target %q", target)
	var names []string
	for _, e := range g.Edges {
		names = append(names, e.Makes()...)
	}
	if near := diag.Nearest(target, names); near != "" {
		return err.WithHint("did you mean %q?", near)
	}
	return err.WithHint("a target is a path that an edge makes")
}

// A walk collects edges. It keeps its own stack, so chains may be of any length.
type walk struct {
	graph *Graph
	state map[*Edge]visit
	order []*Edge
}

type visit uint8

const (
	unseen visit = iota
	entered
	left
)

// reach adds the edges that e needs, which may be nil, and e itself.
func (w *walk) reach(e *Edge) error {
	type frame struct {
		*Edge
		todo []string // inputs
	}
	var stack []frame
	enter := func(e *Edge) {
		w.state[e] = entered
		stack = append(stack, frame{e, e.Needs()})
	}
	if e == nil || w.state[e] != unseen {
		return nil
	}
	for enter(e); len(stack) > 0; {
		top := &stack[len(stack)-1]
		if len(top.todo) == 0 {
			w.state[top.Edge] = left
			w.order = append(w.order, top.Edge)
			stack = stack[:len(stack)-1]
			continue
		}
		in := top.todo[0]
		top.todo = top.todo[1:]
		switch maker := w.graph.Maker(in); {
		case maker == nil || w.state[maker] == left:
		case w.state[maker] == unseen:
			enter(maker)
		case maker == top.Edge && maker.Phony(): // as old versions of CMake write it
		default:
			first := slices.IndexFunc(stack, func(f frame) bool { return f.Edge == maker })
			names := []string{in}
			for _, f := range slices.Backward(stack[first:]) {
				names = append(names, f.Name())
			}
			slices.Reverse(names)
			return diag.Errorf(maker.Pos, "edges need each other in a circle: %s", strings.Join(shorten(names), " -> "))
		}
	}
	return nil
}

// shorten leaves out the middle of a long list.
func shorten(names []string) []string {
	const most = 12
	if len(names) <= most {
		return names
	}
	omitted := fmt.Sprintf("(%d more)", len(names)-most)
	return slices.Concat(names[:most/2], []string{omitted}, names[len(names)-most/2:])
}
