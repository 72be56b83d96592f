package analysis

import (
	"fmt"
	"path"
	"strings"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/starlark/lang"
	"github.com/cowasm/cowasm/starlark/loading"
)

// result checks what an implementation returned and declared.
func (c *ruleContext) result(v starlark.Value) (*Target, diag.List) {
	t := c.target
	var errs diag.List
	report := func(format string, args ...any) {
		e := diag.Errorf(t.Rule.Pos, format, args...)
		errs = append(errs, lang.Diagnose(inRule(t, e))...)
	}
	infos, err := toInfos(v)
	if err != nil {
		report("%s: implementation: %w", t.Kind(), err)
		return nil, errs
	}
	target := newTarget(t, infos)
	target.Steps = c.steps
	var orphans []string
	for _, f := range c.declared {
		if f.Artifact.Producer == nil {
			orphans = append(orphans, f.Artifact.Path)
		}
	}
	if len(orphans) > 0 {
		report("no action makes the declared output %s", strings.Join(orphans, ", "))
	}
	for _, p := range t.Rule.Provides {
		if target.Provider(p) == nil {
			report("%s does not return the provider %s that it promises", t.Kind(), p.Name())
		}
	}
	if t.Rule.Test && target.Provider(lang.TestInfo) == nil {
		report("%s is a test rule and does not return TestInfo", t.Kind())
	}
	if t.Rule.Executable && target.Provider(lang.RunInfo) == nil {
		report("%s is an executable rule and does not return RunInfo", t.Kind())
	}
	if err := target.interpret(); err != nil {
		report("%w", err)
	}
	return target, errs
}

func toInfos(v starlark.Value) ([]*lang.Info, error) {
	var list []starlark.Value
	switch v := v.(type) {
	case starlark.NoneType:
	case *lang.Info:
		list = []starlark.Value{v}
	case *starlark.List:
		for e := range v.Elements() {
			list = append(list, e)
		}
	default:
		return nil, fmt.Errorf("it returned %s, want a list of providers", lang.Describe(v))
	}
	var infos []*lang.Info
	for _, e := range list {
		info, ok := e.(*lang.Info)
		if !ok || info.Provider() == nil {
			return nil, fmt.Errorf("it returned a list with %s, want instances of providers", lang.Describe(e))
		}
		for _, other := range infos {
			if other.Provider() == info.Provider() {
				return nil, fmt.Errorf("it returned two instances of %s", info.Provider().Name())
			}
		}
		infos = append(infos, info)
	}
	return infos, nil
}

// interpret sets what the providers known to the build say.
func (t *Target) interpret() error {
	var err error
	if info := t.Provider(lang.DefaultInfo); info != nil {
		if t.Files, err = artifacts("DefaultInfo: files", info.Field("files")); err != nil {
			return err
		}
		if _, ok := info.Field("files").(*lang.Depset); !ok {
			return fmt.Errorf("DefaultInfo: files is %s, want a depset", lang.Describe(info.Field("files")))
		}
	}
	if info := t.Provider(lang.RunInfo); info != nil {
		if t.Run, err = runSpec(info); err != nil {
			return fmt.Errorf("RunInfo: %w", err)
		}
	}
	if info := t.Provider(lang.TestInfo); info != nil {
		reports, err := artifacts("TestInfo: reports", info.Field("reports"))
		if err != nil {
			return err
		}
		if len(reports) == 0 {
			return fmt.Errorf("TestInfo: there are no reports")
		}
		t.Test = &TestSpec{reports}
	}
	return nil
}

// artifacts converts a list or depset of Files.
func artifacts(what string, v starlark.Value) ([]*action.Artifact, error) {
	var list []starlark.Value
	switch v := v.(type) {
	case nil:
	case *lang.Depset:
		list = v.List()
	case *starlark.List:
		for e := range v.Elements() {
			list = append(list, e)
		}
	default:
		return nil, fmt.Errorf("%s is %s, want Files", what, lang.Describe(v))
	}
	files := make([]*action.Artifact, 0, len(list))
	for _, e := range list {
		f, ok := e.(*lang.File)
		if !ok {
			return nil, notFile(what, e)
		}
		files = append(files, f.Artifact)
	}
	return files, nil
}

func runSpec(info *lang.Info) (*RunSpec, error) {
	executable := info.Field("executable")
	if executable == nil {
		return nil, fmt.Errorf("executable is not set")
	}
	spec := &RunSpec{}
	dir, ok := starlark.AsString(info.Field("user_directory"))
	if !ok {
		return nil, fmt.Errorf("user_directory is %s, want a path", lang.Describe(info.Field("user_directory")))
	}
	var p placement
	var err error
	if dir != "" {
		if err := checkPlace("user_directory", dir); err != nil {
			return nil, err
		}
		spec.UserDirectory, p.root = dir, "/"
	}
	if spec.Executable, err = p.program(executable); err != nil {
		return nil, err
	}
	if dir != "" && !path.IsAbs(spec.Executable) {
		spec.Executable = "/" + spec.Executable
	}
	if spec.Arguments, err = p.argumentsOf(info, "arguments"); err != nil {
		return nil, err
	}
	if spec.DefaultArguments, err = p.argumentsOf(info, "default_arguments"); err != nil {
		return nil, err
	}
	env, ok := info.Field("env").(*starlark.Dict)
	if !ok {
		return nil, fmt.Errorf("env is %s, want a dict", lang.Describe(info.Field("env")))
	}
	if spec.Env, err = p.environment(env); err != nil {
		return nil, err
	}
	if err := p.addInputs(info.Field("inputs")); err != nil {
		return nil, err
	}
	mounts, ok := info.Field("mounts").(*starlark.Dict)
	if !ok {
		return nil, fmt.Errorf("mounts is %s, want a dict", lang.Describe(info.Field("mounts")))
	}
	if err := p.addMounts(mounts); err != nil {
		return nil, err
	}
	spec.Inputs = p.inputs
	return spec, nil
}

// argumentsOf converts a field of RunInfo.
func (p *placement) argumentsOf(info *lang.Info, field string) ([]string, error) {
	list, ok := info.Field(field).(starlark.Iterable)
	if !ok {
		return nil, fmt.Errorf("%s is %s, want a list", field, lang.Describe(info.Field(field)))
	}
	return p.commandLine(list)
}

// fileGroup is the rule filegroup: the files of all its sources.
func (a *Analyser) fileGroup(t *loading.Target, deps *dependencies) (*Target, error) {
	var sets []*lang.Depset
	for l := range lang.Labels(deps.values["srcs"]) {
		sets = append(sets, deps.targets[reference{"srcs", l.Label}].files())
	}
	files, err := lang.NewDepset(nil, sets...)
	if err != nil {
		return nil, diag.Errorf(t.Pos, "%s: %w", t.Label, err)
	}
	target := newTarget(t, []*lang.Info{lang.NewInfo(lang.DefaultInfo, map[string]starlark.Value{"files": files})})
	return target, target.interpret()
}
