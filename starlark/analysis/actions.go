package analysis

import (
	"fmt"
	"maps"
	"path"
	"slices"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/lang"
)

// actions is the value ctx.actions.
type actions struct{ ctx *ruleContext }

var actionMethods = map[string]func(*ruleContext, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error){
	"declare_directory": (*ruleContext).declareDirectory,
	"declare_file":      (*ruleContext).declareFile,
	"expand":            (*ruleContext).expand,
	"run":               (*ruleContext).run,
	"write":             (*ruleContext).write,
}

func (a *actions) String() string        { return "<ctx.actions>" }
func (a *actions) Type() string          { return "ctx.actions" }
func (a *actions) Freeze()               {}
func (a *actions) Truth() starlark.Bool  { return true }
func (a *actions) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: ctx.actions") }

func (a *actions) AttrNames() []string {
	return slices.Sorted(maps.Keys(actionMethods))
}

func (a *actions) Attr(name string) (starlark.Value, error) {
	method, ok := actionMethods[name]
	if !ok {
		return nil, nil
	}
	return starlark.NewBuiltin("ctx.actions."+name, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if a.ctx.closed {
			return nil, fmt.Errorf("%s: the rule for %s has returned already", b.Name(), a.ctx.target.Label)
		}
		return method(a.ctx, b, args, kwargs)
	}), nil
}

func (c *ruleContext) declareFile(b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "filename", &name); err != nil {
		return nil, err
	}
	return c.declare(name, false)
}

func (c *ruleContext) declareDirectory(b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "filename", &name); err != nil {
		return nil, err
	}
	return c.declare(name, true)
}

// declare makes a File for an output of the target's package.
func (c *ruleContext) declare(name string, directory bool) (*lang.File, error) {
	l, err := label.Parse(":"+name, c.target.Label.Package)
	if err != nil {
		return nil, fmt.Errorf("output %q: %w", name, err)
	}
	a := c.analyser
	p := path.Join(lang.OutDir, l.Package, l.Name)
	f := &lang.File{Artifact: &action.Artifact{Path: p, Directory: directory, Owner: c.target.Label}}
	if other := a.outputs[p]; other != nil {
		return nil, fmt.Errorf("output %s is declared already, by %s", p, other.Artifact.Owner)
	}
	other := a.parents[p]
	for dir := path.Dir(p); other == nil && dir != "."; dir = path.Dir(dir) {
		other = a.outputs[dir]
	}
	if other != nil {
		return nil, fmt.Errorf("output %s cannot be beside %s, which %s declares: one would be inside the other", p, other.Artifact.Path, other.Artifact.Owner)
	}
	a.outputs[p] = f
	for dir := path.Dir(p); dir != "." && a.parents[dir] == nil; dir = path.Dir(dir) {
		a.parents[dir] = f
	}
	c.declared = append(c.declared, f)
	return f, nil
}

// write is ctx.actions.write(output, content, is_executable = False). Given a
// name instead of a File it declares the file. It returns the file.
func (c *ruleContext) write(b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var output starlark.Value
	var content string
	var executable bool
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "output", &output, "content", &content, "is_executable?", &executable); err != nil {
		return nil, err
	}
	f, ok := output.(*lang.File)
	if name, isString := starlark.AsString(output); isString {
		var err error
		if f, err = c.declare(name, false); err != nil {
			return nil, err
		}
	} else if !ok {
		return nil, fmt.Errorf("%s: output is %s, want a File or a name", b.Name(), lang.Describe(output))
	}
	if f.Artifact.Directory {
		return nil, fmt.Errorf("%s: output %s is a directory", b.Name(), f.Artifact.Path)
	}
	step := &action.Step{
		Owner:     c.target.Label,
		Mnemonic:  "Write",
		Progress:  "writing " + path.Base(f.Artifact.Path),
		Executor:  "builtin",
		Arguments: []string{"write@1", content, f.Artifact.Path},
	}
	if executable {
		step.Arguments = slices.Insert(step.Arguments, 1, "--executable")
	}
	return f, c.add(step, []starlark.Value{f})
}

// add checks the outputs of a step and takes it in.
func (c *ruleContext) add(step *action.Step, outputs []starlark.Value) error {
	if len(outputs) == 0 {
		return fmt.Errorf("an action without outputs would never run")
	}
	seen := map[*action.Artifact]bool{}
	for _, v := range outputs {
		f, ok := v.(*lang.File)
		switch {
		case !ok:
			return diag.Errorf(diag.Position{}, "outputs holds %s, want Files", lang.Describe(v)).WithHint("get one from ctx.actions.declare_file")
		case f.Source || f.Artifact.Owner != c.target.Label:
			return diag.Errorf(diag.Position{}, "%s is not an output of %s", f.Artifact.Path, c.target.Label).WithHint("declare it with ctx.actions.declare_file")
		case f.Artifact.Producer != nil:
			return fmt.Errorf("%s is an output of another action already, a %s", f.Artifact.Path, f.Artifact.Producer.Mnemonic)
		case seen[f.Artifact]:
			return fmt.Errorf("output %s is there twice", f.Artifact.Path)
		}
		seen[f.Artifact] = true
		step.Outputs = append(step.Outputs, f.Artifact)
	}
	for _, in := range step.Inputs {
		if seen[in.Artifact] {
			return fmt.Errorf("%s is both an input and an output", in.Artifact.Path)
		}
	}
	for _, out := range step.Outputs {
		out.Producer = step
	}
	c.steps = append(c.steps, step)
	return nil
}
