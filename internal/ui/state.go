package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
)

// state is what is known about a build from its events.
type state struct {
	began   time.Time
	targets int
	total   int // actions; zero until the build was analysed

	cached   int
	executed int
	failed   int

	running   []task // oldest first
	modules   []module
	downloads []download

	// busy is the time during which at least one action was being executed.
	busy      time.Duration
	busySince time.Time
}

type task struct {
	started event.ActionStarted
	since   time.Time
}

type module struct {
	id    digest.Digest
	path  string
	since time.Time
}

type download struct {
	progress event.FetchProgress
	since    time.Time
}

func (s *state) analyzed(e event.Analyzed) { s.targets, s.total = e.Targets, e.Actions }

func (s *state) started(e event.ActionStarted, now time.Time) {
	if len(s.running) == 0 {
		s.busySince = now
	}
	s.running = append(s.running, task{e, now})
}

func (s *state) finished(e event.ActionFinished, now time.Time) {
	i := slices.IndexFunc(s.running, func(t task) bool { return t.started.ID == e.ID })
	if i >= 0 {
		s.running = slices.Delete(s.running, i, i+1)
		if len(s.running) == 0 {
			s.busy += now.Sub(s.busySince)
		}
	}
	switch {
	case cancelled(e):
	case e.Cached:
		s.cached++
	default:
		s.executed++
	}
	if failed(e) {
		s.failed++
	}
}

func (s *state) compiling(e event.ModuleCompiling, now time.Time) {
	s.modules = append(s.modules, module{e.Module, e.Path, now})
}

// compiled returns the module whose compilation ended, the zero module if it
// is not known to have begun.
func (s *state) compiled(e event.ModuleCompiled) module {
	i := slices.IndexFunc(s.modules, func(m module) bool { return m.id == e.Module })
	if i < 0 {
		return module{}
	}
	m := s.modules[i]
	s.modules = slices.Delete(s.modules, i, i+1)
	return m
}

func (s *state) fetching(e event.FetchProgress, now time.Time) {
	i := slices.IndexFunc(s.downloads, func(d download) bool { return d.progress.Name == e.Name })
	switch {
	case i >= 0 && e.Ended:
		s.downloads = slices.Delete(s.downloads, i, i+1)
	case i >= 0:
		s.downloads[i].progress = e
	case !e.Ended:
		s.downloads = append(s.downloads, download{e, now})
	}
}

// done returns how many actions have finished.
func (s *state) done() int { return s.cached + s.executed }

// counter returns "[41/345]", or "[41]" before the number of actions is known.
func (s *state) counter() string {
	if s.total == 0 {
		return fmt.Sprintf("[%d]", s.done())
	}
	return fmt.Sprintf("[%d/%d]", s.done(), max(s.total, s.done()))
}

// fewest is the number of executed actions below which no estimate is made.
const fewest = 3

// left estimates how long the rest of the build takes: as long for each action
// as those took that were executed so far, the same number side by side. It
// returns 0 if there is too little to judge by. Actions that will turn out to
// be cached make it too high, never too low.
func (s *state) left(now time.Time) time.Duration {
	rest := s.total - s.done()
	if s.executed < fewest || rest <= 0 {
		return 0
	}
	busy := s.busy
	if len(s.running) > 0 {
		busy += now.Sub(s.busySince)
	}
	return busy / time.Duration(s.executed) * time.Duration(rest)
}

// describe says what an action does and for whom.
func (t task) describe() string {
	what := t.started.Progress
	if what == "" {
		what = t.started.Mnemonic
	}
	return clean(what) + " for " + t.started.Owner.Short()
}

// failed reports whether an action was not successful. One that was cancelled,
// by the user or because another failed, is not to blame.
func failed(e event.ActionFinished) bool {
	return (e.Err != nil || e.ExitCode != 0) && !cancelled(e)
}

func cancelled(e event.ActionFinished) bool { return errors.Is(e.Err, context.Canceled) }
