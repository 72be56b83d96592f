package lang

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// An Info is an immutable record: an instance of a provider or, if it has
// none, a struct.
type Info struct {
	provider *Provider // nil for a struct
	names    []string  // sorted
	values   []starlark.Value
	frozen   bool
}

var (
	_ starlark.HasAttrs   = (*Info)(nil)
	_ starlark.Comparable = (*Info)(nil)
	_ starlark.HasBinary  = (*Info)(nil)
)

// NewInfo returns an instance of p, or a struct if p is nil, without regard to
// the init function.
func NewInfo(p *Provider, fields map[string]starlark.Value) *Info {
	i := &Info{provider: p, names: slices.Sorted(maps.Keys(fields))}
	i.values = make([]starlark.Value, len(i.names))
	for j, name := range i.names {
		i.values[j] = fields[name]
	}
	return i
}

// makeStruct is struct(**fields).
func makeStruct(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if len(args) > 0 {
		return nil, fmt.Errorf("%s: fields are given by name only", b.Name())
	}
	fields := make(map[string]starlark.Value, len(kwargs))
	for _, kv := range kwargs {
		fields[string(kv[0].(starlark.String))] = kv[1]
	}
	return NewInfo(nil, fields), nil
}

// Provider returns the provider that i is an instance of, nil for a struct.
func (i *Info) Provider() *Provider { return i.provider }

// Field returns the value of a field, nil if it is not set.
func (i *Info) Field(name string) starlark.Value {
	if j, ok := slices.BinarySearch(i.names, name); ok {
		return i.values[j]
	}
	return nil
}

// Attr returns the value of a field.
func (i *Info) Attr(name string) (starlark.Value, error) {
	if v := i.Field(name); v != nil {
		return v, nil
	}
	if i.provider != nil {
		if _, known := i.provider.Fields[name]; known {
			return nil, fmt.Errorf("field %q of this %s is not set", name, i.provider.Name())
		}
		if known := slices.Collect(maps.Keys(i.provider.Fields)); len(known) > 0 {
			return nil, hinted(fmt.Errorf("%s has no field %q", i.provider.Name(), name), "%s", Suggest(name, known, "its fields are "))
		}
	}
	return nil, nil
}

// AttrNames returns the names of the fields that are set, sorted.
func (i *Info) AttrNames() []string { return slices.Clone(i.names) }

// String returns "NAME(field = value, ...)".
func (i *Info) String() string {
	var b strings.Builder
	if i.provider != nil {
		b.WriteString(i.provider.Name())
	} else {
		b.WriteString("struct")
	}
	b.WriteString("(")
	for j, name := range i.names {
		if j > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name)
		b.WriteString(" = ")
		b.WriteString(i.values[j].String())
	}
	b.WriteString(")")
	return b.String()
}

// Type returns the name of the provider, or "struct".
func (i *Info) Type() string {
	if i.provider != nil {
		return i.provider.Name()
	}
	return "struct"
}

// Freeze freezes the values.
func (i *Info) Freeze() {
	if i.frozen {
		return
	}
	i.frozen = true
	for _, v := range i.values {
		v.Freeze()
	}
}

// Truth returns true.
func (*Info) Truth() starlark.Bool { return true }

// Hash returns a hash of those fields that are hashable. Leaving the others
// out lets records with lists be in a depset; equal records have equal hashes.
func (i *Info) Hash() (uint32, error) {
	var h uint32 = 7177
	for j, name := range i.names {
		if v, err := i.values[j].Hash(); err == nil {
			n, _ := starlark.String(name).Hash()
			h = h*31 + n ^ v
		}
	}
	return h, nil
}

// CompareSameType compares field by field; records of different providers differ.
func (i *Info) CompareSameType(op syntax.Token, other starlark.Value, depth int) (bool, error) {
	if op != syntax.EQL && op != syntax.NEQ {
		return false, fmt.Errorf("%s %s %s not implemented", i.Type(), op, other.Type())
	}
	o, ok := other.(*Info)
	if !ok {
		return op == syntax.NEQ, nil
	}
	equal := i == o
	if !equal && i.provider == o.provider && slices.Equal(i.names, o.names) {
		equal = true
		for j := range i.values {
			eq, err := starlark.EqualDepth(i.values[j], o.values[j], depth-1)
			if err != nil {
				return false, err
			}
			if !eq {
				equal = false
				break
			}
		}
	}
	return equal == (op == syntax.EQL), nil
}

// Binary joins two structs; the fields of the right one win.
func (i *Info) Binary(op syntax.Token, y starlark.Value, side starlark.Side) (starlark.Value, error) {
	o, ok := y.(*Info)
	if op != syntax.PLUS || !ok || i.provider != nil || o.provider != nil {
		return nil, nil
	}
	fields := map[string]starlark.Value{}
	left, right := i, o
	if side == starlark.Right {
		left, right = o, i
	}
	for _, s := range []*Info{left, right} {
		for j, name := range s.names {
			fields[name] = s.values[j]
		}
	}
	return NewInfo(nil, fields), nil
}
