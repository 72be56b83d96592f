package analysis

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

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
	"run":               (*ruleContext).run,
	"write":             (*ruleContext).write,
}

func (a *actions) String() string        { return "<ctx.actions>" }
func (a *actions) Type() string          { return "ctx.actions" }
func (a *actions) Freeze()               {}
func (a *actions) Truth() starlark.Bool  { return true }
func (a *actions) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: ctx.actions") }

func (a *actions) AttrNames() []string {
	return []string{"declare_directory", "declare_file", "run", "write"}
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

// run is ctx.actions.run.
func (c *ruleContext) run(b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var (
		outputs, arguments       starlark.Iterable
		inputs, executable       starlark.Value
		mounts, env              *starlark.Dict
		mnemonic, progress       string
		timeout, memory, written int64
		executor                 = "wasm"
	)
	if err := starlark.UnpackArgs(b.Name(), args, kwargs,
		"outputs", &outputs, "executable", &executable, "arguments??", &arguments, "inputs??", &inputs, "mounts??", &mounts,
		"env??", &env, "mnemonic?", &mnemonic, "progress_message?", &progress, "executor?", &executor,
		"timeout?", &timeout, "memory?", &memory, "written?", &written); err != nil {
		return nil, err
	}
	fail := func(err error) (starlark.Value, error) {
		var d *diag.Error
		if e, ok := err.(*diag.Error); ok {
			d = e
			copied := *d
			copied.Msg = b.Name() + ": " + d.Msg
			return nil, &copied
		}
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	if timeout < 0 || memory < 0 || written < 0 || timeout > int64(maxTimeout/time.Second) {
		return fail(fmt.Errorf("timeout, memory and written may not be negative, and timeout at most %d seconds", int64(maxTimeout/time.Second)))
	}
	if executor == "" {
		return fail(fmt.Errorf("executor is empty"))
	}
	p := placement{}
	program, err := p.program(executable)
	if err != nil {
		return fail(err)
	}
	step := &action.Step{
		Owner:    c.target.Label,
		Mnemonic: mnemonic,
		Progress: progress,
		Executor: executor,
		Limits:   action.Limits{Timeout: time.Duration(timeout) * time.Second, Memory: memory, Written: written},
	}
	if step.Mnemonic == "" {
		step.Mnemonic = "Action"
	}
	if step.Progress == "" {
		step.Progress = fmt.Sprintf("%s %s", step.Mnemonic, c.target.Label)
	}
	rest, err := commandLine(arguments)
	if err != nil {
		return fail(err)
	}
	step.Arguments = append([]string{program}, rest...)
	if err := p.addInputs(inputs); err != nil {
		return fail(err)
	}
	if err := p.addMounts(mounts); err != nil {
		return fail(err)
	}
	step.Inputs = p.inputs
	if step.Env, err = environment(env); err != nil {
		return fail(err)
	}
	if err := c.add(step, slices.Collect(starlark.Elements(outputs))); err != nil {
		return fail(err)
	}
	return starlark.None, nil
}

const maxTimeout = 24 * time.Hour

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

// A placement is a list of inputs without duplicates.
type placement struct {
	inputs []action.Input
	seen   map[action.Input]bool
}

func (p *placement) add(at string, f *lang.File) {
	in := action.Input{Path: at, Artifact: f.Artifact}
	if p.seen == nil {
		p.seen = map[action.Input]bool{}
	}
	if !p.seen[in] {
		p.seen[in] = true
		p.inputs = append(p.inputs, in)
	}
}

// program returns the path of an executable, and places it if it is a File.
func (p *placement) program(v starlark.Value) (string, error) {
	switch v := v.(type) {
	case *lang.File:
		p.add(v.Artifact.Path, v)
		return v.Artifact.Path, nil
	case starlark.String:
		if v != "" {
			return string(v), nil
		}
		return "", fmt.Errorf("executable is empty")
	}
	return "", notFile("executable", v)
}

func notFile(what string, v starlark.Value) error {
	e := diag.Errorf(diag.Position{}, "%s: got %s, want a File", what, lang.Describe(v))
	if t, ok := v.(*Target); ok {
		return e.WithHint("%s is a target; its files are in ctx.file, ctx.files and its .files", t.Label)
	}
	return e
}

// addInputs places files at their paths.
func (p *placement) addInputs(v starlark.Value) error {
	var list []starlark.Value
	switch v := v.(type) {
	case nil:
		return nil
	case *lang.Depset:
		list = v.List()
	case *starlark.List:
		list = slices.Collect(v.Elements())
	default:
		return fmt.Errorf("inputs: got %s, want a list or depset of Files", lang.Describe(v))
	}
	p.inputs = slices.Grow(p.inputs, len(list))
	if p.seen == nil {
		p.seen = make(map[action.Input]bool, len(list))
	}
	for _, e := range list {
		f, ok := e.(*lang.File)
		if !ok {
			return notFile("inputs", e)
		}
		p.add(f.Artifact.Path, f)
	}
	return nil
}

// addMounts places files at chosen paths.
func (p *placement) addMounts(mounts *starlark.Dict) error {
	if mounts == nil {
		return nil
	}
	for k, v := range mounts.Entries() {
		at, ok := starlark.AsString(k)
		if !ok {
			return fmt.Errorf("mounts: got %s, want a path", lang.Describe(k))
		}
		if !fs.ValidPath(at) {
			e := diag.Errorf(diag.Position{}, "mounts: %q is not a path below the root of the sandbox", at)
			if clean := strings.TrimPrefix(path.Clean(at), "/"); fs.ValidPath(clean) {
				return e.WithHint("write %q", clean)
			}
			return e
		}
		files := []starlark.Value{v}
		if list, ok := v.(*starlark.List); ok {
			files = slices.Collect(list.Elements())
		}
		for _, v := range files {
			f, ok := v.(*lang.File)
			if !ok {
				return notFile(fmt.Sprintf("mounts: %q", at), v)
			}
			if at == "." && !f.Artifact.Directory {
				return fmt.Errorf("mounts: file %s cannot be the root of the sandbox", f.Artifact.Path)
			}
			p.add(at, f)
		}
	}
	return nil
}

// commandLine converts arguments: strings, and Files by their paths.
func commandLine(arguments starlark.Iterable) ([]string, error) {
	if arguments == nil {
		return nil, nil
	}
	var args []string
	for v := range starlark.Elements(arguments) {
		switch v := v.(type) {
		case starlark.String:
			args = append(args, string(v))
		case *lang.File:
			args = append(args, v.Artifact.Path)
		default:
			return nil, fmt.Errorf("arguments: got %s, want strings and Files", lang.Describe(v))
		}
		if strings.IndexByte(args[len(args)-1], 0) >= 0 {
			return nil, fmt.Errorf("arguments: %q has a NUL byte", args[len(args)-1])
		}
	}
	return args, nil
}

// environment converts a dict of environment variables, which may be nil.
func environment(dict *starlark.Dict) (map[string]string, error) {
	if dict == nil || dict.Len() == 0 {
		return nil, nil
	}
	env := make(map[string]string, dict.Len())
	for k, v := range dict.Entries() {
		name, ok1 := starlark.AsString(k)
		value, ok2 := starlark.AsString(v)
		if f, ok := v.(*lang.File); ok {
			value, ok2 = f.Artifact.Path, true
		}
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("env: got %s = %s, want strings", lang.Describe(k), lang.Describe(v))
		}
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.IndexByte(value, 0) >= 0 {
			return nil, fmt.Errorf("env: %q = %q is not possible", name, value)
		}
		env[name] = value
	}
	return env, nil
}
