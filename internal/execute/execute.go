// Package execute turns steps into results: it schedules them, looks for them
// in the cache and hands the rest to the plugin that each one names.
package execute

import (
	"context"

	"github.com/cowasm/cowasm/internal/action"
)

// An Executor runs actions. It returns an error only when the action could not
// be run; a program that ran and failed is a Result with a non-zero exit code.
type Executor interface {
	Execute(ctx context.Context, a *action.Action) (*action.Result, error)
}
