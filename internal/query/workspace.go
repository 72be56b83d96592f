package query

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/lang"
	"github.com/cowasm/cowasm/starlark/loading"
)

// FromWorkspace returns the graph of the targets that the BUILD files of ws
// declare, and of the source files that they name. A value that depends on
// build settings stands for all that it can be: every branch of a select is
// followed, and so are its conditions.
func FromWorkspace(ws *loading.Workspace) Graph { return workspaceGraph{ws} }

type workspaceGraph struct{ ws *loading.Workspace }

// Targets implements Graph. Unlike in a build, targets with the tag "manual"
// count.
func (g workspaceGraph) Targets(ctx context.Context, p label.Pattern) ([]label.Label, error) {
	if p.Single() {
		ref, err := g.ws.Resolve(p.Label)
		return []label.Label{ref.Label}, err
	}
	pkgs := []string{p.Label.Package}
	if p.Recursive {
		var err error
		if pkgs, err = g.ws.Packages(p.Label.Package); err != nil {
			return nil, err
		}
	}
	var found []label.Label
	for _, path := range pkgs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		pkg, err := g.ws.Package(path)
		if err != nil {
			return nil, err
		}
		for _, t := range pkg.Targets() {
			found = append(found, t.Label)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("pattern %s matches no target", p)
	}
	return found, nil
}

// Target implements Graph.
func (g workspaceGraph) Target(_ context.Context, l label.Label) (*Target, error) {
	ref, err := g.ws.Resolve(l)
	if err != nil {
		return nil, err
	}
	if ref.Target == nil {
		return &Target{Label: l, Kind: SourceFile}, nil
	}
	return newTarget(ref.Target), nil
}

func newTarget(t *loading.Target) *Target {
	q := &Target{Label: t.Label, Kind: t.Kind() + " rule", Test: t.Rule.Test}
	for _, name := range t.AttrNames() {
		v := t.Value(name)
		if v == nil || v == starlark.None {
			continue
		}
		q.Attrs = append(q.Attrs, Attr{Name: name, Value: value(v), Text: attrText(v), Labels: labels(v)})
		if s, ok := v.(*lang.Select); ok {
			q.Conditions = append(q.Conditions, s.Conditions()...)
		}
	}
	return q
}

// labels returns the labels in an attribute's value, sorted, each once.
func labels(v starlark.Value) []label.Label {
	var list []label.Label
	add := func(v starlark.Value) {
		for l := range lang.Labels(v) {
			list = append(list, l.Label)
		}
	}
	if s, ok := v.(*lang.Select); ok {
		// What is chosen does not matter, since all branches are added here.
		v, _ = s.Resolve(func(branches []lang.Branch) (int, error) {
			for _, b := range branches {
				add(b.Value)
			}
			return 0, nil
		})
	}
	add(v)
	slices.SortFunc(list, label.Label.Compare)
	return slices.Compact(list)
}

// value returns v in a form that encoding/json can write: labels and what
// depends on build settings as text.
func value(v starlark.Value) any {
	switch v := v.(type) {
	case starlark.Bool:
		return bool(v)
	case starlark.String:
		return string(v)
	case starlark.Int:
		return v.BigInt()
	case lang.Label:
		return v.Label.String()
	case *starlark.List:
		list := make([]any, 0, v.Len())
		for e := range v.Elements() {
			list = append(list, value(e))
		}
		return list
	case *starlark.Dict:
		dict := make(map[string]any, v.Len())
		for k, e := range v.Entries() {
			dict[fmt.Sprint(value(k))] = value(e)
		}
		return dict
	}
	return v.String()
}

// attrText returns v in the form that the function attr matches.
func attrText(v starlark.Value) string {
	switch v := v.(type) {
	case starlark.String:
		return string(v)
	case starlark.Bool:
		if v {
			return "1"
		}
		return "0"
	case lang.Label:
		return v.Label.String()
	case *starlark.List:
		var parts []string
		for e := range v.Elements() {
			parts = append(parts, attrText(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *starlark.Dict:
		var parts []string
		for k, e := range v.Entries() {
			parts = append(parts, attrText(k)+"="+attrText(e))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return v.String()
}
