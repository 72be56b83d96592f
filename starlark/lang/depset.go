package lang

import (
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"
)

// The orders in which a Depset lists its elements.
const (
	orderDefault     = "default"
	orderPostorder   = "postorder"
	orderPreorder    = "preorder"
	orderTopological = "topological"
)

// maxDepsetDepth is the number of depsets that may be nested in each other, as
// in Bazel.
const maxDepsetDepth = 3500

// A Depset is a set that shares its members with the sets that it was made
// from: making one costs what is new in it. It is immutable.
type Depset struct {
	order      string
	elem       string // type of the elements, "" if there are none
	depth      int
	direct     []starlark.Value
	transitive []*Depset // none is empty
	list       []starlark.Value
	listed     bool // list is what List returns
}

var _ starlark.HasAttrs = (*Depset)(nil)

// NewDepset returns a depset of default order.
func NewDepset(direct []starlark.Value, transitive ...*Depset) (*Depset, error) {
	return newDepset(orderDefault, direct, transitive)
}

func newDepset(order string, direct []starlark.Value, transitive []*Depset) (*Depset, error) {
	d := &Depset{order: order, direct: direct, depth: 1}
	check := func(elem string) error {
		if d.elem != "" && elem != d.elem {
			return fmt.Errorf("depset: a depset of %s cannot also hold %s", d.elem, elem)
		}
		d.elem = elem
		return nil
	}
	for _, v := range direct {
		if err := check(v.Type()); err != nil {
			return nil, err
		}
		if _, err := v.Hash(); err != nil {
			return nil, fmt.Errorf("depset: elements must be immutable: %w", err)
		}
	}
	for _, t := range transitive {
		if t.order != order && t.order != orderDefault && order != orderDefault {
			return nil, fmt.Errorf("depset: order %q is incompatible with the order %q of a member", order, t.order)
		}
		if t.elem == "" {
			continue
		}
		if err := check(t.elem); err != nil {
			return nil, err
		}
		d.transitive = append(d.transitive, t)
		d.depth = max(d.depth, t.depth+1)
	}
	if len(d.direct) == 0 && len(d.transitive) == 1 && d.transitive[0].order == order {
		return d.transitive[0], nil
	}
	if d.depth > maxDepsetDepth {
		return nil, fmt.Errorf("depset: nested more than %d deep", maxDepsetDepth)
	}
	return d, nil
}

// List returns the elements without duplicates. The caller must not change it.
func (d *Depset) List() []starlark.Value {
	if len(d.transitive) == 0 && len(d.direct) <= 1 {
		return d.direct
	}
	if d.listed {
		return d.list
	}
	d.list, d.listed = d.collect(), true
	return d.list
}

func (d *Depset) collect() []starlark.Value {
	seen := map[*Depset]bool{}
	elems := starlark.NewSet(len(d.direct))
	add := func(v starlark.Value) {
		// Elements were hashed when the depset was made, and the set is not
		// shared: inserting cannot fail.
		_ = elems.Insert(v)
	}
	var visit func(d *Depset)
	visit = func(s *Depset) {
		if seen[s] {
			return
		}
		seen[s] = true
		switch d.order {
		case orderPreorder:
			for _, v := range s.direct {
				add(v)
			}
			for _, t := range s.transitive {
				visit(t)
			}
		case orderTopological: // from the right, and the result reversed
			for _, t := range slices.Backward(s.transitive) {
				visit(t)
			}
			for _, v := range slices.Backward(s.direct) {
				add(v)
			}
		default:
			for _, t := range s.transitive {
				visit(t)
			}
			for _, v := range s.direct {
				add(v)
			}
		}
	}
	visit(d)
	list := slices.Collect(elems.Elements())
	if d.order == orderTopological {
		slices.Reverse(list)
	}
	return list
}

// String returns "depset([...])".
func (d *Depset) String() string {
	var b strings.Builder
	b.WriteString("depset([")
	for i, v := range d.List() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(v.String())
	}
	b.WriteString("])")
	return b.String()
}

// Type returns "depset".
func (*Depset) Type() string { return "depset" }

// Freeze does nothing: a depset is immutable.
func (*Depset) Freeze() {}

// Truth reports whether the depset has elements.
func (d *Depset) Truth() starlark.Bool { return d.elem != "" }

// Hash returns a hash; depsets are equal only if they are the same value.
func (d *Depset) Hash() (uint32, error) {
	return uint32(31*len(d.direct) + len(d.transitive)), nil
}

// Attr returns the method to_list.
func (d *Depset) Attr(name string) (starlark.Value, error) {
	if name != "to_list" {
		return nil, nil
	}
	return starlark.NewBuiltin("to_list", func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := starlark.UnpackArgs(b.Name(), args, kwargs); err != nil {
			return nil, err
		}
		return starlark.NewList(slices.Clone(d.List())), nil
	}), nil
}

// AttrNames returns the names that Attr knows.
func (*Depset) AttrNames() []string { return []string{"to_list"} }

// makeDepset is depset(direct = [], order = "default", transitive = []).
func makeDepset(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var direct, transitive starlark.Iterable
	order := orderDefault
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "direct??", &direct, "order?", &order, "transitive??", &transitive); err != nil {
		return nil, err
	}
	switch order {
	case orderDefault, orderPostorder, orderPreorder, orderTopological:
	default:
		return nil, hinted(fmt.Errorf("depset: unknown order %q", order), "use %q, %q, %q or %q", orderDefault, orderPostorder, orderPreorder, orderTopological)
	}
	var sets []*Depset
	for _, v := range elements(transitive) {
		t, ok := v.(*Depset)
		if !ok {
			return nil, fmt.Errorf("depset: transitive holds %s, want depsets only", Describe(v))
		}
		sets = append(sets, t)
	}
	return newDepset(order, elements(direct), sets)
}

// elements returns the elements of an iterable, which may be nil.
func elements(it starlark.Iterable) []starlark.Value {
	if it == nil {
		return nil
	}
	return slices.Collect(starlark.Elements(it))
}
