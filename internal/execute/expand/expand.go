// Package expand turns what build systems wrote into steps: it holds the
// expanders, of which there is one.
//
// The expander ninja@1 takes a build tree as it was configured, with a
// build.ninja in it, and makes a step of each edge that the targets need. An
// edge sees all inputs of the step that is expanded, the build tree as it was
// configured but for what edges make, and what its ancestors make: all edges
// that its inputs come from, directly or not. It runs in the folder of the build
// tree and may write what it is said to make; anything else is not there, or is
// dropped.
package expand

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/ninja"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// New returns the expanders by their names. They read from blobs, directories
// through load.
func New(blobs store.Blobs, load tree.Loader) map[string]execute.Expander {
	return map[string]execute.Expander{
		"ninja@1": func(ctx context.Context, s *action.Step, root digest.Digest) (*action.Step, error) {
			x := &expansion{step: s, dir: "/" + s.WorkingDirectory, sight: sight{load, root}}
			return x.run(func(p string) ([]byte, error) {
				e, ok, err := x.lookup(p)
				switch {
				case err != nil:
					return nil, err
				case !ok || e.Kind != tree.File:
					return nil, fmt.Errorf("there is no file %s", p)
				}
				return blobs.Get(ctx, e.Digest)
			})
		},
	}
}

const (
	manifest    = "build.ninja"
	shell       = "/bin/sh"
	defaultPath = "/bin"

	// Where the steps that edges do not see keep things.
	basePath = "base"
	madePath = "made"
)

// An expansion is one run of the expander.
type expansion struct {
	sight
	step  *action.Step
	dir   string // absolute path of the build tree in the sandbox
	graph *ninja.Graph

	edges []*edge
	base  *action.Artifact // all that is there before the first edge runs
}

// An edge is one that is needed and is not phony.
type edge struct {
	*ninja.Edge
	command ninja.Command
	outputs []string // relative to the root of the sandbox
	step    *action.Step
}

// maxErrors bounds how many mistakes of one build file are told at once.
const maxErrors = 10

// run returns the step that makes the build tree with all that edges make.
func (x *expansion) run(read func(p string) ([]byte, error)) (*action.Step, error) {
	if len(x.step.Outputs) != 1 || !x.step.Outputs[0].Directory {
		return nil, fmt.Errorf("%s makes one directory; %d outputs are declared", x.step.Arguments[0], len(x.step.Outputs))
	}
	var err error
	x.graph, err = ninja.Parse(manifest, x.dir, func(name string) ([]byte, error) {
		if !path.IsAbs(name) {
			name = path.Join(x.dir, name)
		}
		return read(name)
	})
	if err != nil {
		return nil, err
	}
	needed, err := x.graph.Needed(x.step.Arguments[1:])
	if err != nil {
		return nil, err
	}
	if err := x.collect(needed); err != nil {
		return nil, err
	}
	if err := x.makeBase(); err != nil {
		return nil, err
	}
	if err := x.makeSteps(needed); err != nil {
		return nil, err
	}
	return x.merge(), nil
}

