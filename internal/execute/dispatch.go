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
		return nil, unknown("executor", a.Executor, slices.Sorted(maps.Keys(executors)))
	})
}

// unknown returns the error for a plugin that is not there.
func unknown(kind, name string, known []string) error {
	err := &diag.Error{Msg: fmt.Sprintf("there is no %s %q", kind, name)}
	if near := diag.Nearest(name, known); near != "" {
		return err.WithHint("did you mean %q?", near)
	}
	return err.WithHint("the %ss are %s", kind, strings.Join(known, ", "))
}
