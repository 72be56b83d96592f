// Package builtin executes actions that are Go functions, such as tar@1. The
// number is the version of the function: it changes when the same arguments and
// inputs could give another output.
package builtin

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/fetch"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// A Fetch makes sure that the store has the content of a source.
type Fetch func(ctx context.Context, s fetch.Source) (digest.Digest, error)

// A function is what a name stands for.
type function struct {
	usage      string   // of the arguments, for errors
	flags      []string // names of those that have a value
	switches   []string // names of those that have none
	positional int      // arguments after the flags; negative for that many or more
	run        func(ctx context.Context, c *call) error
}

// New returns an Executor of the functions. It finds inputs in blobs, through
// load where they are directories, and puts outputs there; fetch@1 calls fetch,
// which must put what it fetches there too.
func New(blobs store.Blobs, load tree.Loader, fetch Fetch) execute.Executor {
	functions := map[string]function{
		"copy@1":     copyFunction,
		"extract@1":  extractFunction,
		nameFetch:    fetchFunction(fetch),
		"file@1":     fileFunction,
		"linkable@1": linkableFunction,
		"merge@1":    mergeFunction,
		"select@1":   selectFunction,
		"tar@1":      tarFunction,
		"without@1":  withoutFunction,
		"write@1":    writeFunction,
	}
	return execute.Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		start := time.Now()
		if len(a.Arguments) == 0 {
			return nil, fmt.Errorf("the action does not name a builtin function")
		}
		name := a.Arguments[0]
		f, ok := functions[name]
		if !ok {
			return nil, unknown(name, slices.Sorted(maps.Keys(functions)))
		}
		c := &call{action: a, blobs: blobs, load: load, result: &action.Result{}}
		if err := c.parse(f, a.Arguments[1:]); err != nil {
			return nil, err.WithHint("the arguments of %s are %s", name, f.usage)
		}
		if err := f.run(ctx, c); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		c.result.Duration = time.Since(start)
		return c.finish()
	})
}

func unknown(name string, known []string) error {
	err := &diag.Error{Msg: fmt.Sprintf("there is no builtin function %q", name)}
	if near := diag.Nearest(name, known); near != "" {
		return err.WithHint("did you mean %q?", near)
	}
	return err.WithHint("the builtin functions are %s", strings.Join(known, ", "))
}
