package lang

import (
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// A Kind is the type of an attribute, named as its function of the attr module.
type Kind string

// The kinds of attributes.
const (
	String               Kind = "string"
	Int                  Kind = "int"
	Bool                 Kind = "bool"
	StringList           Kind = "string_list"
	StringDict           Kind = "string_dict"
	StringListDict       Kind = "string_list_dict"
	LabelKind            Kind = "label"
	LabelList            Kind = "label_list"
	LabelKeyedStringDict Kind = "label_keyed_string_dict"
	StringKeyedLabelDict Kind = "string_keyed_label_dict"
)

// kinds are all kinds, and what each holds in words.
var kinds = map[Kind]string{
	String:               "a string",
	Int:                  "an integer",
	Bool:                 "True or False",
	StringList:           "a list of strings",
	StringDict:           "a dict from strings to strings",
	StringListDict:       "a dict from strings to lists of strings",
	LabelKind:            "a label",
	LabelList:            "a list of labels",
	LabelKeyedStringDict: "a dict from labels to strings",
	StringKeyedLabelDict: "a dict from strings to labels",
}

// HasLabels reports whether values of the kind hold labels.
func (k Kind) HasLabels() bool { return strings.Contains(string(k), "label") }

// An Attr is the declaration of an attribute of a rule.
type Attr struct {
	Kind       Kind
	Doc        string
	Default    starlark.Value // converted; None for a label without one
	Mandatory  bool
	AllowEmpty bool
	Values     []starlark.Value // allowed ones; nil if all are

	// For kinds with labels:
	AllowFiles bool
	Extensions []string // of the files allowed; nil if all are
	SingleFile bool     // each target stands for one file
	// Providers are sets of which a target must have one completely.
	Providers [][]*Provider
	// Transition says how the targets are analysed; nil for as the target itself.
	Transition *Transition
}

// attrModule is the global attr.
func attrModule() *starlarkstruct.Module {
	m := &starlarkstruct.Module{Name: "attr", Members: starlark.StringDict{}}
	for kind := range kinds {
		m.Members[string(kind)] = starlark.NewBuiltin("attr."+string(kind), makeAttr(kind))
	}
	return m
}

func makeAttr(kind Kind) func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
	return func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		a := &Attr{Kind: kind, AllowEmpty: true}
		var def, files, single starlark.Value
		var values, providers *starlark.List
		if len(args) > 0 {
			return nil, fmt.Errorf("%s: arguments are given by name only", b.Name())
		}
		params := []any{"default??", &def, "doc?", &a.Doc, "mandatory?", &a.Mandatory}
		switch kind {
		case String, Int:
			params = append(params, "values??", &values)
		case Bool:
		default:
			params = append(params, "allow_empty?", &a.AllowEmpty)
		}
		if kind.HasLabels() {
			params = append(params, "allow_files??", &files, "providers??", &providers, "cfg??", &a.Transition)
		}
		if kind == LabelKind {
			params = append(params, "allow_single_file??", &single)
		}
		if err := starlark.UnpackArgs(b.Name(), args, kwargs, params...); err != nil {
			return nil, err
		}
		if err := a.setFiles(files, single); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		if err := a.setProviders(providers); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name(), err)
		}
		a.Default = a.zero()
		if def != nil {
			v, errs := a.convert(def, callerPackage(thread))
			if len(errs) > 0 {
				return nil, fmt.Errorf("%s: default: %w", b.Name(), errs[0].Err)
			}
			a.Default = v
		}
		a.Default.Freeze()
		if values != nil {
			for v := range values.Elements() {
				converted, errs := a.convert(v, "")
				if len(errs) > 0 {
					return nil, fmt.Errorf("%s: values: %w", b.Name(), errs[0].Err)
				}
				a.Values = append(a.Values, converted)
			}
			if problems := a.Check(a.Default); def != nil && len(problems) > 0 {
				return nil, fmt.Errorf("%s: default: %w", b.Name(), problems[0].Err)
			}
		}
		return a, nil
	}
}

func (a *Attr) setFiles(files, single starlark.Value) error {
	v := files
	if single != nil {
		if files != nil {
			return fmt.Errorf("allow_files and allow_single_file exclude each other")
		}
		v, a.SingleFile = single, true
	}
	switch v := v.(type) {
	case nil:
	case starlark.Bool:
		a.AllowFiles = bool(v)
	case *starlark.List:
		a.AllowFiles = true
		for e := range v.Elements() {
			ext, ok := starlark.AsString(e)
			if !ok || !strings.HasPrefix(ext, ".") {
				return fmt.Errorf("allow_files holds %s, want extensions such as \".c\"", Describe(e))
			}
			a.Extensions = append(a.Extensions, ext)
		}
	default:
		return fmt.Errorf("allow_files is %s, want True, False or a list of extensions", Describe(v))
	}
	return nil
}

func (a *Attr) setProviders(list *starlark.List) error {
	if list == nil || list.Len() == 0 {
		return nil
	}
	if _, ok := list.Index(0).(*Provider); ok {
		set, err := providerList(list)
		a.Providers = [][]*Provider{set}
		return err
	}
	for v := range list.Elements() {
		inner, ok := v.(*starlark.List)
		if !ok {
			return fmt.Errorf("providers holds %s, want providers, or lists of them", Describe(v))
		}
		set, err := providerList(inner)
		if err != nil {
			return err
		}
		a.Providers = append(a.Providers, set)
	}
	return nil
}

func providerList(list *starlark.List) ([]*Provider, error) {
	var set []*Provider
	if list == nil {
		return nil, nil
	}
	for v := range list.Elements() {
		p, ok := v.(*Provider)
		if !ok {
			return nil, fmt.Errorf("providers holds %s, want providers", Describe(v))
		}
		set = append(set, p)
	}
	return set, nil
}

// zero returns the value of an attribute that has no default and is not given.
func (a *Attr) zero() starlark.Value {
	switch a.Kind {
	case String:
		return starlark.String("")
	case Int:
		return starlark.MakeInt(0)
	case Bool:
		return starlark.False
	case LabelKind:
		return starlark.None
	case StringList, LabelList:
		return new(starlark.List)
	}
	return new(starlark.Dict)
}

// AcceptsFile reports whether a file of the given name may be given.
func (a *Attr) AcceptsFile(name string) bool {
	return a.AllowFiles && (a.Extensions == nil ||
		slices.ContainsFunc(a.Extensions, func(ext string) bool { return strings.HasSuffix(name, ext) }))
}

// String returns "<attr.KIND>".
func (a *Attr) String() string { return "<attr." + string(a.Kind) + ">" }

// Type returns "Attribute".
func (*Attr) Type() string { return "Attribute" }

// Freeze does nothing: an Attr is immutable.
func (*Attr) Freeze() {}

// Truth returns true.
func (*Attr) Truth() starlark.Bool { return true }

// Hash returns an error: an attribute is not hashable.
func (*Attr) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: Attribute") }
