package execute_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute"
)

// constant returns an Executor that always returns r and err, and counts.
func constant(n *int, r *action.Result, err error) execute.Executor {
	return execute.Func(func(context.Context, *action.Action) (*action.Result, error) {
		*n++
		return r, err
	})
}

func toy(name string) *action.Action {
	return &action.Action{Executor: "toy", Arguments: []string{name}, InputRoot: digest.Empty}
}

func TestCache(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name   string
		result *action.Result
		err    error
		runs   int // of two executions
	}{
		{"success", &action.Result{Stdout: []byte("out"), Stderr: []byte("err")}, nil, 1},
		{"failure", &action.Result{ExitCode: 1}, nil, 2},
		{"error", nil, broken, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			n := 0
			e := execute.Cache(constant(&n, tt.result, tt.err), w.disk)
			for i := range 2 {
				r, err := e.Execute(t.Context(), toy("a"))
				if err != tt.err {
					t.Fatal(err)
				}
				if err != nil {
					continue
				}
				if cached := i == 1 && tt.runs == 1; r.Cached != cached {
					t.Errorf("Cached is %v in round %d", r.Cached, i)
				}
				if string(r.Stdout) != string(tt.result.Stdout) || string(r.Stderr) != string(tt.result.Stderr) {
					t.Errorf("it said %q and %q", r.Stdout, r.Stderr)
				}
			}
			if n != tt.runs {
				t.Errorf("executed %d times, want %d", n, tt.runs)
			}
		})
	}
}

// An executor that names what it did not store is found out.
func TestCacheIncomplete(t *testing.T) {
	w := newWorld(t)
	n := 0
	r := &action.Result{Files: []action.OutputFile{{Path: "x", Digest: digest.Of([]byte("x"))}}}
	if _, err := execute.Cache(constant(&n, r, nil), w.disk).Execute(t.Context(), toy("a")); err == nil {
		t.Error("no error")
	}
}

// A store that cannot be read is not one that has nothing.
func TestCacheBroken(t *testing.T) {
	n := 0
	_, err := execute.Cache(constant(&n, &action.Result{}, nil), brokenResults{}).Execute(t.Context(), toy("a"))
	if err == nil || err.Error() != "looking for its result: the disk is on fire" || n != 0 {
		t.Errorf("%v, executed %d times", err, n)
	}
}

type brokenResults struct{}

func (brokenResults) GetResult(context.Context, digest.Digest) (*action.Result, error) {
	return nil, errors.New("the disk is on fire")
}

func (brokenResults) PutResult(context.Context, digest.Digest, *action.Result) error { return nil }

func TestDedup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := map[string]int{}
		gate := make(chan struct{})
		e := execute.Dedup(execute.Func(func(_ context.Context, a *action.Action) (*action.Result, error) {
			runs[a.Arguments[0]]++
			<-gate
			if a.Arguments[0] == "bad" {
				return nil, errors.New("broken")
			}
			return &action.Result{}, nil
		}))
		var cached, failed atomic.Int32
		for _, name := range []string{"a", "a", "b", "a", "bad", "bad"} {
			go func() {
				switch r, err := e.Execute(t.Context(), toy(name)); {
				case err != nil:
					failed.Add(1)
				case r.Cached:
					cached.Add(1)
				}
			}()
			synctest.Wait()
		}
		close(gate)
		synctest.Wait()
		if runs["a"] != 1 || runs["b"] != 1 || runs["bad"] != 1 || cached.Load() != 2 || failed.Load() != 2 {
			t.Errorf("runs %v, %d cached, %d failed", runs, cached.Load(), failed.Load())
		}
		if _, err := e.Execute(t.Context(), toy("a")); err != nil || runs["a"] != 2 {
			t.Error("it remembers what is over")
		}
	})
}

func TestDispatch(t *testing.T) {
	wasm, builtin := 0, 0
	e := execute.Dispatch(map[string]execute.Executor{
		"wasm":    constant(&wasm, &action.Result{}, nil),
		"builtin": constant(&builtin, &action.Result{}, nil),
	})
	tests := []struct{ executor, want string }{
		{"wasm", ""},
		{"builtin", ""},
		{"wasn", "there is no executor \"wasn\"\n\thint: did you mean \"wasm\"?"},
		{"remote", "there is no executor \"remote\"\n\thint: the executors are builtin, wasm"},
	}
	for _, tt := range tests {
		got := ""
		if _, err := e.Execute(t.Context(), &action.Action{Executor: tt.executor}); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.executor, got, tt.want)
		}
	}
	if wasm != 1 || builtin != 1 {
		t.Errorf("wasm was called %d times, builtin %d times", wasm, builtin)
	}
}

func TestLimitWithoutRun(t *testing.T) {
	n := 0
	e := execute.NewLimiter(1).Limit(constant(&n, nil, errors.New("broken")))
	for range 2 {
		if _, err := e.Execute(t.Context(), toy("a")); err == nil || !strings.Contains(err.Error(), "broken") {
			t.Error(err)
		}
	}
}
