package execute

import (
	"context"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
)

// Refuse returns an Executor that executes nothing: below a cache, it makes a
// build fail unless everything is built already.
func Refuse() Executor {
	return Func(func(context.Context, *action.Action) (*action.Result, error) {
		return nil, diag.Errorf(diag.Position{}, "it is not up to date").
			WithHint("without --check_up_to_date it would be executed now")
	})
}
