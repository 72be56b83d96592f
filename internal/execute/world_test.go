package execute_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

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
		Workspace: os.DirFS(w.workspace),
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

func names(o *execute.Outcome) []string {
	var names []string
	for s := range o.Steps {
		names = append(names, s.Owner.Name)
	}
	slices.Sort(names)
	return names
}
