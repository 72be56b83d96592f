package execute_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/label"
)

func TestLog(t *testing.T) {
	x := digest.Of([]byte("x"))
	outcomes := []struct {
		result *action.Result
		err    error
	}{
		{&action.Result{
			Files:    []action.OutputFile{{Path: "f", Digest: x}},
			Dirs:     []action.OutputDir{{Path: "d", Root: digest.Empty, Tree: x}},
			Duration: 1500 * time.Millisecond,
		}, nil},
		{&action.Result{ExitCode: 2, Cached: true}, nil},
		{nil, context.Canceled},
		{nil, errors.New("broken")},
	}
	var out bytes.Buffer
	log := execute.NewLog(&out)
	a := toy("<a>")
	a.Owner, a.Mnemonic = label.Label{Package: "p", Name: "t"}, "Toy"
	for _, o := range outcomes {
		n := 0
		r, err := log.Record(constant(&n, o.result, o.err)).Execute(t.Context(), a)
		if r != o.result || err != o.err {
			t.Errorf("got %v, %v", r, err)
		}
	}
	must(t, log.Err())
	encoded, err := a.Encode()
	must(t, err)
	line := func(change func(*execute.LogEntry)) execute.LogEntry {
		e := execute.LogEntry{
			Owner: "//p:t", Mnemonic: "Toy", Executor: "toy", Arguments: []string{"<a>"},
			Key: encoded.Key.String(), InputRoot: digest.Empty.String(),
		}
		change(&e)
		return e
	}
	want := []execute.LogEntry{
		line(func(e *execute.LogEntry) {
			e.Seconds = 1.5
			e.Outputs = map[string]string{"f": x.String(), "d": digest.Empty.String()}
		}),
		line(func(e *execute.LogEntry) { e.ExitCode, e.Cached = 2, true }),
		line(func(e *execute.LogEntry) { e.Error = "broken" }),
	}
	var got []execute.LogEntry
	for _, l := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
		var e execute.LogEntry
		must(t, json.Unmarshal(l, &e))
		got = append(got, e)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A log that cannot be written does not stop the build.
func TestLogFails(t *testing.T) {
	log := execute.NewLog(failingWriter{})
	n := 0
	if _, err := log.Record(constant(&n, &action.Result{}, nil)).Execute(t.Context(), toy("a")); err != nil {
		t.Error(err)
	}
	if log.Err() != errDisk {
		t.Errorf("got %v", log.Err())
	}
}

type failingWriter struct{}

var errDisk = errors.New("the disk is full")

func (failingWriter) Write([]byte) (int, error) { return 0, errDisk }

func TestTrace(t *testing.T) {
	var out bytes.Buffer
	trace := execute.NewTrace(&out)
	at := func(ms int) time.Time { return time.Now().Add(time.Duration(ms) * time.Millisecond) }
	module := digest.Of([]byte("module"))
	for _, e := range []event.Event{
		event.ActionStarted{ID: 1, Mnemonic: "Compile", Progress: "compiling a", Time: at(0)},
		event.ActionStarted{ID: 2, Mnemonic: "Compile", Time: at(1)},
		event.ActionFinished{ID: 1, Mnemonic: "Compile", Time: at(10)},
		event.ActionFinished{ID: 7, Cached: true, Time: at(10)},
		event.ModuleCompiling{Path: "bin/clang", Module: module, Time: at(11)},
		event.FetchProgress{Name: "src.tar.gz", Done: 1},
		event.FetchProgress{Name: "src.tar.gz", Done: 2},
		event.FetchProgress{Name: "src.tar.gz", Done: 3, Ended: true},
		event.ModuleCompiled{Module: module, Time: at(20)},
		event.Warning{Message: "careful"},
	} {
		trace.Emit(e)
	}
	must(t, trace.Close())
	var records []struct {
		Name, Cat, Ph string
		Tid           int
		Ts, Dur       int64
	}
	must(t, json.Unmarshal(out.Bytes(), &records))
	type row struct {
		Name, Category, Phase string
		Lane                  int
	}
	var got []row
	for _, r := range records {
		got = append(got, row{r.Name, r.Cat, r.Ph, r.Tid})
	}
	want := []row{
		{"compiling a", "Compile", "X", 1},
		{"fetching src.tar.gz", "Download", "X", 3},
		{"compiling bin/clang", "ModuleCompile", "X", 1},
		{"Compile", "Compile", "X", 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := records[0].Dur; d < 9_000 || d > 11_000 {
		t.Errorf("10 ms became %d µs", d)
	}
}

func TestTraceOfNothing(t *testing.T) {
	var out bytes.Buffer
	must(t, execute.NewTrace(&out).Close())
	var records []any
	must(t, json.Unmarshal(out.Bytes(), &records))
	if err := execute.NewTrace(failingWriter{}).Close(); err != errDisk {
		t.Errorf("got %v", err)
	}
}
