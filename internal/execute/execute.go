// Package execute turns steps into results: it schedules them, looks for them
// in the cache and hands the rest to the plugin that each one names.
//
// Run walks the graph of steps and calls one Executor for each step whose
// inputs are known. All else is done by decorators, which are Executors around
// Executors. From the outside in, a build uses
//
//	Log        writes a line for each action
//	Cache      answers from the stored results, or Check, which compares with them
//	ReadSets   finds results by what their programs saw
//	Dedup      carries out equal actions once
//	Limiter    lets so many through at a time, the most urgent first
//	Announce   tells that an action starts
//	Dispatch   passes it to the plugin that it names
package execute

import (
	"context"
	"sync/atomic"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// An Executor runs actions. It returns an error only when the action could not
// be run; a program that ran and failed is a Result with a non-zero exit code.
type Executor interface {
	Execute(ctx context.Context, a *action.Action) (*action.Result, error)
}

// A Func is a function that is an Executor.
type Func func(ctx context.Context, a *action.Action) (*action.Result, error)

// Execute calls f.
func (f Func) Execute(ctx context.Context, a *action.Action) (*action.Result, error) {
	return f(ctx, a)
}

// A ticket is what Run tells the decorators about an action beyond the action,
// and they tell Run. It travels in the context.
type ticket struct {
	id       int            // of the events of this action
	priority int            // the higher, the more urgent
	encoded  action.Encoded // the action
	load     tree.Loader    // of its inputs

	announced atomic.Bool // an ActionStarted was emitted
}

type ticketKey struct{}

func withTicket(ctx context.Context, t *ticket) context.Context {
	return context.WithValue(ctx, ticketKey{}, t)
}

// ticketOf returns the ticket in ctx, or an empty one.
func ticketOf(ctx context.Context) *ticket {
	if t, ok := ctx.Value(ticketKey{}).(*ticket); ok {
		return t
	}
	return &ticket{}
}

// keyOf returns the key of a, which Run has computed already if the call comes
// from there.
func keyOf(ctx context.Context, a *action.Action) (digest.Digest, error) {
	e, err := Encoded(ctx, a)
	return e.Key, err
}

// Encoded returns the encoding of a, which Run has computed already if it is
// called by an Executor for a with the context that came with it.
func Encoded(ctx context.Context, a *action.Action) (action.Encoded, error) {
	if t := ticketOf(ctx); !t.encoded.Key.IsZero() {
		return t.encoded, nil
	}
	return a.Encode()
}
