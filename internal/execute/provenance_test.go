package execute_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/label"
)

func TestProvenance(t *testing.T) {
	w := newWorld(t)
	src := w.source("src", "text")
	base := w.step("base", src)
	left, right := w.step("left", base), w.step("right", base)
	top := w.step("top", left, right)
	w.step("unrelated", src)

	list := &action.Artifact{Path: "out/keys"}
	list.Producer = &action.Step{
		Owner: label.Label{Package: "p", Name: "keys"}, Executor: execute.Provenance,
		Inputs:  []action.Input{{Path: top.Path, Artifact: top}},
		Outputs: []*action.Artifact{list},
	}
	after := w.step("after", list)

	o := w.run(after)
	var want []string
	for _, a := range []*action.Artifact{base, left, right, top} {
		want = append(want, o.Steps[a.Producer].Key.String())
	}
	slices.Sort(want)
	got := strings.Split(strings.TrimSuffix(w.content(o, list), "\n"), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys behind %s (-want +got):\n%s", top.Path, diff)
	}
	if o := w.run(after); o.Executed != 0 {
		t.Errorf("the second run executed %d steps, want none", o.Executed)
	}
}

func TestProvenanceOfDirectory(t *testing.T) {
	w := newWorld(t)
	dir := &action.Artifact{Path: "out/keys", Directory: true}
	dir.Producer = &action.Step{
		Owner: label.Label{Package: "p", Name: "keys"}, Executor: execute.Provenance,
		Outputs: []*action.Artifact{dir},
	}
	o, err := execute.Run(t.Context(), w.options(), []*action.Artifact{dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Failures) != 1 || !strings.Contains(o.Failures[0].Error(), "makes one file") {
		t.Errorf("failures are %v, want one that says that it makes one file", o.Failures)
	}
}