// collect checks the edges and sets x.edges.
func (x *expansion) collect(needed []*ninja.Edge) error {
	var errs diag.List
	for _, n := range needed {
		if len(errs) >= maxErrors {
			break
		}
		missing, err := x.missing(n)
		if err != nil {
			return err
		}
		errs = append(errs, missing...)
		if n.Phony() {
			continue
		}
		e := &edge{Edge: n}
		if e.command, err = n.Command(); err == nil {
			err = x.place(e)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		x.edges = append(x.edges, e)
	}
	return errs.Err()
}

// missing returns errors for the inputs of n that are neither there nor made.
func (x *expansion) missing(n *ninja.Edge) (errs diag.List, err error) {
	for _, p := range n.Needs() {
		if x.graph.Maker(p) != nil {
			continue
		}
		_, ok, err := x.lookup(x.graph.Abs(p))
		if err != nil {
			return nil, err
		}
		if ok {
			continue
		}
		e := diag.Errorf(n.Pos, "%s needs %s, which is not there, and no edge makes it", n.Name(), p)
		near, err := x.near(x.graph.Abs(p))
		if err != nil {
			return nil, err
		}
		if near != "" {
			e = e.WithHint("there is %s", near)
		}
		errs = append(errs, e)
	}
	return errs, nil
}

// place finds out where the outputs of e are in the sandbox.
func (x *expansion) place(e *edge) error {
	if e.command.Dyndep != "" {
		return diag.Errorf(e.Pos, "the edge that makes %s has a dyndep, which is not supported", e.Name()).
			WithHint("dyndeps are for Fortran and C++ modules")
	}
	for _, p := range e.Makes() {
		if !strings.HasPrefix(x.graph.Abs(p), x.dir+"/") {
			return diag.Errorf(e.Pos, "an edge makes %s, which is not in the build tree at %s", p, x.dir).
				WithHint("edges may write below the folder of %s only", manifest)
		}
		if out := x.inSandbox(p); !slices.Contains(e.outputs, out) {
			e.outputs = append(e.outputs, out)
		}
	}
	return nil
}

// makeBase sets x.base. What edges make may be there already, from another
// build or because configuring wrote it; nobody sees that.
func (x *expansion) makeBase() error {
	s := x.inner("gathering what the edges of " + manifest + " see")
	s.Inputs = x.step.Inputs
	s.Arguments = []string{"without@1", ".", basePath}
	for _, e := range x.edges {
		made := e.outputs
		if e.command.RspFile != "" {
			made = append(slices.Clone(made), x.inSandbox(e.command.RspFile))
		}
		for _, p := range made {
			if _, ok, err := x.lookup(p); err != nil {
				return err
			} else if ok {
				s.Arguments = append(s.Arguments, p)
			}
		}
	}
	x.base = x.output(s, basePath, true)
	return nil
}

// inner returns a builtin step without arguments, inputs and outputs.
func (x *expansion) inner(progress string) *action.Step {
	return &action.Step{Owner: x.step.Owner, Mnemonic: x.step.Mnemonic, Progress: progress, Executor: "builtin"}
}

// output adds an output to a step.
func (x *expansion) output(s *action.Step, p string, directory bool) *action.Artifact {
	a := &action.Artifact{Path: p, Directory: directory, Owner: x.step.Owner, Producer: s}
	s.Outputs = append(s.Outputs, a)
	return a
}

// makeSteps makes the steps of x.edges. Needed has them, and those that are
// phony, in an order in which they can run.
func (x *expansion) makeSteps(needed []*ninja.Edge) error {
	inputs := newInputs(x.graph, needed, x.base)
	for _, e := range x.edges {
		arguments, err := x.arguments(e)
		if err != nil {
			return err
		}
		s := &action.Step{
			Owner: x.step.Owner, Mnemonic: x.step.Mnemonic, Progress: e.progress(),
			Executor: "wasm", Arguments: arguments, WorkingDirectory: x.step.WorkingDirectory,
			Env: x.step.Env, Limits: x.step.Limits,
			Inputs: inputs.of(e.Edge),
		}
		if e.command.Depfile != "" {
			s.Scratch = []string{x.inSandbox(e.command.Depfile)}
		}
		if e.command.RspFile != "" {
			s.Inputs = append(slices.Clip(s.Inputs), x.rspFile(e))
		}
		for _, p := range e.outputs {
			x.output(s, p, false)
		}
		inputs.made[e.Edge] = s.Outputs
		e.step = s
	}
	return nil
}

// progress returns what an edge does, in a line.
func (e *edge) progress() string {
	text := strings.TrimSpace(e.command.Description)
	if text == "" {
		return "making " + e.Name()
	}
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// arguments returns the command line of an edge. The program is run directly if
// it can be, which saves a shell.
func (x *expansion) arguments(e *edge) ([]string, error) {
	if words, ok := split(e.command.Line); ok {
		searched, set := x.step.Env["PATH"]
		if !set {
			searched = defaultPath
		}
		program, err := x.program(words[0], searched)
		if err != nil {
			return nil, err
		}
		if program != "" {
			return slices.Concat([]string{program}, words[1:]), nil
		}
	}
	if _, ok, err := x.lookup(shell); err != nil || !ok {
		if err != nil {
			return nil, err
		}
		return nil, diag.Errorf(e.Pos, "the command that makes %s takes a shell, and there is none at %s: %.200s", e.Name(), shell, e.command.Line).
			WithHint("a command whose program is not found by its PATH is left to a shell, too")
	}
	return []string{shell, "-c", e.command.Line}, nil
}

// program returns the absolute path of the program that a command names, or ""
// if there is none. It may be one that an edge makes.
func (x *expansion) program(name, searched string) (string, error) {
	candidates := []string{name}
	if !strings.Contains(name, "/") {
		candidates = candidates[:0]
		for folder := range strings.SplitSeq(searched, ":") {
			candidates = append(candidates, path.Join(folder, name))
		}
	}
	for _, p := range candidates {
		p = x.graph.Abs(p)
		if x.graph.Maker(p) != nil {
			return p, nil
		}
		if e, ok, err := x.lookup(p); err != nil || ok && e.Kind == tree.File {
			return p, err
		}
	}
	return "", nil
}

// inSandbox returns a path of the graph relative to the root of the sandbox.
func (x *expansion) inSandbox(p string) string {
	return strings.TrimPrefix(x.graph.Abs(p), "/")
}

// rspFile returns the file with arguments of an edge.
func (x *expansion) rspFile(e *edge) action.Input {
	p := x.inSandbox(e.command.RspFile)
	s := x.inner("writing " + e.command.RspFile)
	s.Arguments = []string{"write@1", e.command.RspContent, p}
	return action.Input{Path: p, Artifact: x.output(s, p, false)}
}

// merge returns the step that makes the output of the expansion.
func (x *expansion) merge() *action.Step {
	s := x.inner("putting the build tree together")
	s.Outputs = x.step.Outputs
	s.Arguments = []string{"merge@1", s.Outputs[0].Path, ".=" + path.Join(basePath, x.step.WorkingDirectory)}
	s.Inputs = []action.Input{{Path: basePath, Artifact: x.base}}
	for _, e := range x.edges {
		for _, out := range e.step.Outputs {
			p := path.Join(madePath, strings.TrimPrefix("/"+out.Path, x.dir))
			s.Inputs = append(s.Inputs, action.Input{Path: p, Artifact: out})
		}
	}
	if len(x.edges) > 0 {
		s.Arguments = append(s.Arguments, ".="+madePath)
	}
	return s
}
