package loading

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/lang"
)

// A Configuration is a workspace under chosen build settings: it knows which
// branch of each select holds. It is not safe for concurrent use.
type Configuration struct {
	Workspace *Workspace
	settings  map[string]string
	holds     map[label.Label]condition
}

// condition is an evaluated config_setting.
type condition struct {
	target *Target
	holds  bool
	values map[string]string
	err    error
}

// Configure chooses values of build settings by name; others have their
// defaults.
func (ws *Workspace) Configure(settings map[string]string) (*Configuration, error) {
	c := &Configuration{Workspace: ws, settings: map[string]string{}, holds: map[label.Label]condition{}}
	for _, s := range ws.settings {
		c.settings[s.Name] = s.Default
	}
	var errs diag.List
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if err := ws.checkSetting(name, settings[name]); err != nil {
			errs = append(errs, err)
		}
		c.settings[name] = settings[name]
	}
	if err := errs.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// Settings returns the values of all build settings by name.
func (c *Configuration) Settings() map[string]string { return maps.Clone(c.settings) }

// Value returns the value of a target's attribute with selects resolved. It is
// nil if the rule has no such attribute. The error has its position.
func (c *Configuration) Value(t *Target, name string) (starlark.Value, error) {
	v := t.Value(name)
	s, ok := v.(*lang.Select)
	if !ok {
		return v, nil
	}
	fail := func(err error) error {
		return placed(withContext(fmt.Sprintf("attribute %q of %s", name, t.Label), err), t.AttrPos(name)).Err()
	}
	a := t.Rule.AttrByName(name)
	v, err := s.Resolve(func(branches []lang.Branch) (int, error) { return c.choose(t, name, branches) })
	if err != nil {
		return nil, fail(err)
	}
	if v == nil && a.Mandatory {
		return nil, fail(fmt.Errorf("it is mandatory, and select gives None"))
	}
	if v == nil {
		return a.Default, nil
	}
	if problems := a.Check(v); len(problems) > 0 {
		return nil, fail(problems[0].Err)
	}
	v.Freeze()
	return v, nil
}

// choose returns the branch of a select in an attribute of t that holds: the most
// special one if several do.
func (c *Configuration) choose(t *Target, attr string, branches []lang.Branch) (int, error) {
	best, fallback := -1, -1
	var bestValues map[string]string
	for i, b := range branches {
		l := b.Condition.Label
		if l == lang.DefaultCondition {
			fallback = i
			continue
		}
		cond := c.condition(l)
		if cond.err == nil {
			cond.err = c.Workspace.checkVisible(Reference{Label: l, Target: cond.target}, t.Label.Package)
		}
		switch {
		case cond.err != nil:
			return 0, placed(withContext(fmt.Sprintf("condition %s", l), cond.err), t.LabelPos(attr, l)).Err()
		case !cond.holds:
		case best < 0 || includes(cond.values, bestValues):
			best, bestValues = i, cond.values
		case includes(bestValues, cond.values):
		default:
			if eq, err := starlark.Equal(b.Value, branches[best].Value); err != nil || !eq {
				return 0, fmt.Errorf("select: both %s and %s hold, and neither is more special", branches[best].Condition, l)
			}
		}
	}
	if best < 0 {
		best = fallback
	}
	return best, nil
}

// includes reports whether a has all entries of b.
func includes(a, b map[string]string) bool {
	for k, v := range b {
		if w, ok := a[k]; !ok || w != v {
			return false
		}
	}
	return true
}

// condition evaluates the config_setting that l names.
func (c *Configuration) condition(l label.Label) condition {
	if cond, ok := c.holds[l]; ok {
		return cond
	}
	cond := c.evalCondition(l)
	c.holds[l] = cond
	return cond
}

func (c *Configuration) evalCondition(l label.Label) condition {
	t, err := c.Workspace.Target(l)
	if err != nil {
		return condition{err: err}
	}
	if t.Rule != ConfigSetting {
		return condition{err: diag.Errorf(diag.Position{}, "it is a %s, declared at %s", t.Kind(), t.Pos).WithHint("select chooses by config_setting targets")}
	}
	cond := condition{target: t, holds: true, values: map[string]string{}}
	dict, ok := t.Value("values").(*starlark.Dict)
	if !ok {
		return condition{err: fmt.Errorf("values of a config_setting cannot depend on select")}
	}
	for _, item := range dict.Items() {
		name, _ := starlark.AsString(item[0])
		value, _ := starlark.AsString(item[1])
		if err := c.Workspace.checkSetting(name, value); err != nil {
			return condition{err: placed(err, t.call.find("values", name))[0]}
		}
		cond.values[name] = value
		cond.holds = cond.holds && c.settings[name] == value
	}
	return cond
}

// A Dep is one direct dependency of a target.
type Dep struct {
	Attr string
	Reference
	Err error // the label cannot be resolved, or may not be used here; has its position
}

// Deps returns what the attributes of a target name, by attribute and in their
// order, private attributes included.
func (c *Configuration) Deps(t *Target) ([]Dep, error) {
	var deps []Dep
	var errs diag.List
	for _, name := range slices.Sorted(maps.Keys(t.Rule.Attrs)) {
		a := t.Rule.Attrs[name]
		if !a.Kind.HasLabels() {
			continue
		}
		v, err := c.Value(t, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for l := range lang.Labels(v) {
			deps = append(deps, c.dep(t, name, l.Label))
		}
	}
	return deps, errs.Err()
}

// inAttr says which attribute an error is about. Errors that have a position,
// such as those of another BUILD file, speak for themselves.
func (c *Configuration) inAttr(t *Target, attr string, err error) error {
	var d *diag.Error
	if errors.As(err, &d) && d.Pos.File != "" {
		return err
	}
	if t.Given(attr) == nil {
		return withContext(fmt.Sprintf("the default of attribute %q of rule %s (%s)", attr, t.Kind(), t.Rule.Pos), err)
	}
	return withContext(fmt.Sprintf("attribute %q of %s", attr, t.Label), err)
}

func (c *Configuration) dep(t *Target, attr string, l label.Label) Dep {
	ref, err := c.Workspace.Resolve(l)
	// Defaults are chosen by the rule's author: whoever may use the rule may
	// use them.
	if err == nil && t.Given(attr) != nil {
		err = c.Workspace.checkVisible(ref, t.Label.Package)
	}
	if err == nil && ref.Target != nil && ref.Target.TestOnly && !t.TestOnly {
		err = diag.Errorf(diag.Position{}, "%s is for tests only", l).WithHint("make %s testonly too, or depend on something else", t.Label)
	}
	if err != nil {
		err = placed(c.inAttr(t, attr, err), t.LabelPos(attr, l)).Err()
	}
	return Dep{Attr: attr, Reference: ref, Err: err}
}
