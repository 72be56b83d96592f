// Package analysis turns targets into actions: it calls the implementations of
// their rules, dependencies first, and collects what they declare.
//
// What it returns is immutable. Nothing is executed and no file is read but
// those that loading needs.
package analysis

import (
	"context"
	"fmt"
	"strings"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/lang"
	"github.com/cowasm/cowasm/starlark/loading"
)

// An Analyser analyses the targets of a workspace under a configuration, each
// at most once. It is not safe for concurrent use.
type Analyser struct {
	cfg      *loading.Configuration
	settings *starlark.Dict
	states   map[label.Label]*state
	sources  map[string]*Target // targets that stand for files, by path
	outputs  map[string]*lang.File
	parents  map[string]*lang.File // folders that outputs are in, with one of these
	variants map[string]*Analyser  // for other settings, by those; shared by all of them
}

// state is a target that is analysed, failed, or being analysed.
type state struct {
	target *Target
	err    error
	done   bool
}

// New returns an Analyser for ws under build settings, given by name; those that
// are not given have their defaults.
func New(ws *loading.Workspace, settings map[string]string) (*Analyser, error) {
	cfg, err := ws.Configure(settings)
	if err != nil {
		return nil, err
	}
	a := &Analyser{
		cfg:      cfg,
		settings: new(starlark.Dict),
		states:   map[label.Label]*state{},
		sources:  map[string]*Target{},
		outputs:  map[string]*lang.File{},
		parents:  map[string]*lang.File{},
		variants: map[string]*Analyser{},
	}
	values := cfg.Settings()
	for _, s := range ws.Settings() {
		// The dict is new and its keys are strings: this cannot fail.
		_ = a.settings.SetKey(starlark.String(s.Name), starlark.String(values[s.Name]))
	}
	a.settings.Freeze()
	return a, nil
}

// Analyse returns the targets with the given labels, in the same order. On
// errors it goes on with what does not depend on them, and returns the targets
// without errors together with all errors, a diag.List if there are several.
func (a *Analyser) Analyse(ctx context.Context, labels []label.Label) ([]*Target, error) {
	var targets []*Target
	var errs diag.List
	for _, l := range labels {
		if err := ctx.Err(); err != nil {
			return targets, err
		}
		t, err := a.root(ctx, l)
		if err != nil {
			errs = append(errs, lang.Diagnose(err)...)
			continue
		}
		targets = append(targets, t)
	}
	return targets, errs.Unique().Err()
}

func (a *Analyser) root(ctx context.Context, l label.Label) (*Target, error) {
	t, err := a.cfg.Workspace.Target(l)
	if err != nil {
		return nil, err
	}
	target, err := a.target(ctx, t, nil)
	if err != nil || target.Label == l {
		return target, err
	}
	// Whoever asked for an alias is answered by the name that was asked for.
	named := *target
	named.Label = l
	return &named, nil
}

// target analyses t on behalf of the chain of targets that depend on it.
func (a *Analyser) target(ctx context.Context, t *loading.Target, chain []*loading.Target) (*Target, error) {
	if s, ok := a.states[t.Label]; ok {
		if s.done {
			return s.target, s.err
		}
		return nil, cycle(append(chain, t))
	}
	if len(chain) >= maxDepth {
		return nil, diag.Errorf(t.Pos, "%s is at the end of a chain of more than %d dependencies", t.Label, maxDepth)
	}
	s := &state{}
	a.states[t.Label] = s
	s.target, s.err = a.evaluate(ctx, t, append(chain, t))
	s.done = true
	if ctx.Err() != nil {
		delete(a.states, t.Label) // a later call may succeed
	}
	return s.target, s.err
}

// maxDepth bounds chains of dependencies, since they are followed recursively.
const maxDepth = 10_000

// cycle is the error for a chain whose last target is in it before.
func cycle(chain []*loading.Target) error {
	last := chain[len(chain)-1]
	start := 0
	for chain[start] != last {
		start++
	}
	var b strings.Builder
	for _, t := range chain[start:] {
		fmt.Fprintf(&b, "\n\t%s (%s)", t.Label, t.Pos)
	}
	return diag.Errorf(last.Pos, "targets depend on each other:%s", b.String())
}

func (a *Analyser) evaluate(ctx context.Context, t *loading.Target, chain []*loading.Target) (*Target, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	deps, errs := a.dependencies(ctx, t, chain)
	if len(errs) > 0 {
		return nil, errs.Err()
	}
	switch t.Rule {
	case loading.Alias:
		// As in Bazel, an alias is its target to all who look at it.
		l := deps.values["actual"].(lang.Label)
		return deps.targets[reference{"actual", l.Label}], nil
	case loading.ConfigSetting:
		return newTarget(t, nil), nil
	case loading.FileGroup:
		return a.fileGroup(t, deps)
	}
	return a.callRule(t, deps)
}

