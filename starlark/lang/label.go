package lang

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/label"
)

// A Label is the Starlark value of a label. It has the attributes package and
// name and prints as "//package:name".
type Label struct{ label.Label }

var _ starlark.HasAttrs = Label{}

// Type returns "Label".
func (Label) Type() string { return "Label" }

// Freeze does nothing: a label is immutable.
func (Label) Freeze() {}

// Truth returns true.
func (Label) Truth() starlark.Bool { return true }

// Hash returns the hash of the canonical form.
func (l Label) Hash() (uint32, error) { return starlark.String(l.String()).Hash() }

// Attr returns l.package or l.name.
func (l Label) Attr(name string) (starlark.Value, error) {
	switch name {
	case "package":
		return starlark.String(l.Package), nil
	case "name":
		return starlark.String(l.Name), nil
	}
	return nil, nil
}

// AttrNames returns the names that Attr knows.
func (Label) AttrNames() []string { return []string{"name", "package"} }

// makeLabel is Label(string): a relative label is one of the package of the
// file that calls it.
func makeLabel(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var v starlark.Value
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "label", &v); err != nil {
		return nil, err
	}
	return toLabel(v, callerPackage(thread))
}

// toLabel converts a string, relative to pkg, or a Label.
func toLabel(v starlark.Value, pkg string) (Label, error) {
	switch v := v.(type) {
	case Label:
		return v, nil
	case starlark.String:
		l, err := label.Parse(string(v), pkg)
		return Label{l}, err
	}
	return Label{}, fmt.Errorf("want a label, got %s", Describe(v))
}
