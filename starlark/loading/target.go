package loading

import (
	"slices"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/lang"
)

// A Target is what a BUILD file declares with a rule. It is immutable.
type Target struct {
	Label    label.Label
	Rule     *lang.Rule
	Tags     []string
	TestOnly bool
	Pos      diag.Position // of the call in the BUILD file that declares it

	pkg        *Package
	attrs      map[string]starlark.Value // as given, converted and frozen
	visibility *visibility               // nil for the package's default
	call       *callSite
}

// Kind returns the name of the target's rule.
func (t *Target) Kind() string { return t.Rule.Name() }

// Manual reports whether patterns leave the target out.
func (t *Target) Manual() bool { return slices.Contains(t.Tags, "manual") }

// Given returns the value that the BUILD file gives to an attribute, which may
// be a select, or nil if it gives none.
func (t *Target) Given(name string) starlark.Value { return t.attrs[name] }

// Value returns the value of an attribute, given or default, or nil if the rule
// has no such attribute. It may be a select.
func (t *Target) Value(name string) starlark.Value {
	if v := t.attrs[name]; v != nil {
		return v
	}
	if a := t.Rule.AttrByName(name); a != nil {
		return a.Default
	}
	return nil
}

// AttrNames returns the names of all attributes that the target has, sorted.
func (t *Target) AttrNames() []string {
	var names []string
	for name := range t.Rule.Attrs {
		names = append(names, name)
	}
	for name := range lang.CommonAttrs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// AttrPos returns where the BUILD file gives the attribute, or calls the rule
// if it does not give it.
func (t *Target) AttrPos(name string) diag.Position { return t.call.find(name, "") }

// LabelPos returns where the BUILD file writes label l in an attribute, or the
// nearest place that is known.
func (t *Target) LabelPos(attr string, l label.Label) diag.Position {
	return t.call.findLabel(attr, l, t.Label.Package)
}

// Visibility returns the target's visibility in the form that a BUILD file has
// it in.
func (t *Target) Visibility() []string { return t.effectiveVisibility().strings() }

// VisibleFrom reports whether targets of package pkg may depend on t.
func (t *Target) VisibleFrom(pkg string) bool {
	return pkg == t.Label.Package || t.effectiveVisibility().allows(pkg)
}

func (t *Target) effectiveVisibility() *visibility {
	if t.visibility != nil {
		return t.visibility
	}
	return t.pkg.visibility
}