// dependencies are the analysed direct dependencies of a target.
type dependencies struct {
	targets map[reference]*Target
	values  map[string]starlark.Value // of all attributes, with labels as Label values
}

// A reference is a label in an attribute.
type reference struct {
	attr  string
	label label.Label
}

// dependencies analyses all that t depends on, and reports all errors.
func (a *Analyser) dependencies(ctx context.Context, t *loading.Target, chain []*loading.Target) (*dependencies, diag.List) {
	d := &dependencies{targets: map[reference]*Target{}, values: map[string]starlark.Value{}}
	var errs diag.List
	for _, name := range t.AttrNames() {
		v, err := a.cfg.Value(t, name)
		if err != nil {
			// Deps reports those of attributes with labels.
			if !t.Rule.AttrByName(name).Kind.HasLabels() {
				errs = append(errs, lang.Diagnose(err)...)
			}
			continue
		}
		d.values[name] = v
	}
	deps, err := a.cfg.Deps(t)
	errs = append(errs, lang.Diagnose(err)...)
	for _, dep := range deps {
		if dep.Err != nil {
			errs = append(errs, dep.Err)
			continue
		}
		target, err := a.attrDependency(ctx, t, dep, chain)
		if err != nil {
			errs = append(errs, lang.Diagnose(err)...)
			continue
		}
		if err := checkDependency(t, dep, target); err != nil {
			errs = append(errs, err)
			continue
		}
		d.targets[reference{dep.Attr, dep.Label}] = target
	}
	// Dependencies that failed for the same reason tell it once.
	return d, errs.Unique()
}

// attrDependency analyses a dependency of t as its attribute wants it.
func (a *Analyser) attrDependency(ctx context.Context, t *loading.Target, dep loading.Dep, chain []*loading.Target) (*Target, error) {
	if t.Rule.Analysis {
		return a.underTest(ctx, dep, t.Rule.AttrByName(dep.Attr).Transition, chain)
	}
	return a.dependency(ctx, dep, chain)
}

func (a *Analyser) dependency(ctx context.Context, dep loading.Dep, chain []*loading.Target) (*Target, error) {
	if dep.Target != nil {
		return a.target(ctx, dep.Target, chain)
	}
	if t := a.sources[dep.File]; t != nil {
		return t, nil
	}
	f := &lang.File{Source: true, Artifact: &action.Artifact{Path: dep.File, Owner: dep.Label}}
	t, err := sourceTarget(dep.Label, f)
	a.sources[dep.File] = t
	return t, err
}

// checkDependency reports whether an attribute takes the target that it names.
func checkDependency(t *loading.Target, dep loading.Dep, target *Target) error {
	decl := t.Rule.AttrByName(dep.Attr)
	fail := func(format string, args ...any) *diag.Error {
		return diag.Errorf(t.LabelPos(dep.Attr, dep.Label), "attribute %q of %s: %s", strings.TrimPrefix(dep.Attr, "_"), t.Label, fmt.Sprintf(format, args...))
	}
	if dep.Target == nil && !decl.AcceptsFile(dep.File) {
		if !decl.AllowFiles {
			return fail("%s is a file; the attribute takes targets only", dep.File)
		}
		return fail("file %s is not of the kind that the attribute takes", dep.File).
			WithHint("it takes %s", strings.Join(decl.Extensions, ", "))
	}
	if decl.SingleFile && len(target.Files) != 1 {
		return fail("%s stands for %d files; the attribute takes one", dep.Label, len(target.Files))
	}
	if dep.Target != nil && decl.AllowFiles && decl.Extensions != nil {
		for _, f := range target.Files {
			if !f.Directory && !decl.AcceptsFile(f.Path) {
				return fail("%s makes %s, which is not of the kind that the attribute takes", dep.Label, f.Path).
					WithHint("it takes %s", strings.Join(decl.Extensions, ", "))
			}
		}
	}
	if decl.Providers == nil || dep.Target == nil {
		return nil
	}
	var missing []string
	for _, set := range decl.Providers {
		lacks := ""
		for _, p := range set {
			if target.Provider(p) == nil {
				lacks = p.Name()
				break
			}
		}
		if lacks == "" {
			return nil
		}
		missing = append(missing, lacks)
	}
	return fail("%s (a %s) does not provide %s", dep.Label, target.Kind, strings.Join(missing, " or "))
}
