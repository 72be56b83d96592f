package lang

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/diag"
)

// A Rule is a kind of target. Called in a BUILD file or a macro, it declares a
// target.
type Rule struct {
	Doc        string
	Attrs      map[string]*Attr  // without those that all rules have
	Impl       starlark.Callable // called with ctx; nil for the rules built in
	Test       bool              // its targets are tests
	Analysis   bool              // of how targets are analysed: they see the actions of what they depend on
	Executable bool              // its targets can be run
	Provides   []*Provider       // that Impl must return
	Pos        diag.Position     // of the definition

	name string // that it was exported as; "" until its module is loaded
}

var _ starlark.Callable = (*Rule)(nil)

// CommonAttrs are the attributes that all rules have.
var CommonAttrs = completed(map[string]*Attr{
	"name":       {Kind: String, Mandatory: true, Doc: "The target's name."},
	"visibility": {Kind: StringList, Doc: "The packages that may depend on the target."},
	"tags":       {Kind: StringList, Doc: `Free words; "manual" keeps the target out of patterns.`},
	"testonly":   {Kind: Bool, Doc: "Only tests and testonly targets may depend on it."},
})

// A Declarer takes the targets that a BUILD file declares.
type Declarer interface {
	// PackagePath returns the package, relative to the workspace.
	PackagePath() string
	// Declare takes a target. An error stops the file; mistakes in the
	// attributes had better be collected.
	Declare(thread *starlark.Thread, rule *Rule, kwargs []starlark.Tuple) error
}

// BuiltinRule returns a rule that analysis knows by its name.
func BuiltinRule(name, doc string, attrs map[string]*Attr) *Rule {
	return &Rule{name: name, Doc: doc, Attrs: completed(attrs)}
}

// completed sets what attributes that are declared in Go leave out.
func completed(attrs map[string]*Attr) map[string]*Attr {
	for _, a := range attrs {
		a.AllowEmpty = true
		a.Default = a.zero()
		a.Default.Freeze()
	}
	return attrs
}

// makeRule is rule(implementation, attrs = {}, doc = "", test = False,
// executable = False, provides = [], analysis_test = False).
func makeRule(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	r := &Rule{Pos: callerPosition(thread), Attrs: map[string]*Attr{}}
	var impl *starlark.Function
	var attrs *starlark.Dict
	var provides *starlark.List
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "implementation", &impl, "attrs??", &attrs, "doc?", &r.Doc,
		"test?", &r.Test, "executable?", &r.Executable, "provides??", &provides,
		"analysis_test?", &r.Analysis); err != nil {
		return nil, err
	}
	if impl.NumParams() != 1 {
		return nil, fmt.Errorf("rule: implementation %s has %d parameters, want one, ctx", impl.Name(), impl.NumParams())
	}
	r.Impl = impl
	r.Test = r.Test || r.Analysis
	var err error
	if r.Provides, err = providerList(provides); err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	if attrs == nil {
		return r, nil
	}
	for _, item := range attrs.Items() {
		name, ok := starlark.AsString(item[0])
		if !ok || !isIdentifier(name) {
			return nil, fmt.Errorf("rule: %s is not a name for an attribute", Describe(item[0]))
		}
		a, ok := item[1].(*Attr)
		if !ok {
			return nil, hinted(fmt.Errorf("rule: attribute %q is %s, want an attribute", name, Describe(item[1])), "write attr.string(), attr.label_list() or the like")
		}
		if CommonAttrs[name] != nil {
			return nil, fmt.Errorf("rule: all rules have the attribute %q", name)
		}
		if a.Transition != nil && !r.Analysis {
			return nil, fmt.Errorf("rule: attribute %q has cfg, which is for rules with analysis_test = True", name)
		}
		if strings.HasPrefix(name, "_") && (!a.Kind.HasLabels() || a.Mandatory) {
			return nil, fmt.Errorf("rule: private attribute %q must be a label with a default", name)
		}
		r.Attrs[name] = a
	}
	return r, nil
}

func isIdentifier(s string) bool {
	for i, c := range s {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || '9' < c) {
			return false
		}
	}
	return s != ""
}

// CallInternal declares a target.
func (r *Rule) CallInternal(thread *starlark.Thread, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	d := scopeOf(thread).Declarer
	if d == nil {
		return nil, fmt.Errorf("%s: targets can be declared only while a BUILD file is loaded", r.Name())
	}
	if len(args) > 0 {
		return nil, hinted(fmt.Errorf("%s: attributes are given by name only", r.Name()), "write name = %s", args[0])
	}
	if r.name == "" {
		return nil, hinted(fmt.Errorf("a rule that is not a global of its .bzl file cannot be used"), "assign it to a name at the top level of the file at %s", r.Pos)
	}
	return starlark.None, d.Declare(thread, r, kwargs)
}

// AttrByName returns the declaration of an attribute, nil if the rule has none of
// that name.
func (r *Rule) AttrByName(name string) *Attr {
	if a := r.Attrs[name]; a != nil {
		return a
	}
	return CommonAttrs[name]
}

// UnknownAttr returns the error for an attribute that r does not have.
func (r *Rule) UnknownAttr(name string) error {
	var known []string
	for name := range r.Attrs {
		if !strings.HasPrefix(name, "_") {
			known = append(known, name)
		}
	}
	known = slices.AppendSeq(known, maps.Keys(CommonAttrs))
	return hinted(fmt.Errorf("%s has no attribute %q", r.Name(), name), "%s", Suggest(name, known, "its attributes are "))
}

// Name returns the name that the rule was exported as by its module.
func (r *Rule) Name() string {
	if r.name == "" {
		return "rule"
	}
	return r.name
}

// String returns "<rule NAME>".
func (r *Rule) String() string { return "<rule " + r.Name() + ">" }

// Type returns "rule".
func (*Rule) Type() string { return "rule" }

// Freeze freezes the implementation.
func (r *Rule) Freeze() {
	if r.Impl != nil {
		r.Impl.Freeze()
	}
}

// Truth returns true.
func (*Rule) Truth() starlark.Bool { return true }

// Hash returns the hash of the place where the rule is defined.
func (r *Rule) Hash() (uint32, error) { return starlark.String(r.Name() + r.Pos.String()).Hash() }

// Export names the rules and providers among the globals of a module after
// the first variable that holds each.
func Export(globals starlark.StringDict) {
	for _, name := range globals.Keys() {
		switch v := globals[name].(type) {
		case *Rule:
			if v.name == "" {
				v.name = name
			}
		case *Provider:
			if v.name == "" {
				v.name = name
			}
		}
	}
}
