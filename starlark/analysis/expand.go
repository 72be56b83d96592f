package analysis

import (
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/starlark/lang"
)

// expand is ctx.actions.expand: an action that yields actions. An expander
// turns a directory, which configuring made, into actions when it is there; all
// of them see what ctx.actions.run would be given, and the output is what they
// have made of the directory.
func (c *ruleContext) expand(b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	r := runArgs{mnemonic: "Expand", executor: "expand"}
	var input starlark.Value
	var expander string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs,
		"expander", &expander, "input", &input, "root", &r.workingDirectory, "outputs", &r.outputs, "targets??", &r.arguments, "inputs??", &r.inputs,
		"mounts??", &r.mounts, "tools??", &r.tools, "env??", &r.env, "mnemonic?", &r.mnemonic, "progress_message?", &r.progress,
		"timeout?", &r.timeout, "memory?", &r.memory, "written?", &r.written); err != nil {
		return nil, err
	}
	r.executable = starlark.String(expander)
	outputs := slices.Collect(starlark.Elements(r.outputs))
	err := c.expandStep(&r, input, outputs)
	if d, ok := lang.AsDiagnostic(err); ok {
		d.Msg = b.Name() + ": " + d.Msg
		return nil, d
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return starlark.None, nil
}

// checkTargets reports what is wrong with the expander and what it is to expand.
func (r *runArgs) checkTargets() error {
	if r.executable == starlark.String("") {
		return fmt.Errorf("expander is empty")
	}
	if r.arguments == nil {
		return nil
	}
	for t := range starlark.Elements(r.arguments) {
		if _, ok := t.(starlark.String); !ok {
			return fmt.Errorf("targets: got %s, want strings", lang.Describe(t))
		}
	}
	return nil
}

// expandStep takes in the step that the arguments describe.
func (c *ruleContext) expandStep(r *runArgs, input starlark.Value, outputs []starlark.Value) error {
	if err := r.checkTargets(); err != nil {
		return err
	}
	f, ok := input.(*lang.File)
	if !ok {
		return notFile("input", input)
	}
	if !f.Artifact.Directory {
		return fmt.Errorf("input: %s is a file, want a directory", f.Artifact.Path)
	}
	root := r.workingDirectory
	if root == "" || root == "." {
		return diag.Errorf(diag.Position{}, "root: the directory cannot be the root of the sandbox itself").
			WithHint("say where the actions see it, as in %q", "src/build")
	}
	if err := checkPlace("root", root); err != nil {
		return err
	}
	if len(outputs) != 1 {
		return fmt.Errorf("outputs: there are %d, want one directory", len(outputs))
	}
	if out, ok := outputs[0].(*lang.File); ok && !out.Artifact.Directory {
		return diag.Errorf(diag.Position{}, "outputs: %s is a file, want a directory", out.Artifact.Path).
			WithHint("get one from ctx.actions.declare_directory")
	}
	step, err := r.step(c.target.Label)
	if err != nil {
		return err
	}
	step.Inputs = append(step.Inputs, action.Input{Path: root, Artifact: f.Artifact})
	return c.add(step, outputs)
}
