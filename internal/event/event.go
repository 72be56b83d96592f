// Package event holds what a build tells about itself while it runs. Events go
// to sinks: the display, logs, profiles.
package event

import (
	"time"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/label"
)

// An Event is one of the types below.
type Event any

// A Sink takes events. Emit may be called from several goroutines at once and
// must not block for long.
type Sink interface {
	Emit(Event)
}

// Discard is a Sink that forgets everything.
var Discard Sink = discard{}

type discard struct{}

func (discard) Emit(Event) {}

// Tee returns a Sink that passes every event to each of sinks in order.
func Tee(sinks ...Sink) Sink { return tee(sinks) }

type tee []Sink

func (t tee) Emit(e Event) {
	for _, s := range t {
		s.Emit(e)
	}
}

// Analyzed says what is going to be built.
type Analyzed struct {
	Targets int // that the user asked for
	Actions int // that they need, cached or not
}

// Expanded says that an action was turned into others, which join the build.
type Expanded struct {
	Actions int // besides those that were known
}

// ActionStarted says that an action was not cached and is now being executed.
type ActionStarted struct {
	ID        int // numbers the actions of this build
	Owner     label.Label
	Mnemonic  string
	Progress  string
	Arguments []string
	Time      time.Time
}

// ActionFinished says what came of an action, executed or cached.
type ActionFinished struct {
	ID        int
	Owner     label.Label
	Mnemonic  string
	Progress  string
	Arguments []string
	Key       digest.Digest
	Cached    bool
	ExitCode  int
	Err       error // the action could not be run, or failed
	Stdout    []byte
	Stderr    []byte
	Time      time.Time
	Duration  time.Duration
}

// ModuleCompiling says that a WebAssembly module is being translated to
// machine code, which happens once per machine and module.
type ModuleCompiling struct {
	Path   string // as the action names it
	Module digest.Digest
	Time   time.Time
}

// ModuleCompiled ends a ModuleCompiling.
type ModuleCompiled struct {
	Module digest.Digest
	Err    error
	Time   time.Time
}

// FetchProgress says how far a download is.
type FetchProgress struct {
	Name  string // the source, as its package URL or the last part of its URL
	Done  int64  // bytes
	Total int64  // bytes; negative if it is not known
	Ended bool
	Err   error
}

// TestFinished says what came of a test target.
type TestFinished struct {
	Label    label.Label
	Passed   bool
	Cached   bool
	Summary  string // as the test itself tells it, as in "204 passed, 2 listed"
	Duration time.Duration
	Log      string // path of the whole log, relative to the workspace
}

// Warning is something that the user should know and that stops nothing.
type Warning struct {
	Label   label.Label
	Message string
}
