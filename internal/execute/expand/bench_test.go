package expand_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/execute/builtin"
	"github.com/cowasm/cowasm/internal/execute/expand"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// shape is the size of a build.
type shape struct {
	generated, libraries, objects int // objects of each library
	headers                       int // of the toolchain, beside as many sources as there are objects
}

// numpy is about the size of numpy's, large four times that of scipy's.
var numpy, large = shape{100, 20, 10, 8000}, shape{400, 100, 80, 8000}

// edges returns the number of edges.
func (s shape) edges() int { return s.generated + s.libraries*(s.objects+1) }

// manifest returns a build.ninja of that shape: each object needs all generated
// headers.
func (s shape) manifest() string {
	var b strings.Builder
	b.WriteString("rule cc\n  command = cc -DSOME=1 -Iinclude -c $in -o $out\n  description = Compiling C object $out\n  depfile = $out.d\n" +
		"rule gen\n  command = cc -E $in $out\nrule link\n  command = cc -shared $in -o $out\nbuild headers: phony")
	for i := range s.generated {
		fmt.Fprintf(&b, " gen/h%d.h", i)
	}
	b.WriteString("\n")
	for i := range s.generated {
		fmt.Fprintf(&b, "build gen/h%d.h: gen ../lib.c\n", i)
	}
	for i := range s.libraries {
		fmt.Fprintf(&b, "build lib%d.so: link", i)
		for j := range s.objects {
			fmt.Fprintf(&b, " lib%d.so.p/%d.o", i, j)
		}
		b.WriteString("\n")
		for j := range s.objects {
			fmt.Fprintf(&b, "build lib%d.so.p/%d.o: cc ../lib%d/%d.c || headers\n", i, j, i, j)
		}
	}
	return b.String()
}

// files returns the paths of what is not in the build tree.
func (s shape) files() []string {
	var files []string
	for i := range s.headers {
		files = append(files, fmt.Sprintf("usr/include/%d/h%d.h", i%100, i))
	}
	for i := range s.libraries {
		for j := range s.objects {
			files = append(files, fmt.Sprintf("src/lib%d/%d.c", i, j))
		}
	}
	return append(files, sandbox...)
}

// A site builds a tree with an executor that makes of every edge the list of
// the directories that it sees.
type site struct {
	disk *store.Disk
	root *action.Artifact // of what is there before
	step *action.Step
}

func newSite(t testing.TB, s shape) *site {
	disk, root := put(t, s.manifest(), s.files()...)
	step := toExpand()
	made := step.Inputs[0].Artifact
	made.Producer = &action.Step{Mnemonic: "Configure", Executor: "configure", Outputs: []*action.Artifact{made}}
	out, err := store.PutOutputDir(t.Context(), disk, store.Directories(disk), made.Path, root)
	must(t, err)
	configured := &action.Result{Dirs: []action.OutputDir{out}}
	made.Producer.Arguments = []string{root.String()}
	// It is as good as built.
	_, err = execute.Run(t.Context(), execute.Options{
		Executor: execute.Cache(execute.Func(func(context.Context, *action.Action) (*action.Result, error) { return configured, nil }), disk),
		Blobs:    disk, Load: store.Directories(disk), Events: event.Discard,
	}, []*action.Artifact{made})
	must(t, err)
	return &site{disk, made, step}
}

// build builds in a new process, as it were, and returns how many actions were
// executed and how many cached.
func (s *site) build(t testing.TB) (executed, cached int) {
	disk, err := store.OpenDisk(s.disk.Dir())
	must(t, err)
	load := store.Directories(disk)
	toy := execute.Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		r := &action.Result{}
		for _, p := range a.OutputFiles {
			d, err := disk.Put(ctx, []byte(p+a.InputRoot.String()))
			if err != nil {
				return nil, err
			}
			r.Files = append(r.Files, action.OutputFile{Path: p, Digest: d})
		}
		return r, nil
	})
	executors := map[string]execute.Executor{"builtin": builtin.New(disk, load, nil), "wasm": toy}
	o, err := execute.Run(t.Context(), execute.Options{
		Executor: execute.Cache(execute.Dedup(execute.Dispatch(executors)), disk),
		Blobs:    disk, Load: load, Events: event.Discard, Expanders: expand.New(disk, load),
	}, s.step.Outputs)
	must(t, err)
	for _, f := range o.Failures {
		t.Fatal(f)
	}
	return o.Executed, o.Cached
}

// Thousands of edges are no trouble.
func TestManyEdges(t *testing.T) {
	shape := shape{200, 30, 60, 100}
	s := newSite(t, shape)
	want := shape.edges() + 2
	if executed, cached := s.build(t); executed != want || cached != 1 {
		t.Errorf("%d actions were executed and %d cached, want %d and 1", executed, cached, want)
	}
	if executed, cached := s.build(t); executed != 0 || cached != want+1 {
		t.Errorf("then %d actions were executed and %d cached, want 0 and %d", executed, cached, want+1)
	}
	out, err := execute.Run(t.Context(), execute.Options{
		Executor: execute.Cache(nil, s.disk), Blobs: s.disk, Load: store.Directories(s.disk), Events: event.Discard,
		Expanders: expand.New(s.disk, store.Directories(s.disk)),
	}, s.step.Outputs)
	must(t, err)
	built, ok := out.Output(s.step.Outputs[0])
	if !ok {
		t.Fatal("there is no output")
	}
	files := 0
	must(t, tree.Walk(store.Directories(s.disk), built.Digest, func(p string, e tree.Entry) error {
		if e.Kind == tree.File {
			files++
		}
		return nil
	}))
	if want := shape.edges() + 1; files != want {
		t.Errorf("the build tree has %d files, want %d", files, want)
	}
}

// A build that has nothing to do.
func BenchmarkNoop(b *testing.B) {
	for name, shape := range map[string]shape{"numpy": numpy, "large": large} {
		b.Run(name, func(b *testing.B) {
			s := newSite(b, shape)
			s.build(b)
			for b.Loop() {
				if executed, _ := s.build(b); executed != 0 {
					b.Fatalf("%d actions were executed", executed)
				}
			}
		})
	}
}
