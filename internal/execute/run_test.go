package execute_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
)

func TestRun(t *testing.T) {
	w := newWorld(t)
	x := w.source("x", "1")
	a := w.step("a", x)
	b := w.step("b", x, a)
	o := w.run(b)
	if got, want := w.content(o, b), "b(a(1)1)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if o.Executed != 2 || o.Cached != 0 {
		t.Errorf("first: %d executed, %d cached", o.Executed, o.Cached)
	}
	if o = w.run(b); o.Executed != 0 || o.Cached != 2 {
		t.Errorf("second: %d executed, %d cached", o.Executed, o.Cached)
	}
	w.source("x", "2")
	if o = w.run(b); w.content(o, b) != "b(a(2)2)" {
		t.Errorf("got %s", w.content(o, b))
	}
}

func TestKeepGoing(t *testing.T) {
	w := newWorld(t)
	a := w.step("a")
	b := w.step("b", a)
	c := w.step("c", b, a)
	d := w.step("d", c)
	e := w.step("e")
	f := w.step("f", e)
	w.before = failWith(3, "a", "e")
	opts := w.options()
	opts.KeepGoing = true
	g := w.step("g")
	o, err := execute.Run(t.Context(), opts, []*action.Artifact{d, f, g})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range o.Failures {
		got = append(got, f.Error())
	}
	slices.Sort(got)
	for _, s := range o.Skipped {
		got = append(got, fmt.Sprintf("%s because of %s", s.Step.Owner, s.Cause.Step.Owner))
	}
	want := []string{
		"//p:a: Toy: failed with exit code 3",
		"//p:e: Toy: failed with exit code 3",
		"//p:b because of //p:a",
		"//p:c because of //p:a",
		"//p:d because of //p:a",
		"//p:f because of //p:e",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if w.content(o, g) != "g()" {
		t.Error("what could be made was not")
	}
	if _, ok := o.Output(d); ok {
		t.Error("there is an output of what was skipped")
	}

	w.before = nil
	if o := w.run(d, f, g); o.Executed != 6 || o.Cached != 1 {
		t.Errorf("after the mistake was mended: %d executed, %d cached", o.Executed, o.Cached)
	}
}

// The first failure ends what is under way, and is the only one reported.
func TestFailFast(t *testing.T) {
	w := newWorld(t)
	started := make(chan struct{})
	w.before = func(ctx context.Context, a *action.Action) (*action.Result, error) {
		if a.Arguments[0] == "slow" {
			close(started)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		<-started
		return &action.Result{ExitCode: 1}, nil
	}
	sink := &recorder{}
	opts := w.options()
	opts.Events = sink
	o, err := execute.Run(t.Context(), opts, []*action.Artifact{w.step("next", w.step("slow")), w.step("bad")})
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Failures) != 1 || o.Failures[0].Step.Owner.Name != "bad" || len(o.Skipped) != 0 {
		t.Errorf("failures %v, skipped %v", o.Failures, o.Skipped)
	}
}

func TestCancel(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the user has had enough")
	w.before = func(ctx context.Context, a *action.Action) (*action.Result, error) {
		cancel(why)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var roots []*action.Artifact
	for i := range 100 {
		roots = append(roots, w.step(fmt.Sprint(i)))
	}
	sink := &recorder{}
	opts := w.options()
	opts.Events = sink
	opts.Executor = execute.Cache(execute.NewLimiter(1).Limit(execute.Announce(w, sink)), w.disk)
	o, err := execute.Run(ctx, opts, roots)
	if err != why || len(o.Failures) > 0 {
		t.Errorf("err %v, failures %v", err, o.Failures)
	}
	// Each start has its end, and what was never started has none.
	if len(sink.events) != 2 {
		t.Errorf("events: %v", sink.events)
	}
}

func TestCycle(t *testing.T) {
	w := newWorld(t)
	a := w.step("a")
	c := w.step("c", w.step("b", a))
	a.Producer.Inputs = []action.Input{{Path: "c", Artifact: c}}
	_, err := execute.Run(t.Context(), w.options(), []*action.Artifact{w.step("user", c)})
	want := "actions need each other in a circle:\n\t//p:c: Toy\n\t//p:b: Toy\n\t//p:a: Toy\n\t//p:c: Toy"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := execute.Steps([]*action.Artifact{a}); err == nil {
		t.Error("Steps did not see the cycle")
	}
}

// Chains may be far longer than a stack is deep.
func TestDeep(t *testing.T) {
	w := newWorld(t)
	a := w.step("0")
	for i := range 100_000 {
		a = w.step(fmt.Sprint(i+1), a)
	}
	w.before = failWith(1, "0")
	opts := w.options()
	opts.KeepGoing = true
	o, err := execute.Run(t.Context(), opts, []*action.Artifact{a})
	if err != nil || len(o.Failures) != 1 || len(o.Skipped) != 100_000 {
		t.Errorf("%d failures, %d skipped, %v", len(o.Failures), len(o.Skipped), err)
	}
}

// Errors of inputs and outputs name them, and fail only what needs them.
func TestBadSteps(t *testing.T) {
	tests := []struct {
		name string
		step func(w *world) *action.Artifact
		want string
	}{
		{"no such source", func(w *world) *action.Artifact {
			return w.step("a", &action.Artifact{Path: "none"})
		}, "//p:a: Toy: source file none: no such file or directory"},
		{"source is a folder", func(w *world) *action.Artifact {
			must(t, os.Mkdir(filepath.Join(w.workspace, "dir"), 0o777))
			return w.step("a", &action.Artifact{Path: "dir"})
		}, "//p:a: Toy: source file dir is not a regular file"},
		{"source directory", func(w *world) *action.Artifact {
			return w.step("a", &action.Artifact{Path: "dir", Directory: true})
		}, "//p:a: Toy: input dir is a directory of the workspace; only files can be inputs"},
		{"two inputs at one place", func(w *world) *action.Artifact {
			a := w.step("a", w.source("x", "1"), w.source("y", "2"))
			a.Producer.Inputs[1].Path = "x"
			return a
		}, "//p:a: Toy: input y: two different inputs are placed at x"},
		{"an input of another step", func(w *world) *action.Artifact {
			other := w.step("other")
			return w.step("a", &action.Artifact{Path: "stray", Producer: other.Producer})
		}, "//p:a: Toy: input stray is not an output of //p:other"},
		{"output is missing", func(w *world) *action.Artifact {
			w.before = func(context.Context, *action.Action) (*action.Result, error) { return &action.Result{}, nil }
			return w.step("a")
		}, "//p:a: Toy: output out/a was not written"},
		{"output is a file", func(w *world) *action.Artifact {
			d := w.putBlob("x")
			w.before = func(context.Context, *action.Action) (*action.Result, error) {
				return &action.Result{Files: []action.OutputFile{{Path: "out/a", Digest: d}}}, nil
			}
			a := w.step("a")
			a.Directory = true
			return a
		}, "//p:a: Toy: output out/a is declared as a directory, but a file was written"},
		{"output is a directory", func(w *world) *action.Artifact {
			d := w.putBlob("")
			w.before = func(context.Context, *action.Action) (*action.Result, error) {
				return &action.Result{Dirs: []action.OutputDir{{Path: "out/a", Root: d, Tree: d}}}, nil
			}
			return w.step("a")
		}, "//p:a: Toy: output out/a is declared as a file, but a directory was written"},
		{"output too many", func(w *world) *action.Artifact {
			d := w.putBlob("x")
			w.before = func(context.Context, *action.Action) (*action.Result, error) {
				return &action.Result{Files: []action.OutputFile{{Path: "out/a", Digest: d}, {Path: "out/b", Digest: d}}}, nil
			}
			return w.step("a")
		}, "//p:a: Toy: there are 2 outputs, 1 are declared"},
		{"cannot be run", func(w *world) *action.Artifact {
			w.before = func(context.Context, *action.Action) (*action.Result, error) { return nil, errors.New("broken") }
			a := w.step("a")
			a.Producer.Progress = "making a"
			return a
		}, "//p:a: making a: broken"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			bad := tt.step(w)
			o, err := execute.Run(t.Context(), w.options(), []*action.Artifact{w.step("user", bad)})
			if err != nil {
				t.Fatal(err)
			}
			if len(o.Failures) != 1 || o.Failures[0].Error() != tt.want {
				t.Errorf("got %v, want %s", o.Failures, tt.want)
			}
		})
	}
}

// A source that was asked for is an output too; one that is not there fails.
func TestSourceRoot(t *testing.T) {
	w := newWorld(t)
	x := w.source("x", "content")
	if o := w.run(x); w.content(o, x) != "content" {
		t.Errorf("got %s", w.content(o, x))
	}
	_, err := execute.Run(t.Context(), w.options(), []*action.Artifact{{Path: "none"}})
	if err == nil || err.Error() != "source file none: no such file or directory" {
		t.Errorf("got %v", err)
	}
}

func TestEvents(t *testing.T) {
	w := newWorld(t)
	sink := &recorder{}
	opts := w.options()
	opts.Executor = execute.Cache(execute.Announce(execute.Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		r, err := w.Execute(ctx, a)
		if err == nil {
			r.Stdout = []byte("said")
		}
		return r, err
	}), sink), w.disk)
	opts.Events = sink
	for i, cached := range []bool{false, true} {
		sink.events = nil
		if _, err := execute.Run(t.Context(), opts, []*action.Artifact{w.step("a")}); err != nil {
			t.Fatal(err)
		}
		if len(sink.events) != 2-i {
			t.Fatalf("events: %v", sink.events)
		}
		if !cached {
			if e, ok := sink.events[0].(event.ActionStarted); !ok || e.Mnemonic != "Toy" || e.Time.IsZero() {
				t.Errorf("first event: %#v", sink.events[0])
			}
		}
		e, ok := sink.events[len(sink.events)-1].(event.ActionFinished)
		if !ok || e.Cached != cached || string(e.Stdout) != "said" || e.Err != nil || e.Key.IsZero() || e.Duration == 0 {
			t.Errorf("last event: %#v", e)
		}
	}
}
