package execute

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/cowasm/cowasm/internal/event"
)

// A Trace is an event.Sink that writes the profile of a build in the trace
// event format, which chrome://tracing and Perfetto show: what was executed,
// compiled and fetched, when, and beside what else. What was cached is left out.
type Trace struct {
	mu    sync.Mutex
	w     io.Writer
	start time.Time
	open  map[any]span // by what identifies them
	lanes []bool       // those in use
	comma string
	err   error
}

// A span is something under way.
type span struct {
	name, category string
	start          time.Time
	lane           int
}

// NewTrace returns a Trace that is written to w and begins now.
func NewTrace(w io.Writer) *Trace {
	return &Trace{w: w, start: time.Now(), open: map[any]span{}, comma: "[\n"}
}

// What identifies a span, beside the digest of a module that is compiled.
type (
	actionID  int
	fetchName string
)

// Emit implements event.Sink.
func (t *Trace) Emit(e event.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := e.(type) {
	case event.ActionStarted:
		name := e.Progress
		if name == "" {
			name = e.Mnemonic
		}
		t.begin(actionID(e.ID), name, e.Mnemonic, e.Time)
	case event.ActionFinished:
		t.end(actionID(e.ID), e.Time, map[string]any{"owner": e.Owner.String(), "key": e.Key.String(), "exit_code": e.ExitCode})
	case event.ModuleCompiling:
		t.begin(e.Module, "compiling "+e.Path, "ModuleCompile", e.Time)
	case event.ModuleCompiled:
		t.end(e.Module, e.Time, nil)
	case event.FetchProgress:
		name := fetchName(e.Name)
		if _, ok := t.open[name]; !ok && !e.Ended {
			t.begin(name, "fetching "+e.Name, "Download", time.Now())
		}
		if e.Ended {
			t.end(name, time.Now(), map[string]any{"bytes": e.Done})
		}
	}
}

// begin opens a span in the first lane that is free.
func (t *Trace) begin(id any, name, category string, at time.Time) {
	if _, ok := t.open[id]; ok {
		return // an action that is tried again
	}
	lane := 0
	for lane < len(t.lanes) && t.lanes[lane] {
		lane++
	}
	if lane == len(t.lanes) {
		t.lanes = append(t.lanes, false)
	}
	t.lanes[lane] = true
	t.open[id] = span{name, category, at, lane}
}

// end writes the span and frees its lane.
func (t *Trace) end(id any, at time.Time, args map[string]any) {
	s, ok := t.open[id]
	if !ok {
		return
	}
	delete(t.open, id)
	t.lanes[s.lane] = false
	t.write(map[string]any{
		"name": s.name, "cat": s.category, "ph": "X", "pid": 1, "tid": s.lane + 1,
		"ts": s.start.Sub(t.start).Microseconds(), "dur": at.Sub(s.start).Microseconds(), "args": args,
	})
}

func (t *Trace) write(record map[string]any) {
	if t.err != nil {
		return
	}
	data, err := json.Marshal(record)
	if err == nil {
		_, err = fmt.Fprintf(t.w, "%s%s", t.comma, data)
	}
	t.comma, t.err = ",\n", err
}

// Close completes the profile. It returns the first error of writing.
func (t *Trace) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for id := range t.open {
		t.end(id, now, nil)
	}
	if t.comma == "[\n" {
		t.write(map[string]any{"name": "nothing was executed", "ph": "i", "pid": 1, "tid": 1, "ts": 0})
	}
	if t.err == nil {
		_, t.err = fmt.Fprint(t.w, "\n]\n")
	}
	return t.err
}
