package lang

import (
	"fmt"
	"runtime/metrics"
	"time"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/diag"
)

// Limits of one run: the evaluation of one file, or of one rule's
// implementation for one target.
const (
	maxSteps = 10_000_000
	maxTime  = 10 * time.Second
	maxHeap  = 1 << 30 // bytes that the heap may grow while it runs
	// grace is how long a builtin that cannot be interrupted is waited for.
	grace = time.Second
)

// A Runner runs Starlark code within limits.
type Runner struct {
	Name  string // of what runs, for error messages
	Scope *Scope
	// Print takes what print writes; nil drops it.
	Print func(pos diag.Position, msg string)
	// Load returns the globals of a module that the program loads.
	Load func(module string) (starlark.StringDict, error)
}

// Exec executes a program and returns its globals, frozen. Errors are
// diagnostics.
func (r *Runner) Exec(p *Program, predeclared starlark.StringDict) (starlark.StringDict, error) {
	var globals starlark.StringDict
	err := r.run(func(thread *starlark.Thread) error {
		var err error
		globals, err = p.prog.Init(thread, predeclared)
		if err == nil {
			globals.Freeze()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return globals, nil
}

// Call calls a function with one argument and returns its result, frozen.
// Errors are diagnostics.
func (r *Runner) Call(fn starlark.Callable, arg starlark.Value) (starlark.Value, error) {
	var v starlark.Value
	err := r.run(func(thread *starlark.Thread) error {
		var err error
		v, err = starlark.Call(thread, fn, starlark.Tuple{arg}, nil)
		if err == nil {
			v.Freeze()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (r *Runner) run(f func(*starlark.Thread) error) error {
	thread := &starlark.Thread{Name: r.Name}
	thread.SetLocal(scopeKey, r.Scope)
	thread.SetMaxExecutionSteps(maxSteps)
	thread.OnMaxSteps = func(thread *starlark.Thread) {
		thread.Cancel(fmt.Sprintf("it did not end within %d steps", maxSteps))
	}
	thread.Print = func(thread *starlark.Thread, msg string) {
		if r.Print != nil {
			r.Print(callerPosition(thread), msg)
		}
	}
	thread.Load = func(_ *starlark.Thread, module string) (starlark.StringDict, error) { return r.Load(module) }

	done := make(chan error, 1)
	go func() { done <- f(thread) }()
	return Diagnose(watch(thread, done)).Err()
}

// watch waits for the end of a run and cancels it when it uses too much time or
// memory. Steps do not bound either, since one step may copy a long string. A
// run that is inside a builtin and does not stop is abandoned: the process is
// about to end with the error.
func watch(thread *starlark.Thread, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-time.After(20 * time.Millisecond):
	}
	start, heap := time.Now(), heapSize()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var cancelled time.Time
	reason := ""
	for {
		select {
		case err := <-done:
			return err
		case now := <-tick.C:
			switch {
			case reason != "":
				if now.Sub(cancelled) > grace {
					return fmt.Errorf("%s: %s", thread.Name, reason)
				}
				continue
			case now.Sub(start) > maxTime:
				reason = fmt.Sprintf("it did not end within %s", maxTime)
			case heapSize() > heap+maxHeap:
				reason = fmt.Sprintf("it uses more than %d MiB of memory", maxHeap>>20)
			default:
				continue
			}
			cancelled = now
			thread.Cancel(reason)
		}
	}
}

// heapSize returns the bytes that objects on the heap take up.
func heapSize() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
