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
			params = append(params, "allow_files??", &files, "providers??", &providers)
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

// A Problem is what is wrong with an attribute's value.
type Problem struct {
	At  string // the string in the value that is wrong, "" if it is not just one
	Err error
}

// Convert checks a value that a BUILD file of package pkg gives to the
// attribute, and returns it with labels as Label values. Selects are converted
// branch by branch. It reports every problem that it finds.
func (a *Attr) Convert(v starlark.Value, pkg string) (starlark.Value, []Problem) {
	s, ok := v.(*Select)
	if !ok {
		converted, problems := a.convert(v, pkg)
		if len(problems) == 0 {
			problems = a.Check(converted)
		}
		return converted, problems
	}
	var problems []Problem
	converted := s.mapValues(func(v starlark.Value) starlark.Value {
		c, p := a.convert(v, pkg)
		problems = append(problems, p...)
		return c
	})
	return converted, problems
}

// Check reports whether a converted value, whose selects are resolved, is
// among the allowed ones.
func (a *Attr) Check(v starlark.Value) []Problem {
	if a.Values != nil && v != starlark.None {
		names := make([]string, len(a.Values))
		for i, w := range a.Values {
			if eq, err := starlark.Equal(v, w); err == nil && eq {
				return nil
			}
			names[i] = w.String()
		}
		s, _ := starlark.AsString(v)
		err := fmt.Errorf("%s is not an allowed value", v)
		return []Problem{{s, hinted(err, "it may be %s", strings.Join(names, ", "))}}
	}
	if n := starlark.Len(v); !a.AllowEmpty && n == 0 {
		return []Problem{{"", fmt.Errorf("it may not be empty")}}
	}
	return nil
}

// convert converts a value that is not a select.
func (a *Attr) convert(v starlark.Value, pkg string) (starlark.Value, []Problem) {
	switch a.Kind {
	case String:
		if _, ok := v.(starlark.String); ok {
			return v, nil
		}
	case Int:
		if n, ok := v.(starlark.Int); ok {
			if _, small := n.Int64(); small {
				return v, nil
			}
			return nil, []Problem{{"", fmt.Errorf("the number has more than 64 bits")}}
		}
	case Bool:
		switch v := v.(type) {
		case starlark.Bool:
			return v, nil
		case starlark.Int:
			if n, ok := v.Int64(); ok && (n == 0 || n == 1) {
				return starlark.Bool(n == 1), nil
			}
		}
	case LabelKind:
		if v == starlark.None {
			return v, nil
		}
		return labelItem(v, pkg)
	case StringList:
		return convertList(v, stringItem, a)
	case LabelList:
		return convertList(v, func(v starlark.Value) (starlark.Value, []Problem) { return labelItem(v, pkg) }, a)
	default:
		return a.convertDict(v, pkg)
	}
	return nil, []Problem{a.mismatch(v)}
}

func (a *Attr) mismatch(v starlark.Value) Problem {
	err := fmt.Errorf("want %s, got %s", kinds[a.Kind], Describe(v))
	if s, ok := v.(starlark.String); ok && (a.Kind == StringList || a.Kind == LabelList) && len(s) < 60 {
		return Problem{string(s), hinted(err, "write [%s]", s)}
	}
	return Problem{"", err}
}

type itemConverter func(starlark.Value) (starlark.Value, []Problem)

func stringItem(v starlark.Value) (starlark.Value, []Problem) {
	if _, ok := v.(starlark.String); !ok {
		return nil, []Problem{{"", fmt.Errorf("want a string, got %s", Describe(v))}}
	}
	return v, nil
}

func labelItem(v starlark.Value, pkg string) (starlark.Value, []Problem) {
	l, err := toLabel(v, pkg)
	if err != nil {
		s, _ := starlark.AsString(v)
		return nil, []Problem{{s, err}}
	}
	return l, nil
}

func stringListItem(v starlark.Value) (starlark.Value, []Problem) {
	return convertList(v, stringItem, &Attr{Kind: StringList})
}

func convertList(v starlark.Value, item itemConverter, a *Attr) (starlark.Value, []Problem) {
	var problems []Problem
	seq, ok := v.(starlark.Sequence)
	if _, isDict := v.(starlark.Mapping); !ok || isDict {
		return nil, []Problem{a.mismatch(v)}
	}
	list := make([]starlark.Value, 0, seq.Len())
	for e := range starlark.Elements(seq) {
		c, p := item(e)
		problems = append(problems, p...)
		list = append(list, c)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return starlark.NewList(list), nil
}

func (a *Attr) convertDict(v starlark.Value, pkg string) (starlark.Value, []Problem) {
	dict, ok := v.(*starlark.Dict)
	if !ok {
		return nil, []Problem{a.mismatch(v)}
	}
	label := func(v starlark.Value) (starlark.Value, []Problem) { return labelItem(v, pkg) }
	var key, value itemConverter = stringItem, stringItem
	switch a.Kind {
	case StringListDict:
		value = stringListItem
	case LabelKeyedStringDict:
		key = label
	case StringKeyedLabelDict:
		value = label
	}
	var problems []Problem
	converted := starlark.NewDict(dict.Len())
	for _, kv := range dict.Items() {
		k, p := key(kv[0])
		problems = append(problems, p...)
		w, q := value(kv[1])
		problems = append(problems, q...)
		if len(p)+len(q) > 0 {
			continue
		}
		if _, there, _ := converted.Get(k); there {
			s, _ := starlark.AsString(kv[0])
			problems = append(problems, Problem{s, fmt.Errorf("%s is there twice", k)})
		}
		// The key is a string or a Label and the dict is ours: this cannot fail.
		_ = converted.SetKey(k, w)
	}
	return converted, problems
}

// Labels calls yield for each label in a converted value without selects, until
// it returns false.
func Labels(v starlark.Value, yield func(Label) bool) {
	switch v := v.(type) {
	case Label:
		yield(v)
	case *starlark.List:
		for e := range v.Elements() {
			if l, ok := e.(Label); ok && !yield(l) {
				return
			}
		}
	case *starlark.Dict:
		for k, e := range v.Entries() {
			if l, ok := k.(Label); ok && !yield(l) {
				return
			}
			if l, ok := e.(Label); ok && !yield(l) {
				return
			}
		}
	}
}
