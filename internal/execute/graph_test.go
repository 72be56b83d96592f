package execute

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/label"
)

func toyStep(name string, inputs ...*action.Artifact) *action.Artifact {
	s := &action.Step{Owner: label.Label{Name: name}}
	for _, in := range inputs {
		s.Inputs = append(s.Inputs, action.Input{Path: in.Path, Artifact: in})
	}
	out := &action.Artifact{Path: name, Producer: s}
	s.Outputs = []*action.Artifact{out}
	return out
}

func TestGraph(t *testing.T) {
	source := &action.Artifact{Path: "source"}
	a := toyStep("a", source, source)
	b := toyStep("b", a, source, a)
	c := toyStep("c", b, a, b)
	d := toyStep("d", a)
	g, err := newGraph([]*action.Artifact{c, d, source, c})
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Name        string
		Priority    int
		Deps, Users []string
	}
	names := func(nodes []*node) (names []string) {
		for _, n := range nodes {
			names = append(names, n.step.Owner.Name)
		}
		return names
	}
	var got []row
	for i, n := range g.order {
		if n.id != i {
			t.Errorf("node %d has the id %d", i, n.id)
		}
		got = append(got, row{n.step.Owner.Name, n.priority, names(n.deps), names(n.users)})
	}
	want := []row{
		{"a", 2, nil, []string{"b", "c", "d"}},
		{"b", 1, []string{"a"}, []string{"c"}},
		{"c", 0, []string{"b", "a"}, nil},
		{"d", 0, []string{"a"}, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
