package execute

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
)

// Dispatch returns an Executor that passes each action to the one among
// executors that it names.
func Dispatch(executors map[string]Executor) Executor {
	return Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		if e, ok := executors[a.Executor]; ok {
			return e.Execute(ctx, a)
		}
		known := slices.Sorted(maps.Keys(executors))
		err := &diag.Error{Msg: fmt.Sprintf("there is no executor %q", a.Executor)}
		if near := diag.Nearest(a.Executor, known); near != "" {
			return nil, err.WithHint("did you mean %q?", near)
		}
		return nil, err.WithHint("the executors are %s", strings.Join(known, ", "))
	})
}
