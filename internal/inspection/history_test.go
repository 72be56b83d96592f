package inspection

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/store"
)

// noteBuild notes what executor makes of actions, in one build.
func noteBuild(t *testing.T, blobs store.Blobs, dir string, executor execute.Executor, actions ...*action.Action) {
	t.Helper()
	r := NewRecorder(blobs)
	for _, a := range actions {
		_, _ = r.Record(executor).Execute(t.Context(), a) // whatever comes of it
	}
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
}

// executions returns what is noted of actions.
func executions(t *testing.T, actions []*action.Action) Executed {
	t.Helper()
	e := Executed{}
	for _, a := range actions {
		encoded, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		e[firstOutput(a)] = Execution{encoded.Key, digest.Of(encoded.Command)}
	}
	return e
}

func TestHistory(t *testing.T) {
	disk, err := store.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "cowasm-out")
	succeed := execute.Func(func(context.Context, *action.Action) (*action.Result, error) { return &action.Result{}, nil })
	stop := execute.Func(func(context.Context, *action.Action) (*action.Result, error) { return nil, errors.New("stopped") })
	x := &action.Action{Arguments: []string{"x"}, OutputFiles: []string{"out/two words", "out/z"}}
	other := &action.Action{Arguments: []string{"other"}, OutputFiles: x.OutputFiles}
	y := &action.Action{Arguments: []string{"y"}, OutputDirs: []string{"out/\n"}}

	for _, step := range []struct {
		executor      execute.Executor
		actions       []*action.Action
		last, earlier []*action.Action
	}{
		{succeed, []*action.Action{x, y}, []*action.Action{x, y}, nil},
		{stop, []*action.Action{other}, nil, []*action.Action{x, y}},
		{succeed, []*action.Action{other}, []*action.Action{other}, []*action.Action{x, y}},
		{succeed, nil, nil, []*action.Action{other, y}},
		{succeed, nil, nil, []*action.Action{other, y}},
	} {
		noteBuild(t, disk, dir, step.executor, step.actions...)
		got, err := ReadHistory(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&History{executions(t, step.last), executions(t, step.earlier)}, got, cmp.Comparer(func(a, b digest.Digest) bool { return a == b })); diff != "" {
			t.Error(diff)
		}
	}

	// Each is in the store as it was.
	e := executions(t, []*action.Action{x})["out/two words"]
	message, err := disk.Get(t.Context(), e.Action)
	if err != nil {
		t.Fatal(err)
	}
	command, err := disk.Get(t.Context(), e.Command)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := action.Decode(message, command); err != nil || got.Arguments[0] != "x" {
		t.Errorf("got %v, %v", got, err)
	}
}

// What is damaged is passed over: nothing but an explanation is lost.
func TestDamagedHistory(t *testing.T) {
	dir := t.TempDir()
	e := executions(t, []*action.Action{{OutputFiles: []string{"out/x"}}})
	if err := e.write(filepath.Join(dir, lastFile)); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, lastFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []string{"\n", "\x00", "x y z\n", digest.Empty.String() + "\n", digest.Empty.String() + " " + digest.Empty.String() + " out/x\n"} {
		if err := os.WriteFile(filepath.Join(dir, lastFile), append([]byte(damage), whole...), 0o666); err != nil {
			t.Fatal(err)
		}
		h, err := ReadHistory(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Last) > 1 || damage != "\x00" && h.Last["out/x"] != e["out/x"] {
			t.Errorf("after %q: got %v", damage, h.Last)
		}
	}
}
