package execute_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/label"
)

// expanded returns the only output of a step that is to be expanded.
func (w *world) expanded(name string, inputs ...*action.Artifact) *action.Artifact {
	out := w.step(name, inputs...)
	out.Producer.Executor = execute.Expand
	out.Producer.Arguments = []string{"toy"}
	return out
}

// split is an expander: a step for each word in the names of the inputs, and one
// over them all.
func (w *world) split(_ context.Context, s *action.Step, _ digest.Digest) (*action.Step, error) {
	body := &action.Step{
		Owner: s.Owner, Mnemonic: s.Mnemonic, Executor: "toy", Arguments: []string{s.Owner.Name}, Outputs: s.Outputs,
	}
	for _, in := range s.Inputs {
		for word := range strings.SplitSeq(in.Artifact.Path, "-") {
			part := w.step(word, in.Artifact)
			body.Inputs = append(body.Inputs, action.Input{Path: part.Path, Artifact: part})
		}
	}
	return body, nil
}

func (w *world) expanding(e execute.Expander) execute.Options {
	opts := w.options()
	opts.Expanders = map[string]execute.Expander{"toy": e}
	return opts
}

func TestExpand(t *testing.T) {
	w := newWorld(t)
	tree := w.expanded("tree", w.source("a-b", "src"))
	list := &action.Artifact{Path: "out/keys"}
	list.Producer = &action.Step{
		Owner: label.Label{Package: "p", Name: "keys"}, Executor: execute.Provenance,
		Inputs:  []action.Input{{Path: tree.Path, Artifact: tree}},
		Outputs: []*action.Artifact{list},
	}
	user := w.step("user", tree)
	sink := &recorder{}
	opts := w.expanding(w.split)
	opts.Events = sink
	o, err := execute.Run(t.Context(), opts, []*action.Artifact{user, list})
	if err != nil || len(o.Failures) > 0 {
		t.Fatal(err, o.Failures)
	}
	if got, want := w.content(o, user), "user(tree(a(src)b(src)))"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if diff := cmp.Diff([]string{"a", "b", "keys", "tree", "user"}, names(o)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if o.Executed != 4 {
		t.Errorf("%d steps were executed, want 4", o.Executed)
	}
	var keys []string
	for s, f := range o.Steps {
		if s.Owner.Name != "user" && s.Owner.Name != "keys" {
			keys = append(keys, f.Key.String())
		}
	}
	slices.Sort(keys)
	if diff := cmp.Diff(strings.Join(keys, "\n")+"\n", w.content(o, list)); diff != "" {
		t.Errorf("keys behind the tree (-want +got):\n%s", diff)
	}
	if n := slices.Index(sink.events, event.Event(event.Expanded{Actions: 2})); n < 0 {
		t.Errorf("no event tells that two actions joined")
	}
	ids := map[int]string{}
	for _, e := range sink.events {
		if e, ok := e.(event.ActionFinished); ok {
			if other, ok := ids[e.ID]; ok {
				t.Errorf("%s and %s are both action %d", other, e.Owner, e.ID)
			}
			ids[e.ID] = e.Owner.Name
		}
	}

	o, err = execute.Run(t.Context(), w.expanding(w.split), []*action.Artifact{user, list})
	if err != nil || o.Executed != 0 {
		t.Errorf("the second run executed %d steps, want none; %v", o.Executed, err)
	}
}

// Two expansions may come to the same actions, and one to nothing but its body.
func TestExpandTheSame(t *testing.T) {
	w := newWorld(t)
	x := w.source("a-b-c", "src")
	one, two, none := w.expanded("one", x), w.expanded("two", x), w.expanded("none")
	o, err := execute.Run(t.Context(), w.expanding(w.split), []*action.Artifact{one, two, none})
	if err != nil || len(o.Failures) > 0 {
		t.Fatal(err, o.Failures)
	}
	if o.Executed+o.Cached != 9 || len(o.Steps) != 9 {
		t.Errorf("%d steps were executed and %d cached, want 9 in all", o.Executed, o.Cached)
	}
}

func TestExpandMistakes(t *testing.T) {
	w := newWorld(t)
	circle := func(_ context.Context, s *action.Step, _ digest.Digest) (*action.Step, error) {
		a, b := w.step("a"), w.step("b")
		a.Producer.Inputs = []action.Input{{Path: "b", Artifact: b}}
		b.Producer.Inputs = []action.Input{{Path: "a", Artifact: a}}
		return &action.Step{Owner: s.Owner, Outputs: s.Outputs, Inputs: a.Producer.Inputs}, nil
	}
	for _, test := range []struct {
		name     string
		change   func(*action.Step)
		expander execute.Expander
		want     string
	}{
		{"an error", nil, func(context.Context, *action.Step, digest.Digest) (*action.Step, error) {
			return nil, fmt.Errorf("line 3 is wrong")
		}, "//p:tree: Toy: line 3 is wrong"},
		{"other outputs", nil, func(_ context.Context, s *action.Step, _ digest.Digest) (*action.Step, error) {
			return w.step("other").Producer, nil
		}, "//p:tree: Toy: expander toy returned a step with other outputs"},
		{"unknown", func(s *action.Step) { s.Arguments = []string{"tyo"} }, w.split,
			"//p:tree: Toy: there is no expander \"tyo\"\n\thint: did you mean \"toy\"?"},
		{"none", func(s *action.Step) { s.Arguments = nil }, w.split, "//p:tree: Toy: the action does not name an expander"},
		{"a circle", nil, circle, "//p:tree: Toy: actions need each other in a circle:\n\t//p:b: Toy\n\t//p:a: Toy\n\t//p:b: Toy"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := w.expanded("tree", w.source("x", "src"))
			if test.change != nil {
				test.change(tree.Producer)
			}
			after := w.step("after", tree)
			o, err := execute.Run(t.Context(), w.expanding(test.expander), []*action.Artifact{after})
			if err != nil {
				t.Fatal(err)
			}
			if len(o.Failures) != 1 || o.Failures[0].Error() != test.want {
				t.Errorf("failures are %v, want %s", o.Failures, test.want)
			}
			if len(o.Skipped) != 1 || o.Skipped[0].Step != after.Producer {
				t.Errorf("skipped are %v", o.Skipped)
			}
		})
	}
}

