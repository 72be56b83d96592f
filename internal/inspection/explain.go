package inspection

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// An Explanation tells why actions ran in the last build, or would run now. It
// compares their commands with those that made the same before, and knows from
// the read sets of earlier results what a program saw then and what it would
// see.
type Explanation struct {
	Store interface {
		store.Blobs
		store.ReadSets
	}
	Load    tree.Loader
	History *History
}

// maxDifferences bounds how many differences are told of one action.
const maxDifferences = 10

// Write explains those of the actions that the last build executed, in the order
// of actions, or that are to be executed, and counts the others.
func (x *Explanation) Write(ctx context.Context, w io.Writer, actions []build.Action) error {
	b := bufio.NewWriter(w)
	executed := map[*action.Step]bool{}
	for _, a := range actions {
		executed[a.Step] = a.Action != nil && x.History.Last[firstOutput(a.Action)].Action == a.Key
	}
	rest, waiting := 0, 0
	for _, a := range actions {
		what := ""
		switch {
		case a.Err != nil:
			what = a.Err.Error()
		case a.Action == nil && a.Result == nil:
			waiting++
			continue
		case a.Result == nil && executed[a.Step]:
			what = "failed in the last build, and will be executed again"
		case a.Result == nil:
			what = "is to be executed"
		case executed[a.Step]:
			what = "was executed in the last build"
		default:
			rest++
			continue
		}
		fmt.Fprintf(b, "%s: %s, %s\n  %s\n", a.Step.Owner.Short(), a.Step.Mnemonic, cmp.Or(a.Step.Progress, "without a description"), what)
		if a.Action == nil {
			continue
		}
		c, err := x.cause(ctx, a, executed)
		if err != nil {
			return err
		}
		c.write(b)
	}
	if waiting > 0 {
		fmt.Fprintf(b, "%d wait for these\n", waiting)
	}
	if rest > 0 {
		fmt.Fprintf(b, "%d have results from before\n", rest)
	}
	return b.Flush()
}

// A cause is why an action runs.
type cause struct {
	what        string
	differences []string
}

func (c cause) write(w io.Writer) {
	fmt.Fprintf(w, "  %s\n", c.what)
	for i, d := range c.differences {
		if i == maxDifferences {
			fmt.Fprintf(w, "    and %d more\n", len(c.differences)-i)
			break
		}
		fmt.Fprintf(w, "    %s\n", d)
	}
}

// cause returns what is other than when the result before that of a was made.
func (x *Explanation) cause(ctx context.Context, a build.Action, executed map[*action.Step]bool) (cause, error) {
	before, err := x.before(ctx, a, executed[a.Step])
	var foreign *foreignError
	switch {
	case errors.As(err, &foreign):
		return cause{what: "it was executed before by another version of cowasm: " + err.Error()}, nil
	case err != nil:
		return cause{}, err
	case before != nil:
		if differences := commandDifferences(before, a.Action); differences != nil {
			return cause{"of its command this has changed since it was executed before:", differences}, nil
		}
	}
	differences, found, err := x.seen(ctx, a)
	if err != nil {
		return cause{}, err
	}
	switch {
	case differences != nil:
		return cause{"of what its program saw when it was executed before, this has changed:", differences}, nil
	case found || before != nil && before.InputRoot == a.Action.InputRoot:
		return cause{what: "nothing that its program saw before has changed: its result is lost from the cache, or was made again to be compared"}, nil
	}
	var made []string
	for _, in := range a.Step.Inputs {
		if executed[in.Artifact.Producer] {
			made = append(made, in.Artifact.Path)
		}
	}
	switch {
	case made != nil:
		slices.Sort(made)
		return cause{what: "inputs that the last build made: " + diag.Some(slices.Compact(made))}, nil
	case before != nil:
		return cause{what: "its inputs are others than when it was executed before"}, nil
	}
	return cause{what: "no earlier result of this command is known: it is new, or what it was compared by is gone from the cache"}, nil
}

// before returns the action that was executed before a for the same output, nil
// if it is not known.
func (x *Explanation) before(ctx context.Context, a build.Action, executed bool) (*action.Action, error) {
	output := firstOutput(a.Action)
	execution, ok := x.History.Last[output]
	if executed || !ok {
		execution, ok = x.History.Before[output]
	}
	if !ok {
		return nil, nil
	}
	message, err := x.Store.Get(ctx, execution.Action)
	if err != nil {
		return nil, unlessLost(err)
	}
	command, err := x.Store.Get(ctx, execution.Command)
	if err != nil {
		return nil, unlessLost(err)
	}
	before, err := action.Decode(message, command)
	if err != nil {
		return nil, &foreignError{err}
	}
	return before, nil
}

// A foreignError says that the messages of an action have something that is
// not known.
type foreignError struct{ err error }

func (e *foreignError) Error() string { return e.err.Error() }

// unlessLost returns err unless it says that something is not in the store.
func unlessLost(err error) error {
	var lost *store.NotFoundError
	if errors.As(err, &lost) {
		return nil
	}
	return err
}

// seen returns what the program of a would see otherwise than when an earlier
// result of the same command was made, if there is one.
func (x *Explanation) seen(ctx context.Context, a build.Action) (differences []string, found bool, err error) {
	candidates, err := x.Store.Candidates(ctx, a.Base)
	if err != nil {
		return nil, false, err
	}
	// The latest is before all others, and what a itself has left is not looked at.
	candidates = slices.DeleteFunc(candidates, func(c store.Candidate) bool { return c.Key == a.Key })
	for _, c := range candidates {
		list, err := x.differences(ctx, c, a.Action.InputRoot)
		var lost *store.NotFoundError
		if errors.As(err, &lost) {
			continue
		}
		for _, d := range list {
			differences = append(differences, fmt.Sprintf("%s: was %s, is %s", cmp.Or(d.Path, "/"), d.Was, d.Is))
		}
		return differences, true, err
	}
	return nil, false, nil
}

func (x *Explanation) differences(ctx context.Context, c store.Candidate, root digest.Digest) ([]readset.Difference, error) {
	data, err := x.Store.Get(ctx, c.ReadSet)
	if err != nil {
		return nil, err
	}
	set, err := readset.Decode(data)
	if err != nil {
		return nil, err
	}
	return set.Differences(x.Load, root)
}
