package execute_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// A world is a workspace, a store and a toy executor. The toy writes into each
// output file the concatenation of its inputs and its arguments.
type world struct {
	t         testing.TB
	workspace string
	disk      *store.Disk
	load      tree.Loader
	executed  atomic.Int64
	before    func(ctx context.Context, a *action.Action) (*action.Result, error) // may be nil
}

func newWorld(t testing.TB) *world {
	t.Helper()
	disk, err := store.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, workspace: t.TempDir(), disk: disk, load: store.Directories(disk)}
}

func (w *world) source(path, content string) *action.Artifact {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.workspace, path), []byte(content), 0o666); err != nil {
		w.t.Fatal(err)
	}
	return &action.Artifact{Path: path}
}

// step returns the only output of a step with the given inputs.
func (w *world) step(name string, inputs ...*action.Artifact) *action.Artifact {
	s := &action.Step{
		Owner: label.Label{Package: "p", Name: name}, Mnemonic: "Toy", Executor: "toy",
		Arguments: []string{name},
	}
	for _, in := range inputs {
		s.Inputs = append(s.Inputs, action.Input{Path: in.Path, Artifact: in})
	}
	out := &action.Artifact{Path: "out/" + name, Owner: s.Owner, Producer: s}
	s.Outputs = []*action.Artifact{out}
	return out
}

func (w *world) Execute(ctx context.Context, a *action.Action) (*action.Result, error) {
	w.executed.Add(1)
	if w.before != nil {
		if r, err := w.before(ctx, a); r != nil || err != nil {
			return r, err
		}
	}
	var content bytes.Buffer
	fmt.Fprintf(&content, "%s(", a.Arguments[0])
	err := tree.Walk(w.load, a.InputRoot, func(p string, e tree.Entry) error {
		if e.Kind != tree.File {
			return nil
		}
		data, err := w.disk.Get(ctx, e.Digest)
		content.Write(data)
		return err
	})
	if err != nil {
		return nil, err
	}
	content.WriteString(")")
	r := &action.Result{}
	for _, p := range a.OutputFiles {
		d, err := w.disk.Put(ctx, content.Bytes())
		if err != nil {
			return nil, err
		}
		r.Files = append(r.Files, action.OutputFile{Path: p, Digest: d})
	}
	return r, nil
}

func (w *world) options() execute.Options {
	limiter := execute.NewLimiter(4)
	return execute.Options{
		Workspace: w.workspace,
		Executor:  execute.Cache(execute.Dedup(limiter.Limit(execute.Announce(w, event.Discard))), w.disk),
		Blobs:     w.disk,
		Load:      w.load,
		Events:    event.Discard,
	}
}

// run builds roots, which must succeed.
func (w *world) run(roots ...*action.Artifact) *execute.Outcome {
	w.t.Helper()
	o, err := execute.Run(w.t.Context(), w.options(), roots)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range o.Failures {
		w.t.Fatal(f)
	}
	return o
}

func (w *world) content(o *execute.Outcome, a *action.Artifact) string {
	w.t.Helper()
	out, ok := o.Output(a)
	if !ok {
		w.t.Fatalf("%s was not made", a.Path)
	}
	data, err := w.disk.Get(w.t.Context(), out.Digest)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(data)
}

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

// recorder is a Sink that keeps all events.
type recorder struct {
	mu     sync.Mutex
	events []event.Event
}

