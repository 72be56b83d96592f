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
	"github.com/cowasm/cowasm/internal/tree"
	"github.com/cowasm/cowasm/starlark/lang"
)

// maxTimeout bounds the time limit of an action.
const maxTimeout = 24 * time.Hour

// runArgs are the arguments of ctx.actions.run.
type runArgs struct {
	outputs, arguments       starlark.Iterable
	executable, inputs       starlark.Value
	mounts, tools, env       *starlark.Dict
	mnemonic, progress       string
	executor                 string
	workingDirectory         string
	timeout, memory, written int64 // seconds, bytes, bytes
}

// run is ctx.actions.run.
func (c *ruleContext) run(b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	r := runArgs{mnemonic: "Action", executor: "wasm"}
	if err := starlark.UnpackArgs(b.Name(), args, kwargs,
		"outputs", &r.outputs, "executable", &r.executable, "arguments??", &r.arguments, "inputs??", &r.inputs,
		"mounts??", &r.mounts, "tools??", &r.tools, "env??", &r.env, "working_directory?", &r.workingDirectory, "mnemonic?", &r.mnemonic, "progress_message?", &r.progress,
		"executor?", &r.executor, "timeout?", &r.timeout, "memory?", &r.memory, "written?", &r.written); err != nil {
		return nil, err
	}
	step, err := r.step(c.target.Label)
	if err == nil {
		err = c.add(step, slices.Collect(starlark.Elements(r.outputs)))
	}
	if d, ok := lang.AsDiagnostic(err); ok {
		d.Msg = b.Name() + ": " + d.Msg
		return nil, d
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return starlark.None, nil
}

// step returns the step that the arguments describe, without its outputs.
func (r *runArgs) step(owner label.Label) (*action.Step, error) {
	if r.timeout < 0 || r.memory < 0 || r.written < 0 {
		return nil, fmt.Errorf("timeout, memory and written may not be negative")
	}
	if r.timeout > int64(maxTimeout/time.Second) {
		return nil, fmt.Errorf("timeout is more than %s", maxTimeout)
	}
	if r.executor == "" {
		return nil, fmt.Errorf("executor is empty")
	}
	step := &action.Step{
		Owner:    owner,
		Mnemonic: r.mnemonic,
		Progress: r.progress,
		Executor: r.executor,
		Limits:   action.Limits{Timeout: time.Duration(r.timeout) * time.Second, Memory: r.memory, Written: r.written},
	}
	if step.Progress == "" {
		step.Progress = fmt.Sprintf("%s %s", step.Mnemonic, owner)
	}
	if dir := r.workingDirectory; dir != "" {
		if err := checkPlace("working_directory", dir); err != nil {
			return nil, err
		}
	}
	step.WorkingDirectory = r.workingDirectory
	var p placement
	if step.WorkingDirectory != "" {
		p.root = "/"
	}
	program, err := p.program(r.executable)
	if err != nil {
		return nil, err
	}
	arguments, err := p.commandLine(r.arguments)
	if err != nil {
		return nil, err
	}
	step.Arguments = append([]string{program}, arguments...)
	if err := p.addInputs(r.inputs); err != nil {
		return nil, err
	}
	if err := p.addMounts(r.mounts); err != nil {
		return nil, err
	}
	if err := p.addTools(r.tools); err != nil {
		return nil, err
	}
	step.Inputs = p.inputs
	if step.Env, err = p.environment(r.env); err != nil {
		return nil, err
	}
	if _, set := step.Env[searchPath]; r.tools != nil && r.tools.Len() > 0 && !set {
		if step.Env == nil {
			step.Env = map[string]string{}
		}
		step.Env[searchPath] = "/" + toolDir
	}
	return step, nil
}

// Tools are where programs that look for them by their names find them.
const (
	toolDir    = "bin"
	searchPath = "PATH"
)

// A placement is a list of inputs without duplicates.
type placement struct {
	root   string // comes before the paths of files in a command: "/", or "" for a program that starts there
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
		return p.root + v.Artifact.Path, nil
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
		if err := checkPlace("mounts", at); err != nil {
			return err
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

// checkPlace reports why a path cannot be one of the sandbox.
func checkPlace(what, at string) error {
	if fs.ValidPath(at) {
		return nil
	}
	e := diag.Errorf(diag.Position{}, "%s: %q is not a path below the root of the sandbox", what, at)
	if clean := strings.TrimPrefix(path.Clean(at), "/"); fs.ValidPath(clean) {
		return e.WithHint("write %q", clean)
	}
	return e
}

// addTools places programs where others find them by their names.
func (p *placement) addTools(tools *starlark.Dict) error {
	if tools == nil {
		return nil
	}
	for k, v := range tools.Entries() {
		name, ok := starlark.AsString(k)
		if !ok || tree.CheckName(name) != nil {
			return diag.Errorf(diag.Position{}, "tools: %s is not the name of a program", lang.Describe(k)).
				WithHint("a name has no slashes; mounts puts a file anywhere")
		}
		f, ok := v.(*lang.File)
		if !ok {
			return notFile(fmt.Sprintf("tools: %q", name), v)
		}
		p.add(path.Join(toolDir, name), f)
	}
	return nil
}

// commandLine converts arguments: strings, and Files by their paths.
func (p *placement) commandLine(arguments starlark.Iterable) ([]string, error) {
	if arguments == nil {
		return nil, nil
	}
	var args []string
	for v := range starlark.Elements(arguments) {
		switch v := v.(type) {
		case starlark.String:
			args = append(args, string(v))
		case *lang.File:
			args = append(args, p.root+v.Artifact.Path)
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
func (p *placement) environment(dict *starlark.Dict) (map[string]string, error) {
	if dict == nil || dict.Len() == 0 {
		return nil, nil
	}
	env := make(map[string]string, dict.Len())
	for k, v := range dict.Entries() {
		name, ok1 := starlark.AsString(k)
		value, ok2 := starlark.AsString(v)
		if f, ok := v.(*lang.File); ok {
			value, ok2 = p.root+f.Artifact.Path, true
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
