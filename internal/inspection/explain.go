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
// knows that from the read sets of earlier results: what a program saw then is
// compared with what it would see.
type Explanation struct {
	Store interface {
		store.Blobs
		store.ReadSets
	}
	Load     tree.Loader
	Executed map[digest.Digest]bool // keys of what the last build executed
}

// maxDifferences bounds how many differences are told of one action.
const maxDifferences = 10

// Write explains those of the actions that the last build executed, in the order
// of actions, or that are to be executed, and counts the others.
func (x *Explanation) Write(ctx context.Context, w io.Writer, actions []build.Action) error {
	b := bufio.NewWriter(w)
	keys := map[*action.Step]digest.Digest{}
	for _, a := range actions {
		keys[a.Step] = a.Key
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
		case a.Result == nil && x.Executed[a.Key]:
			what = "failed in the last build, and will be executed again"
		case a.Result == nil:
			what = "is to be executed"
		case x.Executed[a.Key]:
			what = "was executed in the last build"
		default:
			rest++
			continue
		}
		fmt.Fprintf(b, "%s: %s, %s\n  %s\n", a.Step.Owner.Short(), a.Step.Mnemonic, cmp.Or(a.Step.Progress, "without a description"), what)
		if a.Action == nil {
			continue
		}
		lines, err := x.cause(ctx, a, keys)
		if err != nil {
			return err
		}
		for _, line := range lines {
			fmt.Fprintln(b, "  "+line)
		}
	}
	if waiting > 0 {
		fmt.Fprintf(b, "%d wait for these\n", waiting)
	}
	if rest > 0 {
		fmt.Fprintf(b, "%d have results from before\n", rest)
	}
	return b.Flush()
}

// cause returns what is other than when the result before that of a was made.
func (x *Explanation) cause(ctx context.Context, a build.Action, keys map[*action.Step]digest.Digest) ([]string, error) {
	encoded, err := a.Action.Encode()
	if err != nil {
		return nil, err
	}
	candidates, err := x.Store.Candidates(ctx, encoded.Base)
	if err != nil {
		return nil, err
	}
	// The latest is before all others, and what a itself has left is not looked at.
	candidates = slices.DeleteFunc(candidates, func(c store.Candidate) bool { return c.Key == a.Key })
	for _, c := range candidates {
		differences, err := x.differences(ctx, c, a.Action.InputRoot)
		var lost *store.NotFoundError
		if errors.As(err, &lost) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(differences) == 0 {
			return []string{"nothing that its program saw before has changed: its result is lost from the cache, or was made again to be compared"}, nil
		}
		lines := []string{"of what its program saw when it was executed before, this has changed:"}
		for i, d := range differences {
			if i == maxDifferences {
				lines = append(lines, fmt.Sprintf("  and %d more", len(differences)-i))
				break
			}
			lines = append(lines, fmt.Sprintf("  %s: was %s, is %s", cmp.Or(d.Path, "/"), d.Was, d.Is))
		}
		return lines, nil
	}
	var made []string
	for _, in := range a.Step.Inputs {
		if x.Executed[keys[in.Artifact.Producer]] {
			made = append(made, in.Artifact.Path)
		}
	}
	if made != nil {
		slices.Sort(made)
		return []string{"inputs that the last build made: " + diag.Some(slices.Compact(made))}, nil
	}
	if a.Action.Executor != "wasm" {
		return []string{"it is no program, so that what it read is not recorded: its inputs or arguments are others than before"}, nil
	}
	return []string{"no earlier result of this command is known: it is new or another, or what it was compared by is gone from the cache"}, nil
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
