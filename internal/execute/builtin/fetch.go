package builtin

import (
	"context"
	"fmt"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/fetch"
)

// nameFetch is the one function that reaches outside.
const nameFetch = "fetch@1"

// fetchFunction returns fetch@1. Only the hash says what it makes; the rest
// says where to get it.
func fetchFunction(f Fetch) function {
	return function{
		usage:      "--sha256=HEX [--url=URL]... [--purl=PURL]... OUTPUT",
		flags:      []string{"sha256", "url", "purl"},
		positional: 1,
		run: func(ctx context.Context, c *call) error {
			source, err := c.source()
			if err != nil {
				return err
			}
			d, err := f(ctx, source)
			if err != nil {
				return err
			}
			return c.setFile(c.args[0], d, false)
		},
	}
}

// source returns what a call of fetch@1 asks for.
func (c *call) source() (fetch.Source, error) {
	hash, err := c.flag("sha256", "")
	if err != nil {
		return fetch.Source{}, err
	}
	return fetch.Source{
		Name:   c.action.Owner.String(),
		SHA256: hash,
		URLs:   c.flags["url"],
		PURLs:  c.flags["purl"],
	}, nil
}

// Waits reports whether an action spends its time waiting for the network, and
// takes nothing from those that compute.
func Waits(a *action.Action) bool {
	return a.Executor == "builtin" && len(a.Arguments) > 0 && a.Arguments[0] == nameFetch
}

// Source returns what the step fetches, or false if it fetches nothing.
func Source(s *action.Step) (fetch.Source, bool, error) {
	if s.Executor != "builtin" || len(s.Arguments) == 0 || s.Arguments[0] != nameFetch {
		return fetch.Source{}, false, nil
	}
	c := &call{action: &action.Action{Owner: s.Owner, Arguments: s.Arguments}}
	if err := c.parse(fetchFunction(nil), s.Arguments[1:]); err != nil {
		return fetch.Source{}, false, err
	}
	source, err := c.source()
	if err != nil {
		return fetch.Source{}, false, fmt.Errorf("%s: %w", s.Owner, err)
	}
	return source, true, nil
}
