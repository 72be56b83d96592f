package ui

import (
	"encoding/json"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/label"
)

// JSONLines is a sink that writes every event as a line of its own: a JSON
// object whose member "event" says what happened. Members that have nothing to
// say are left out. Times are in RFC 3339's form, durations in seconds, sizes
// in bytes.
type JSONLines struct {
	now func() time.Time

	mu  sync.Mutex
	enc *json.Encoder
	err error
}

// NewJSONLines returns a sink that writes to w. Events that have no time of
// their own get that of now, time.Now if nil.
func NewJSONLines(w io.Writer, now func() time.Time) *JSONLines {
	if now == nil {
		now = time.Now
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &JSONLines{now: now, enc: enc}
}

// Err returns the first error that writing met.
func (j *JSONLines) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// A line is the JSON form of all events.
type line struct {
	Event string    `json:"event"`
	Time  time.Time `json:"time"`

	Targets *int `json:"targets,omitempty"`
	Actions *int `json:"actions,omitempty"`

	ID       *int    `json:"id,omitempty"`
	Label    string  `json:"label,omitempty"`
	Mnemonic string  `json:"mnemonic,omitempty"`
	Progress string  `json:"progress,omitempty"`
	Key      string  `json:"key,omitempty"`
	Cached   bool    `json:"cached,omitempty"`
	ExitCode *int    `json:"exit_code,omitempty"`
	Stdout   string  `json:"stdout,omitempty"`
	Stderr   string  `json:"stderr,omitempty"`
	Seconds  float64 `json:"seconds,omitempty"`
	Error    string  `json:"error,omitempty"`

	Module string `json:"module,omitempty"`
	Path   string `json:"path,omitempty"`

	Name  string `json:"name,omitempty"`
	Done  *int64 `json:"done,omitempty"`
	Total *int64 `json:"total,omitempty"`
	Ended bool   `json:"ended,omitempty"`

	Passed  *bool  `json:"passed,omitempty"`
	Summary string `json:"summary,omitempty"`
	Log     string `json:"log,omitempty"`
	Message string `json:"message,omitempty"`
}

// Emit implements event.Sink.
func (j *JSONLines) Emit(e event.Event) {
	l, ok := newLine(e)
	if !ok {
		return
	}
	if l.Time.IsZero() {
		l.Time = j.now()
	}
	l.Time = l.Time.UTC()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = j.enc.Encode(l)
	}
}

// newLine returns the JSON form of e, or false if it has none.
func newLine(e event.Event) (line, bool) {
	switch e := e.(type) {
	case event.Analyzed:
		return line{Event: "analyzed", Targets: &e.Targets, Actions: &e.Actions}, true
	case event.Expanded:
		return line{Event: "expanded", Actions: &e.Actions}, true
	case event.ActionStarted:
		return line{Event: "action_started", Time: e.Time, ID: &e.ID, Label: name(e.Owner),
			Mnemonic: e.Mnemonic, Progress: e.Progress}, true
	case event.ActionFinished:
		l := line{Event: "action_finished", Time: e.Time, ID: &e.ID, Label: name(e.Owner),
			Mnemonic: e.Mnemonic, Progress: e.Progress, Cached: e.Cached,
			ExitCode: &e.ExitCode, Stdout: text(e.Stdout), Stderr: text(e.Stderr),
			Seconds: e.Duration.Seconds(), Error: message(e.Err)}
		if !e.Key.IsZero() {
			l.Key = e.Key.String()
		}
		return l, true
	case event.ModuleCompiling:
		return line{Event: "module_compiling", Time: e.Time, Path: e.Path, Module: e.Module.String()}, true
	case event.ModuleCompiled:
		return line{Event: "module_compiled", Time: e.Time, Module: e.Module.String(), Error: message(e.Err)}, true
	case event.FetchProgress:
		l := line{Event: "fetch_progress", Name: e.Name, Done: &e.Done, Ended: e.Ended, Error: message(e.Err)}
		if e.Total >= 0 {
			l.Total = &e.Total
		}
		return l, true
	case event.TestFinished:
		return line{Event: "test_finished", Label: name(e.Label), Passed: &e.Passed, Cached: e.Cached,
			Summary: e.Summary, Seconds: e.Duration.Seconds(), Log: e.Log}, true
	case event.Warning:
		return line{Event: "warning", Label: name(e.Label), Message: e.Message}, true
	}
	return line{}, false
}

// name returns the canonical form of l, or nothing for no label.
func name(l label.Label) string {
	if l.Name == "" {
		return ""
	}
	return l.String()
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// text returns the output of a program, with what is not UTF-8 replaced, since
// JSON has no other strings.
func text(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
