package execute

import (
	"context"

	"golang.org/x/sync/singleflight"

	"github.com/cowasm/cowasm/internal/action"
)

// Dedup returns an Executor that has inner execute an action only once when it
// is asked for several times at once. All get the same result, which they must
// not change; for those that came later it counts as cached.
func Dedup(inner Executor) Executor {
	var group singleflight.Group
	return Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		key, err := keyOf(ctx, a)
		if err != nil {
			return nil, err
		}
		first := false
		v, err, _ := group.Do(key.String(), func() (any, error) {
			first = true
			return inner.Execute(ctx, a)
		})
		if err != nil {
			return nil, err
		}
		r := v.(*action.Result)
		if !first {
			again := *r
			again.Cached = true
			r = &again
		}
		return r, nil
	})
}
