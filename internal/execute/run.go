package execute

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"
	"time"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// Options are what Run works with.
type Options struct {
	Workspace fs.FS               // that sources are files of
	Executor  Executor            // carries out actions
	Blobs     store.Blobs         // where the executor finds inputs and puts outputs
	Load      tree.Loader         // of the directories in Blobs
	Expanders map[string]Expander // by name, as in "ninja@1"
	Events    event.Sink
	KeepGoing bool // carry out all that does not need what failed
}

// An Outcome is what came of a build.
type Outcome struct {
	Steps    map[*action.Step]Finished // those that succeeded
	Failures []*Failure                // in the order in which they happened
	Skipped  []Skipped                 // in an order in which they could have run
	Executed int                       // steps that were carried out, failures included
	Cached   int                       // steps whose result was found

	sources *sources
}

// Finished is what came of a step that succeeded.
type Finished struct {
	Key    digest.Digest
	Result *action.Result
}

// A Failure is a step that failed by itself, not for want of an input.
type Failure struct {
	Step   *action.Step
	Key    digest.Digest  // zero if the inputs could not be prepared
	Result *action.Result // nil if the action could not be run
	Err    error          // nil if the program ran and failed
}

// Error says which action failed and why, without the program's own output.
func (f *Failure) Error() string {
	what := f.Step.Progress
	if what == "" {
		what = f.Step.Mnemonic
	}
	if f.Err != nil {
		return fmt.Sprintf("%s: %s: %v", f.Step.Owner, what, f.Err)
	}
	return fmt.Sprintf("%s: %s: failed with exit code %d", f.Step.Owner, what, f.Result.ExitCode)
}

// Unwrap returns f.Err.
func (f *Failure) Unwrap() error { return f.Err }

// Skipped is a step that was not tried, since it needs one that failed.
type Skipped struct {
	Step  *action.Step
	Cause *Failure
}

// Output returns what has become of an artifact that the build needed, or
// false if it was not made.
func (o *Outcome) Output(a *action.Artifact) (Output, bool) {
	if a.Producer != nil {
		f, ok := o.Steps[a.Producer]
		if !ok {
			return Output{}, false
		}
		return outputOf(f.Result, a.Path)
	}
	f, ok := o.sources.files[a.Path]
	if !ok || f.err != nil {
		return Output{}, false
	}
	return Output{Digest: f.digest}, true
}

// maxRestarts is how often a step is tried again because inputs were lost.
// Each time all of them are checked, so that more than once is rare.
const maxRestarts = 3

// progress is how far a step is. Only Run's own goroutine uses it.
type progress struct {
	state    state
	pending  int // deps that are not done
	restarts int
	finished Finished
	cause    *Failure // why it failed or was skipped
}

type state uint8

const (
	waiting state = iota // for deps
	running
	done
	failed
	skipped
)

// A builder is one call of Run.
type builder struct {
	Options
	graph   *graph
	sources *sources
	trees   sync.Map      // of what returns the root of a tree of inputs, by inputList
	slots   chan struct{} // bounds the steps that are being prepared
	ends    chan end
	outcome *Outcome
}

// An end is how an attempt at a step ended.
type end struct {
	*node
	ticket *ticket
	result *action.Result
	body   *action.Step // instead of a result: what the step stands for
	err    error
}

// Run makes the given artifacts. It returns an error if the build is impossible
// or ctx was done; steps that fail are in the Outcome. Without KeepGoing the
// first failure cancels what is under way.
//
// If an input turns out to be lost or damaged in the store, the steps that made
// it are looked for and, where their results are no longer complete, carried
// out again.
func Run(ctx context.Context, opts Options, roots []*action.Artifact) (*Outcome, error) {
	g, err := newGraph(roots)
	if err != nil {
		return nil, err
	}
	b := &builder{
		Options: opts,
		graph:   g,
		sources: &sources{fsys: opts.Workspace, blobs: opts.Blobs, files: map[string]*source{}},
		slots:   make(chan struct{}, 2*runtime.GOMAXPROCS(0)),
		ends:    make(chan end),
		outcome: &Outcome{Steps: make(map[*action.Step]Finished, len(g.order))},
	}
	b.outcome.sources = b.sources
	work, cancel := context.WithCancel(ctx)
	defer cancel()

	var ready []*node
	for _, n := range g.order {
		n.pending = len(n.deps)
		if n.pending == 0 {
			ready = append(ready, n)
		}
	}
	for underway := 0; ; {
		if work.Err() == nil {
			for _, n := range ready {
				b.start(work, n)
			}
			underway += len(ready)
		}
		ready = nil
		if underway == 0 {
			break
		}
		e := <-b.ends
		underway--
		ready = b.end(work, e)
		if len(b.outcome.Failures) > 0 && !opts.KeepGoing {
			cancel()
		}
	}
	if err := ctx.Err(); err != nil {
		return b.outcome, context.Cause(ctx)
	}
	return b.outcome, b.finish(ctx, roots)
}

// finish completes the outcome.
func (b *builder) finish(ctx context.Context, roots []*action.Artifact) error {
	for _, n := range b.graph.order {
		switch n.state {
		case done:
			b.outcome.Steps[n.step] = n.finished
		case skipped:
			b.outcome.Skipped = append(b.outcome.Skipped, Skipped{n.step, n.cause})
		}
	}
	for _, a := range roots {
		if a.Producer == nil {
			if _, err := b.sources.digest(ctx, a.Path); err != nil {
				return err
			}
		}
	}
	for _, path := range b.sources.changed() {
		b.Events.Emit(event.Warning{Message: fmt.Sprintf(
			"source file %s was changed during the build; what was built is from before", path)})
	}
	return nil
}

