package execute

import (
	"context"
	"time"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/event"
)

// Announce returns an Executor that tells sink when inner starts to execute an
// action, and notes in the result how long it took. What came of it is told by
// Run.
func Announce(inner Executor, sink event.Sink) Executor {
	return Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		t := ticketOf(ctx)
		t.announced.Store(true)
		start := time.Now()
		sink.Emit(event.ActionStarted{
			ID: t.id, Owner: a.Owner, Mnemonic: a.Mnemonic, Progress: a.Progress,
			Arguments: a.Arguments, Time: start})
		r, err := inner.Execute(ctx, a)
		if r != nil && r.Duration == 0 {
			timed := *r
			timed.Duration = time.Since(start)
			r = &timed
		}
		return r, err
	})
}
