package lang

import (
	"fmt"
	"iter"
	"strings"

	"go.starlark.net/starlark"
)

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

// Labels returns the labels in a converted value without selects, in order.
func Labels(v starlark.Value) iter.Seq[Label] {
	return func(yield func(Label) bool) {
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
				for _, x := range []starlark.Value{k, e} {
					if l, ok := x.(Label); ok && !yield(l) {
						return
					}
				}
			}
		}
	}
}