// start begins an attempt at n, whose deps are done.
func (b *builder) start(ctx context.Context, n *node) {
	n.state = running
	s := n.work()
	made := make(map[*action.Step]*action.Result, len(n.deps))
	for _, dep := range n.deps {
		made[dep.step] = dep.finished.Result
	}
	var keys []string
	if s.Executor == Provenance {
		keys = n.keysBehind()
	}
	e := end{node: n, ticket: &ticket{id: n.id, priority: n.priority, load: b.Load}}
	go func() {
		if s.Executor == Provenance {
			e.result, e.err = writeProvenance(ctx, b.Blobs, s, keys)
		} else {
			b.attempt(ctx, &e, s, made)
		}
		b.ends <- e
	}()
}

// attempt prepares the step s of e and has it executed or expanded.
func (b *builder) attempt(ctx context.Context, e *end, s *action.Step, made map[*action.Step]*action.Result) {
	b.slots <- struct{}{}
	a, err := b.prepare(ctx, s, made)
	<-b.slots
	if err != nil {
		e.err = err
		return
	}
	if s.Executor == Expand {
		e.body, e.err = b.expand(ctx, s, a.InputRoot)
	} else {
		b.execute(ctx, e, a)
	}
	if lost(e.err) {
		verifyInputs(ctx, b.Blobs, a.InputRoot)
	}
	if e.err == nil && e.result != nil && e.result.ExitCode == 0 {
		e.err = match(s, e.result)
	}
}

// execute has a executed.
func (b *builder) execute(ctx context.Context, e *end, a *action.Action) {
	encoded, err := a.Encode()
	if err != nil {
		e.err = err
		return
	}
	e.ticket.encoded = encoded
	e.result, e.err = b.Executor.Execute(withTicket(ctx, e.ticket), a)
}

// lost reports whether err says that something is not in the store.
func lost(err error) bool {
	var notFound *store.NotFoundError
	return errors.As(err, &notFound)
}

// end takes note of the end of an attempt and returns the nodes that are ready
// because of it.
func (b *builder) end(ctx context.Context, e end) (ready []*node) {
	n := e.node
	if lost(e.err) && n.restarts < maxRestarts && ctx.Err() == nil {
		b.trees.Clear()
		return n.restart()
	}
	if e.body != nil {
		if ready, e.err = b.grow(n, e.body); e.err == nil {
			return ready
		}
	}
	cancelled := e.err != nil && ctx.Err() != nil
	if e.ticket.announced.Load() || !cancelled {
		b.emit(e)
	}
	if e.result != nil && e.result.Cached {
		b.outcome.Cached++
	} else if e.result != nil {
		b.outcome.Executed++
	}
	if e.err == nil && e.result.ExitCode == 0 {
		n.state = done
		n.finished = Finished{e.ticket.encoded.Key, e.result}
		for _, u := range n.users {
			if u.state == waiting {
				if u.pending--; u.pending == 0 {
					ready = append(ready, u)
				}
			}
		}
		return ready
	}
	n.state = failed
	if cancelled {
		return nil
	}
	n.cause = &Failure{Step: n.step, Key: e.ticket.encoded.Key, Result: e.result, Err: e.err}
	b.outcome.Failures = append(b.outcome.Failures, n.cause)
	n.skipUsers()
	return nil
}

// restart makes n wait for its deps anew, which are carried out again or, if
// nothing of theirs is lost, found again. It returns what is ready at once.
func (n *node) restart() (ready []*node) {
	n.restarts++
	n.state = waiting
	again := []*node{n}
	for _, dep := range n.deps {
		switch dep.state {
		case done:
			dep.state = waiting
			again = append(again, dep)
		case failed, skipped: // when it was restarted for another user
			n.state, n.cause = skipped, dep.cause
		}
	}
	for _, m := range again {
		m.countPending()
		if m.pending == 0 && m.state == waiting {
			ready = append(ready, m)
		}
		for _, u := range m.users {
			u.countPending()
		}
	}
	return ready
}

func (n *node) countPending() {
	n.pending = 0
	for _, dep := range n.deps {
		if dep.state != done {
			n.pending++
		}
	}
}

// skipUsers marks all that need n as skipped because of it.
func (n *node) skipUsers() {
	todo := []*node{n}
	for len(todo) > 0 {
		last := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, u := range last.users {
			if u.state == waiting {
				u.state = skipped
				u.cause = n.cause
				todo = append(todo, u)
			}
		}
	}
}

// emit tells how an attempt ended.
func (b *builder) emit(e end) {
	s := e.work()
	finished := event.ActionFinished{
		ID: e.id, Owner: s.Owner, Mnemonic: s.Mnemonic, Progress: s.Progress,
		Arguments: s.Arguments, Key: e.ticket.encoded.Key, Err: e.err, Time: time.Now(),
	}
	if r := e.result; r != nil {
		finished.Cached, finished.ExitCode = r.Cached, r.ExitCode
		finished.Stdout, finished.Stderr, finished.Duration = r.Stdout, r.Stderr, r.Duration
	}
	b.Events.Emit(finished)
}