// An action of an expansion that fails keeps those that do not need it from
// nothing with --keep_going, and all from the rest without.
func TestExpandFailing(t *testing.T) {
	for _, keepGoing := range []bool{false, true} {
		w := newWorld(t)
		w.before = failWith(1, "b")
		tree := w.expanded("tree", w.source("a-b-c", "src"))
		after := w.step("after", tree)
		opts := w.expanding(w.split)
		opts.KeepGoing = keepGoing
		o, err := execute.Run(t.Context(), opts, []*action.Artifact{after})
		if err != nil {
			t.Fatal(err)
		}
		if len(o.Failures) != 1 || o.Failures[0].Step.Owner.Name != "b" {
			t.Errorf("failures are %v, want that of b", o.Failures)
		}
		if diff := cmp.Diff([]string{"a", "c"}, names(o)); keepGoing && diff != "" {
			t.Errorf("done (-want +got):\n%s", diff)
		}
		var skipped []string
		for _, s := range o.Skipped {
			skipped = append(skipped, s.Step.Owner.Name)
		}
		if diff := cmp.Diff([]string{"tree", "after"}, skipped); diff != "" {
			t.Errorf("skipped (-want +got):\n%s", diff)
		}
	}
}

// A build that is cancelled while it expands ends.
func TestExpandCancelled(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	opts := w.expanding(func(_ context.Context, s *action.Step, d digest.Digest) (*action.Step, error) {
		cancel()
		return w.split(ctx, s, d)
	})
	o, err := execute.Run(ctx, opts, []*action.Artifact{w.expanded("tree", w.source("a-b", "src"))})
	if err != context.Canceled || len(o.Failures) > 0 || w.executed.Load() > 0 {
		t.Errorf("got %v, %v; %d steps were executed", err, o.Failures, w.executed.Load())
	}
}
