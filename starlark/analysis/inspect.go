package analysis

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/starlark/lang"
	"github.com/cowasm/cowasm/starlark/loading"
)

// underTest analyses a dependency of an analysis test under the transition of
// its attribute, and shows the actions of what it gives.
func (a *Analyser) underTest(ctx context.Context, dep loading.Dep, transition *lang.Transition, chain []*loading.Target) (*Target, error) {
	if transition == nil {
		transition = &lang.Transition{}
	}
	a, err := a.under(transition)
	if err != nil {
		return nil, err
	}
	target, err := a.dependency(ctx, dep, chain)
	if err != nil && transition.AllowFailures && ctx.Err() == nil {
		target, err = failedTarget(dep.Target, err), nil
	}
	if err != nil {
		return nil, err
	}
	open := *target
	open.actions = a.actionsOf(target)
	return &open, nil
}

// under returns the Analyser for the build settings of a, changed as the
// transition says. There is one for each combination of settings.
func (a *Analyser) under(transition *lang.Transition) (*Analyser, error) {
	settings := a.cfg.Settings()
	maps.Copy(settings, transition.Settings)
	if maps.Equal(settings, a.cfg.Settings()) {
		return a, nil
	}
	var key strings.Builder
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&key, "%q=%q ", name, settings[name])
	}
	if other := a.variants[key.String()]; other != nil {
		return other, nil
	}
	other, err := New(a.cfg.Workspace, settings)
	if err != nil {
		return nil, diag.Errorf(transition.Pos, "%w", err)
	}
	other.variants = a.variants
	a.variants[key.String()] = other
	return other, nil
}

// failedTarget stands for a target that could not be analysed.
func failedTarget(t *loading.Target, err error) *Target {
	var causes []starlark.Value
	for _, e := range lang.Diagnose(err) {
		causes = append(causes, lang.NewInfo(nil, map[string]starlark.Value{"message": starlark.String(e.Error())}))
	}
	// All are structs, which are hashable: this cannot fail.
	set, _ := lang.NewDepset(causes)
	return newTarget(t, []*lang.Info{lang.NewInfo(lang.AnalysisFailureInfo, map[string]starlark.Value{"causes": set})})
}

// actionsOf returns the actions that the rule of a target of a declared, as
// Starlark values.
func (a *Analyser) actionsOf(t *Target) *starlark.List {
	list := make([]starlark.Value, len(t.Steps))
	for i, s := range t.Steps {
		list[i] = a.actionValue(s)
	}
	values := starlark.NewList(list)
	values.Freeze()
	return values
}

func (a *Analyser) actionValue(s *action.Step) starlark.Value {
	inputs := make([]*action.Artifact, len(s.Inputs))
	mounts := new(starlark.Dict)
	for i, in := range s.Inputs {
		inputs[i] = in.Artifact
		if in.Path == in.Artifact.Path {
			continue
		}
		// The keys are strings and the dict is new: this cannot fail.
		at := starlark.String(in.Path)
		files, found, _ := mounts.Get(at)
		if !found {
			files = new(starlark.List)
			_ = mounts.SetKey(at, files)
		}
		_ = files.(*starlark.List).Append(a.file(in.Artifact))
	}
	argv := make([]starlark.Value, len(s.Arguments))
	for i, arg := range s.Arguments {
		argv[i] = starlark.String(arg)
	}
	env := new(starlark.Dict)
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		_ = env.SetKey(starlark.String(name), starlark.String(s.Env[name]))
	}
	content := starlark.Value(starlark.None)
	if text, ok := writtenText(s); ok {
		content = starlark.String(text)
	}
	return lang.NewInfo(lang.Action, map[string]starlark.Value{
		"argv":             starlark.NewList(argv),
		"content":          content,
		"env":              env,
		"executor":         starlark.String(s.Executor),
		"inputs":           a.fileSet(inputs),
		"mnemonic":         starlark.String(s.Mnemonic),
		"mounts":           mounts,
		"outputs":          a.fileSet(s.Outputs),
		"progress_message": starlark.String(s.Progress),
	})
}

// writtenText returns the content of a file that ctx.actions.write declared.
func writtenText(s *action.Step) (text string, ok bool) {
	n := len(s.Arguments)
	if s.Executor != "builtin" || n < 3 || s.Arguments[0] != "write@1" {
		return "", false
	}
	return s.Arguments[n-2], true
}

// fileSet returns the depset of the files of artifacts.
func (a *Analyser) fileSet(artifacts []*action.Artifact) *lang.Depset {
	files := make([]starlark.Value, len(artifacts))
	for i, artifact := range artifacts {
		files[i] = a.file(artifact)
	}
	// Files are hashable: this cannot fail.
	set, _ := lang.NewDepset(files)
	return set
}

// file returns the File of an artifact that a made.
func (a *Analyser) file(artifact *action.Artifact) *lang.File {
	if f := a.outputs[artifact.Path]; f != nil && f.Artifact == artifact {
		return f
	}
	return a.sources[artifact.Path].files().List()[0].(*lang.File)
}
