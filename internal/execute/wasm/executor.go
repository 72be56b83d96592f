// Package wasm is the executor of WebAssembly programs. Each action runs in
// the sandbox, in a worker process that runs one action at a time: compiled
// guest code cannot be interrupted, so a guest that must be stopped is killed
// with its worker, and one that crashes the runtime takes no other with it.
// Workers live from action to action and keep the machine code of programs.
package wasm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/event"
)

// maxTranslation bounds the time that an action's guests do not run: from when
// it is handed to a worker to when the guest starts, which on a slow machine can
// mean the translation of a large module, or waiting for another process that
// translates it, and the time that further modules take.
const maxTranslation = time.Hour

// Options configure an Executor.
type Options struct {
	Command []string // starts a worker: a program that calls WorkerMain, and its arguments
	Store   string   // folder of the store.Disk that actions are run on
	Modules string   // folder for the machine code of programs
	Workers int      // the number of actions that run at once
	Threads int      // the number of threads that translate a module

	// Events is told of modules that are translated, and warned of what
	// programs write outside their outputs.
	Events event.Sink

	// Observe, if it is not nil, is told what each action did. It may be called
	// from several goroutines at once.
	Observe func(*action.Action, *Report)
}

// An Executor runs actions in worker processes, which it starts as they are
// needed.
type Executor struct {
	opts  Options
	slots chan struct{} // holds a token for each action that runs

	mu     sync.Mutex
	idle   []*process // the one that was used last is the last
	closed bool
}

// New returns an Executor. It must be closed.
func New(opts Options) *Executor {
	return &Executor{opts: opts, slots: make(chan struct{}, max(1, opts.Workers))}
}

// Close ends the workers. No action must be running.
func (e *Executor) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for _, p := range e.idle {
		p.stop()
	}
	e.idle = nil
}

// Execute implements execute.Executor. If the program succeeded but did not
// write all its outputs, it returns both a result, for its stdout and stderr,
// and an error.
func (e *Executor) Execute(ctx context.Context, a *action.Action) (*action.Result, error) {
	encoded, err := a.Encode()
	if err != nil {
		return nil, err
	}
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p, err := e.take()
	if err != nil {
		return nil, err
	}
	d, err := e.run(ctx, p, a, &runRequest{encoded.Action, encoded.Command})
	if err != nil {
		return nil, err
	}
	e.release(p)
	return e.finish(a, d)
}

// take returns a worker that is idle, or a new one.
func (e *Executor) take() (*process, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, errors.New("the executor is closed")
	}
	if n := len(e.idle); n > 0 {
		p := e.idle[n-1]
		e.idle = e.idle[:n-1]
		return p, nil
	}
	return start(e.opts.Command, &openRequest{e.opts.Store, e.opts.Modules, max(1, e.opts.Threads)})
}

func (e *Executor) release(p *process) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		p.stop()
		return
	}
	e.idle = append(e.idle, p)
}

// run has a worker run an action. If there is an error, the worker has been
// stopped.
func (e *Executor) run(ctx context.Context, p *process, a *action.Action, r *runRequest) (*done, error) {
	timeout := a.Limits.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	// Whatever ends the wait first is the cause.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	running := newTimer(timeout, func() { cancel(fmt.Errorf("the program was stopped after %v, its time limit", timeout)) })
	translating := newTimer(maxTranslation, func() {
		cancel(fmt.Errorf("the program could not be translated to machine code within %v", maxTranslation))
	})
	defer running.pause()
	defer translating.pause()
	stop := context.AfterFunc(ctx, p.kill)

	translating.resume()
	d, err := e.converse(p, r, func(runs bool) {
		if runs {
			translating.pause()
			running.resume()
		} else {
			running.pause()
			translating.resume()
		}
	})
	if !stop() { // killed, if only after it was done
		p.stop()
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, p.lost(err)
	}
	return d, nil
}

// converse sends a request and takes the replies to it. Turn is told when guests
// run, and when they wait for the translation of a module.
func (e *Executor) converse(p *process, r *runRequest, turn func(runs bool)) (*done, error) {
	if err := send(p.in, request{Run: r}); err != nil {
		return nil, err
	}
	for {
		var m reply
		if err := receive(p.out, &m); err != nil {
			return nil, err
		}
		switch {
		case m.Compiling != nil:
			turn(false)
			e.opts.Events.Emit(event.ModuleCompiling{Path: m.Compiling.Path, Module: digestOf(m.Compiling.Module), Time: time.Now()})
		case m.Compiled != nil:
			ev := event.ModuleCompiled{Module: digestOf(m.Compiled.Module), Time: time.Now()}
			if m.Compiled.Err != "" {
				ev.Err = errors.New(m.Compiled.Err)
			}
			e.opts.Events.Emit(ev)
			turn(true)
		case m.Started != nil:
			turn(true)
		case m.Done != nil:
			return m.Done, nil
		}
	}
}

// finish turns what a worker says of an action into what Execute returns.
func (e *Executor) finish(a *action.Action, d *done) (*action.Result, error) {
	if e.opts.Observe != nil {
		e.opts.Observe(a, &d.Report)
	}
	var result *action.Result
	var err error
	if d.Err != nil {
		err = d.Err
	}
	if d.Result != nil {
		var bad error
		if result, bad = action.DecodeResult(d.Result); bad != nil {
			return nil, fmt.Errorf("a worker sent a bad result: %w", bad)
		}
		result.Observed = d.Report.Observed
	}
	if err == nil && result == nil {
		return nil, errors.New("a worker sent neither a result nor an error")
	}
	dropped := slices.DeleteFunc(slices.Clone(d.Report.Dropped), func(p string) bool { return slices.Contains(a.Scratch, p) })
	if err == nil && len(dropped) > 0 {
		e.opts.Events.Emit(event.Warning{Label: a.Owner, Message: fmt.Sprintf(
			"%s wrote what is not among its outputs, and was dropped: %s", a.Mnemonic, enumerate(dropped))})
	}
	return result, err
}