func (r *recorder) Emit(e event.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func failWith(code int, names ...string) func(context.Context, *action.Action) (*action.Result, error) {
	return func(_ context.Context, a *action.Action) (*action.Result, error) {
		if slices.Contains(names, a.Arguments[0]) {
			return &action.Result{ExitCode: code, Stderr: []byte("no\n")}, nil
		}
		return nil, nil
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) putBlob(content string) digest.Digest {
	w.t.Helper()
	d, err := w.disk.Put(w.t.Context(), []byte(content))
	if err != nil {
		w.t.Fatal(err)
	}
	return d
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

// All actions see a source as it was when it was read first, and the user is
// told that it has changed since.
func TestSourceChanges(t *testing.T) {
	w := newWorld(t)
	x := w.source("x", "old")
	a := w.step("a", x)
	b := w.step("b", x, a)
	w.before = func(_ context.Context, s *action.Action) (*action.Result, error) {
		if s.Arguments[0] == "a" {
			w.source("x", "newer")
		}
		return nil, nil
	}
	sink := &recorder{}
	opts := w.options()
	opts.Events = sink
	o, err := execute.Run(t.Context(), opts, []*action.Artifact{b})
	if err != nil || len(o.Failures) > 0 {
		t.Fatal(err, o.Failures)
	}
	if got := w.content(o, b); got != "b(a(old)old)" {
		t.Errorf("got %s", got)
	}
	warning := event.Warning{Message: "source file x was changed during the build; what was built is from before"}
	if last := sink.events[len(sink.events)-1]; last != event.Event(warning) {
		t.Errorf("the last event is %v", last)
	}
	if o := w.run(b); w.content(o, b) != "b(a(newer)newer)" {
		t.Errorf("got %s", w.content(o, b))
	}
}

// Whatever is damaged in the store while a build runs is made again.
func TestDamageDuringBuild(t *testing.T) {
	for _, kind := range []string{"source", "output", "directory"} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t)
			x := w.source("x", "source")
			a := w.step("a", x)
			b := w.step("b", a, x)
			damaged := false
			w.before = func(ctx context.Context, s *action.Action) (*action.Result, error) {
				if s.Arguments[0] != "b" || damaged {
					return nil, nil
				}
				damaged = true
				d := map[string]digest.Digest{
					"source":    digest.Of([]byte("source")),
					"output":    digest.Of([]byte("a(source)")),
					"directory": s.InputRoot,
				}[kind]
				p := filepath.Join(w.disk.Dir(), "blobs", d.Hash()[:2], d.Hash())
				data, err := os.ReadFile(p)
				if err != nil {
					return nil, err
				}
				data[0] ^= 1
				return nil, os.WriteFile(p, data, 0o666)
			}
			o := w.run(b)
			if got := w.content(o, b); !damaged || got != "b(a(source)source)" {
				t.Errorf("got %s", got)
			}
			if diff := cmp.Diff([]string{"a", "b"}, names(o)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A file of an output directory that is lost unnoticed is made again as soon as
// somebody misses it, even if that is another process.
func TestLossInDirectory(t *testing.T) {
	w := newWorld(t)
	made := 0
	w.before = func(ctx context.Context, a *action.Action) (*action.Result, error) {
		other, err := store.OpenDisk(w.disk.Dir())
		if err != nil || a.Arguments[0] != "dir" {
			if err == nil {
				_, err = other.Get(ctx, digest.Of([]byte("file")))
			}
			return nil, err
		}
		made++
		b := tree.NewBuilder(w.load)
		if err := b.AddFile("sub/file", w.putBlob("file"), false); err != nil {
			return nil, err
		}
		root, err := store.PutTree(ctx, w.disk, b)
		if err != nil {
			return nil, err
		}
		dir, err := store.PutOutputDir(ctx, w.disk, w.load, "out/dir", root)
		return &action.Result{Dirs: []action.OutputDir{dir}}, err
	}
	dir := w.step("dir")
	dir.Directory = true
	w.run(dir)

	d := digest.Of([]byte("file"))
	must(t, os.Remove(filepath.Join(w.disk.Dir(), "blobs", d.Hash()[:2], d.Hash())))
	disk, err := store.OpenDisk(w.disk.Dir())
	must(t, err)
	w.disk, w.load = disk, store.Directories(disk)
	user := w.step("user", dir)
	if o := w.run(user); w.content(o, user) != "user(file)" || made != 2 {
		t.Errorf("got %s, the directory was made %d times", w.content(o, user), made)
	}
}

func names(o *execute.Outcome) []string {
	var names []string
	for s := range o.Steps {
		names = append(names, s.Owner.Name)
	}
	slices.Sort(names)
	return names
}

// What stays lost fails, and does not go on for ever.
func TestLostForGood(t *testing.T) {
	w := newWorld(t)
	w.before = func(context.Context, *action.Action) (*action.Result, error) {
		return nil, fmt.Errorf("reading: %w", &store.NotFoundError{Digest: digest.Of([]byte("x"))})
	}
	o, err := execute.Run(t.Context(), w.options(), []*action.Artifact{w.step("a", w.source("x", "1"))})
	if err != nil || len(o.Failures) != 1 {
		t.Fatal(err, o.Failures)
	}
	var notFound *store.NotFoundError
	if !errors.As(o.Failures[0], &notFound) {
		t.Errorf("got %v", o.Failures[0])
	}
	if n := w.executed.Load(); n > 10 {
		t.Errorf("it was tried %d times", n)
	}
}

// A source that got lost in the store and has changed on the host cannot be
// had again as it was.
func TestSourceLostAndChanged(t *testing.T) {
	w := newWorld(t)
	x := w.source("x", "old")
	w.before = func(_ context.Context, a *action.Action) (*action.Result, error) {
		d := digest.Of([]byte("old"))
		w.source("x", "newer")
		return nil, os.Remove(filepath.Join(w.disk.Dir(), "blobs", d.Hash()[:2], d.Hash()))
	}
	o, err := execute.Run(t.Context(), w.options(), []*action.Artifact{w.step("a", x)})
	if err != nil || len(o.Failures) != 1 {
		t.Fatal(err, o.Failures)
	}
	want := "//p:a: Toy: source file x was changed during the build; build again"
	if got := o.Failures[0].Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
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
