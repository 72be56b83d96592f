package execute

import (
	"context"
	"fmt"
	"runtime"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/store"
)

// Cache returns an Executor that answers with the stored result of an action
// where there is one, and otherwise has inner execute it and stores what comes
// of it. A failure is never stored: whatever it was due to, the user wants it
// tried again. Results are expected to be complete, as those of store.Disk are.
func Cache(inner Executor, results store.Results) Executor {
	// Look-ups are short and hold open files, so that many at once gain nothing.
	slots := make(chan struct{}, 4*runtime.GOMAXPROCS(0))
	return Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		key, err := keyOf(ctx, a)
		if err != nil {
			return nil, err
		}
		slots <- struct{}{}
		found, err := results.GetResult(ctx, key)
		<-slots
		if err == nil {
			r := *found
			r.Cached = true
			return &r, nil
		}
		if !lost(err) {
			return nil, fmt.Errorf("looking for its result: %w", err)
		}
		r, err := inner.Execute(ctx, a)
		if err != nil || r.ExitCode != 0 {
			return r, err
		}
		if err := results.PutResult(ctx, key, r); err != nil {
			return nil, err
		}
		return r, nil
	})
}
