package execute_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		name string
		make func(w *world, n int) *action.Result // of the n-th execution
		want []string                             // paths that differ
	}{
		{"pure", func(w *world, n int) *action.Result {
			return &action.Result{Stdout: []byte("x"), Files: []action.OutputFile{{Path: "f", Digest: w.putBlob("x")}}}
		}, nil},
		{"file", func(w *world, n int) *action.Result {
			return &action.Result{Files: []action.OutputFile{
				{Path: "f", Digest: w.putBlob(fmt.Sprint(n))},
				{Path: "g", Digest: w.putBlob("same")},
			}}
		}, []string{"f"}},
		{"executable", func(w *world, n int) *action.Result {
			return &action.Result{Files: []action.OutputFile{{Path: "f", Digest: w.putBlob("x"), Executable: n%2 == 0}}}
		}, []string{"f"}},
		{"said", func(w *world, n int) *action.Result {
			return &action.Result{Stdout: fmt.Append(nil, n), Stderr: fmt.Append(nil, n)}
		}, []string{"stdout", "stderr"}},
		{"other outputs", func(w *world, n int) *action.Result {
			return &action.Result{Files: []action.OutputFile{{Path: fmt.Sprint("f", n), Digest: w.putBlob("x")}}}
		}, []string{"f1", "f2"}},
		{"tree", func(w *world, n int) *action.Result {
			b := tree.NewBuilder(w.load)
			must(w.t.(*testing.T), b.AddFile("a/same", w.putBlob("same"), false))
			must(w.t.(*testing.T), b.AddFile("a/other", w.putBlob(fmt.Sprint(n)), false))
			must(w.t.(*testing.T), b.AddFile(fmt.Sprint("b/", n), w.putBlob("x"), false))
			root, err := store.PutTree(w.t.Context(), w.disk, b)
			must(w.t.(*testing.T), err)
			dir, err := store.PutOutputDir(w.t.Context(), w.disk, w.load, "d", root)
			must(w.t.(*testing.T), err)
			return &action.Result{Dirs: []action.OutputDir{dir}}
		}, []string{"d/a/other", "d/b/1", "d/b/2"}},
		{"fails the second time", func(w *world, n int) *action.Result {
			return &action.Result{ExitCode: n - 1}
		}, []string{"exit code"}},
	}
	for _, tt := range tests {
		for _, stored := range []bool{false, true} {
			t.Run(fmt.Sprint(tt.name, stored), func(t *testing.T) {
				w := newWorld(t)
				n := 0
				inner := execute.Func(func(context.Context, *action.Action) (*action.Result, error) {
					n++
					return tt.make(w, n), nil
				})
				if stored {
					_, err := execute.Cache(inner, w.disk).Execute(t.Context(), toy("a"))
					must(t, err)
				}
				r, err := execute.Check(inner, w.disk, w.load).Execute(t.Context(), toy("a"))
				var difference *execute.DifferenceError
				var got []string
				if errors.As(err, &difference) {
					got = difference.Paths
				} else if err != nil || r.Cached {
					t.Fatal(r, err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
				if n != 2 {
					t.Errorf("executed %d times", n)
				}
			})
		}
	}
}

func TestCheckFailure(t *testing.T) {
	w := newWorld(t)
	n := 0
	r, err := execute.Check(constant(&n, &action.Result{ExitCode: 2}, nil), w.disk, w.load).Execute(t.Context(), toy("a"))
	if err != nil || r.ExitCode != 2 || n != 1 {
		t.Errorf("%v, %v, executed %d times", r, err, n)
	}
}

func TestDifferenceError(t *testing.T) {
	err := &execute.DifferenceError{}
	for i := range 12 {
		err.Paths = append(err.Paths, fmt.Sprint(i))
	}
	want := "not reproducible: executed again, it gave something else for 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
	if err.Error() != want {
		t.Errorf("got %s", err)
	}
}
