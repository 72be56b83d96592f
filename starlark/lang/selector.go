package lang

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/cowasm/cowasm/internal/label"
)

// DefaultCondition is the key of select that holds if no other does.
var DefaultCondition = label.Label{Package: "conditions", Name: "default"}

// A Select is an attribute's value that depends on the build settings: the
// concatenation of its parts.
type Select struct{ parts []selectPart }

// A selectPart is a plain value or, if branches is set, a choice.
type selectPart struct {
	value    starlark.Value
	branches []Branch
	noMatch  string
}

// A Branch is one entry of a select.
type Branch struct {
	Condition Label
	Value     starlark.Value
}

var _ starlark.HasBinary = (*Select)(nil)

// makeSelect is select({condition: value, ...}, no_match_error = "").
func makeSelect(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var dict *starlark.Dict
	var noMatch string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "conditions", &dict, "no_match_error?", &noMatch); err != nil {
		return nil, err
	}
	if dict.Len() == 0 {
		return nil, fmt.Errorf("select: the dict of conditions is empty")
	}
	part := selectPart{noMatch: noMatch}
	seen := map[Label]bool{}
	for _, item := range dict.Items() {
		l, err := toLabel(item[0], targetPackage(thread))
		if err != nil {
			return nil, fmt.Errorf("select: %w", err)
		}
		if seen[l] {
			return nil, fmt.Errorf("select: condition %s is there twice", l)
		}
		seen[l] = true
		part.branches = append(part.branches, Branch{l, item[1]})
	}
	return &Select{[]selectPart{part}}, nil
}

// Conditions returns the labels that the value depends on, without duplicates.
func (s *Select) Conditions() []label.Label {
	var list []label.Label
	seen := map[label.Label]bool{DefaultCondition: true}
	for _, p := range s.parts {
		for _, b := range p.branches {
			if l := b.Condition.Label; !seen[l] {
				seen[l] = true
				list = append(list, l)
			}
		}
	}
	return list
}

// Resolve returns the concatenation of the values that choose picks, or nil if
// they are all None. choose returns the index of a branch, or a negative number
// if none holds.
func (s *Select) Resolve(choose func([]Branch) (int, error)) (starlark.Value, error) {
	var sum starlark.Value
	for _, p := range s.parts {
		v := p.value
		if p.branches != nil {
			i, err := choose(p.branches)
			if err != nil {
				return nil, err
			}
			if i < 0 {
				return nil, p.noMatchError()
			}
			v = p.branches[i].Value
		}
		if v == starlark.None {
			continue
		}
		if sum == nil {
			sum = v
			continue
		}
		op := syntax.PLUS
		if _, ok := v.(*starlark.Dict); ok {
			op = syntax.PIPE
		}
		var err error
		if sum, err = starlark.Binary(op, sum, v); err != nil {
			return nil, err
		}
	}
	return sum, nil
}

func (p selectPart) noMatchError() error {
	if p.noMatch != "" {
		return fmt.Errorf("%s", p.noMatch)
	}
	names := make([]string, len(p.branches))
	for i, b := range p.branches {
		names[i] = b.Condition.String()
	}
	return hinted(fmt.Errorf("select: no condition holds, of %s", strings.Join(names, ", ")),
		"add a %q branch", DefaultCondition.String())
}

// mapValues returns a copy of s with f applied to all values but None.
func (s *Select) mapValues(f func(starlark.Value) starlark.Value) *Select {
	apply := func(v starlark.Value) starlark.Value {
		if v == nil || v == starlark.None {
			return v
		}
		return f(v)
	}
	c := &Select{make([]selectPart, len(s.parts))}
	for i, p := range s.parts {
		q := selectPart{value: apply(p.value), noMatch: p.noMatch}
		for _, b := range p.branches {
			q.branches = append(q.branches, Branch{b.Condition, apply(b.Value)})
		}
		c.parts[i] = q
	}
	return c
}

// Binary concatenates: select + list, list + select, select | dict and so on.
func (s *Select) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	if op != syntax.PLUS && op != syntax.PIPE {
		return nil, nil
	}
	var other []selectPart
	switch y := y.(type) {
	case *Select:
		other = y.parts
	case *starlark.List, *starlark.Dict, starlark.String:
		other = []selectPart{{value: y}}
	default:
		return nil, nil
	}
	if len(s.parts)+len(other) > maxSelectParts {
		return nil, fmt.Errorf("more than %d values and selects are joined", maxSelectParts)
	}
	if side == starlark.Left {
		return &Select{concat(s.parts, other)}, nil
	}
	return &Select{concat(other, s.parts)}, nil
}

// maxSelectParts is the number of values and selects that may be joined.
const maxSelectParts = 1000

func concat(a, b []selectPart) []selectPart {
	return append(append(make([]selectPart, 0, len(a)+len(b)), a...), b...)
}

// String returns the select as Starlark.
func (s *Select) String() string {
	parts := make([]string, len(s.parts))
	for i, p := range s.parts {
		if p.branches == nil {
			parts[i] = p.value.String()
			continue
		}
		var b strings.Builder
		b.WriteString("select({")
		for j, branch := range p.branches {
			if j > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%q: %s", branch.Condition.String(), branch.Value)
		}
		b.WriteString("})")
		parts[i] = b.String()
	}
	return strings.Join(parts, " + ")
}

// Type returns "select".
func (*Select) Type() string { return "select" }

// Freeze freezes the values.
func (s *Select) Freeze() {
	for _, p := range s.parts {
		if p.value != nil {
			p.value.Freeze()
		}
		for _, b := range p.branches {
			b.Value.Freeze()
		}
	}
}

// Truth returns true: what a select is, is not known yet.
func (*Select) Truth() starlark.Bool { return true }

// Hash returns an error: a select is not hashable.
func (*Select) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: select") }
