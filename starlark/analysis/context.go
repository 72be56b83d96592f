package analysis

import (
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

// A ruleContext is the value ctx that a rule's implementation is called with.
type ruleContext struct {
	analyser *Analyser
	target   *loading.Target
	attr     starlark.Value
	file     starlark.Value
	files    starlark.Value

	declared []*lang.File // in order
	steps    []*action.Step
	closed   bool // the implementation has returned
}

// newContext returns the context for t.
func (a *Analyser) newContext(t *loading.Target, deps *dependencies) *ruleContext {
	c := &ruleContext{analyser: a, target: t}
	attr, file, files := map[string]starlark.Value{}, map[string]starlark.Value{}, map[string]starlark.Value{}
	for name, v := range deps.values {
		decl := t.Rule.AttrByName(name)
		attr[name] = deps.replace(name, v)
		if !decl.Kind.HasLabels() {
			continue
		}
		var list []starlark.Value
		seen := map[starlark.Value]bool{}
		for l := range lang.Labels(v) {
			for _, f := range deps.targets[reference{name, l.Label}].files().List() {
				if !seen[f] {
					seen[f] = true
					list = append(list, f)
				}
			}
		}
		if decl.SingleFile {
			file[name] = starlark.None
			if len(list) == 1 {
				file[name] = list[0]
			}
		}
		files[name] = starlark.NewList(list)
	}
	attr["name"] = starlark.String(t.Label.Name)
	c.attr, c.file, c.files = record("ctx.attr", attr), record("ctx.file", file), record("ctx.files", files)
	return c
}

// replace returns the value of an attribute with labels replaced by targets,
// frozen.
func (d *dependencies) replace(attr string, v starlark.Value) starlark.Value {
	switch v := v.(type) {
	case lang.Label:
		return d.targets[reference{attr, v.Label}]
	case *starlark.List:
		if v.Len() == 0 {
			return v
		}
		if _, ok := v.Index(0).(lang.Label); !ok {
			return v
		}
		list := make([]starlark.Value, 0, v.Len())
		for e := range v.Elements() {
			list = append(list, d.replace(attr, e))
		}
		result := starlark.NewList(list)
		result.Freeze()
		return result
	case *starlark.Dict:
		result := starlark.NewDict(v.Len())
		for k, e := range v.Entries() {
			// Labels and strings are hashable, and the dict is new: this
			// cannot fail.
			_ = result.SetKey(d.replace(attr, k), d.replace(attr, e))
		}
		result.Freeze()
		return result
	}
	return v
}

// callRule calls the implementation of the rule of t.
func (a *Analyser) callRule(t *loading.Target, deps *dependencies) (*Target, error) {
	c := a.newContext(t, deps)
	v, err := a.cfg.Workspace.Runner(t.Label.String()).Call(t.Rule.Impl, c)
	c.closed = true
	if err != nil {
		return nil, inRule(t, err)
	}
	target, errs := c.result(v)
	if len(errs) > 0 {
		return nil, errs.Err()
	}
	return target, nil
}

// inRule adds to errors of a rule's implementation for which target it ran.
func inRule(t *loading.Target, err error) error {
	var errs diag.List
	for _, e := range lang.Diagnose(err) {
		d, ok := e.(*diag.Error)
		if !ok {
			d = diag.Errorf(t.Pos, "%w", e)
		}
		c := *d
		c.Msg += fmt.Sprintf("\n\tin rule %s for %s (%s)", t.Kind(), t.Label, t.Pos)
		errs = append(errs, &c)
	}
	return errs.Err()
}

// String returns "<ctx for LABEL>".
func (c *ruleContext) String() string { return "<ctx for " + c.target.Label.String() + ">" }

// Type returns "ctx".
func (*ruleContext) Type() string { return "ctx" }

// Freeze does nothing: what a context collects is not a Starlark value.
func (*ruleContext) Freeze() {}

// Truth returns true.
func (*ruleContext) Truth() starlark.Bool { return true }

// Hash returns an error: a context is not hashable.
func (*ruleContext) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: ctx") }

// Attr returns an attribute of ctx, by Bazel's names.
func (c *ruleContext) Attr(name string) (starlark.Value, error) {
	switch name {
	case "actions":
		return &actions{c}, nil
	case "attr":
		return c.attr, nil
	case "file":
		return c.file, nil
	case "files":
		return c.files, nil
	case "label":
		return lang.Label{Label: c.target.Label}, nil
	case "settings":
		return c.analyser.settings, nil
	}
	return nil, nil
}

// AttrNames returns the names that Attr knows.
func (*ruleContext) AttrNames() []string {
	return []string{"actions", "attr", "file", "files", "label", "settings"}
}

// A fields value is a record whose missing fields are reported with a hint.
type fields struct {
	name   string
	values map[string]starlark.Value
}

func record(name string, values map[string]starlark.Value) *fields {
	for _, v := range values {
		v.Freeze()
	}
	return &fields{name, values}
}

func (f *fields) String() string        { return "<" + f.name + ">" }
func (f *fields) Type() string          { return f.name }
func (f *fields) Freeze()               {}
func (f *fields) Truth() starlark.Bool  { return true }
func (f *fields) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: %s", f.name) }
func (f *fields) AttrNames() []string   { return slices.Sorted(maps.Keys(f.values)) }

func (f *fields) Attr(name string) (starlark.Value, error) {
	if v, ok := f.values[name]; ok {
		return v, nil
	}
	e := diag.Errorf(diag.Position{}, "%s has no field %q", f.name, name)
	if hint := lang.Suggest(name, f.AttrNames(), "it has "); hint != "" {
		return nil, e.WithHint("%s", strings.ReplaceAll(hint, "%", "%%"))
	}
	return nil, e
}
