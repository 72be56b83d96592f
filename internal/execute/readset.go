package execute

import (
	"context"
	"fmt"
	"runtime"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// maxReadSet bounds the size of a read set that is stored, in bytes. What saw
// more than that is found by its key only.
const maxReadSet = 16 << 20

// A ReadSetStore is what ReadSets work on.
type ReadSetStore interface {
	store.Blobs
	store.Results
	store.ReadSets
}

// ReadSets are the second keys of results. The key of an action is made of all
// that its program may see; but a program sees little of a large tree, and what
// it did not see cannot matter. So the result of an action whose executor tells
// what the program observed is also found by that: it is the result of every
// action with the same base in which the program would observe the same.
type ReadSets struct {
	store ReadSetStore
	load  tree.Loader
	slots chan struct{} // bounds the look-ups, as in Cache
}

// NewReadSets returns the read sets in a store, of which load returns the
// directories.
func NewReadSets(s ReadSetStore, load tree.Loader) *ReadSets {
	return &ReadSets{s, load, make(chan struct{}, 4*runtime.GOMAXPROCS(0))}
}

// Find returns an Executor that answers with a result that is found by its read
// set, where there is one, and otherwise has inner execute the action and
// stores the read set of what comes of it. It relies on a Cache around it for
// storing results under the keys of their actions.
func (s *ReadSets) Find(inner Executor) Executor {
	return Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		e, err := Encoded(ctx, a)
		if err != nil {
			return nil, err
		}
		found, c, err := s.find(ctx, a, e.Base)
		if err != nil {
			return nil, fmt.Errorf("looking for its read sets: %w", err)
		}
		if found != nil {
			return found, s.store.AddCandidate(ctx, e.Base, c)
		}
		r, err := inner.Execute(ctx, a)
		if err != nil {
			return r, err
		}
		return s.record(ctx, a, e, r)
	})
}

// Check returns an Executor that stands in the place of Find to find results
// that depend on more than their read set holds: it has inner execute every
// action, compares what comes of it with what would have been found, and fails
// with a *DifferenceError where they differ.
func (s *ReadSets) Check(inner Executor) Executor {
	return Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		e, err := Encoded(ctx, a)
		if err != nil {
			return nil, err
		}
		r, err := inner.Execute(ctx, a)
		if err != nil || r.ExitCode != 0 {
			return r, err
		}
		found, _, err := s.find(ctx, a, e.Base)
		if err != nil {
			return nil, fmt.Errorf("looking for its read sets: %w", err)
		}
		if found != nil {
			differing, err := compare(s.load, found, r)
			if err != nil {
				return nil, err
			}
			if len(differing) > 0 {
				return nil, &DifferenceError{Paths: differing, ReadSet: true}
			}
		}
		return s.record(ctx, a, e, r)
	})
}

// Keep returns an Executor around a Cache that keeps the store from forgetting
// the read sets of results that are found by their key.
func (s *ReadSets) Keep(inner Executor) Executor {
	return Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		r, err := inner.Execute(ctx, a)
		if err != nil || !r.Cached || r.ByReadSet {
			return r, err
		}
		e, err := Encoded(ctx, a)
		if err != nil {
			return nil, err
		}
		return r, s.store.KeepLatest(ctx, e.Base)
	})
}

// find returns the result that is found by its read set, and the candidate that
// has it; nil if there is none.
func (s *ReadSets) find(ctx context.Context, a *action.Action, base digest.Digest) (*action.Result, store.Candidate, error) {
	s.slots <- struct{}{}
	defer func() { <-s.slots }()
	candidates, err := s.store.Candidates(ctx, base)
	if err != nil {
		return nil, store.Candidate{}, err
	}
	for _, c := range candidates {
		found, err := s.try(ctx, a, c)
		if lost(err) {
			continue // of this candidate, or of the inputs, which the executor will notice
		}
		if err != nil {
			return nil, store.Candidate{}, err
		}
		if found != nil {
			r := *found
			r.Cached, r.ByReadSet = true, true
			return &r, c, nil
		}
	}
	return nil, store.Candidate{}, nil
}

// try returns the result of a candidate if its program sees the same in a, and
// nil if not.
func (s *ReadSets) try(ctx context.Context, a *action.Action, c store.Candidate) (*action.Result, error) {
	data, err := s.store.Get(ctx, c.ReadSet)
	if err != nil {
		return nil, err
	}
	set, err := readset.Decode(data)
	if err != nil {
		return nil, nil // of another version
	}
	same, err := set.Matches(s.load, a.InputRoot)
	if err != nil || !same {
		return nil, err
	}
	return s.store.GetResult(ctx, c.Key)
}

// record stores the read set of a result that was made now, and returns the
// result without it.
func (s *ReadSets) record(ctx context.Context, a *action.Action, e action.Encoded, r *action.Result) (*action.Result, error) {
	if r.Observed == nil {
		return r, nil
	}
	bare := *r
	bare.Observed = nil
	if r.ExitCode != 0 || r.Cached {
		return &bare, nil
	}
	set, err := readset.New(s.load, a.InputRoot, r.Observed)
	if err != nil {
		return nil, err
	}
	data := set.Encode()
	if len(data) > maxReadSet {
		return &bare, nil
	}
	var d digest.Digest
	if d, err = s.store.Put(ctx, data); err != nil {
		return nil, err
	}
	return &bare, s.store.AddCandidate(ctx, e.Base, store.Candidate{Key: e.Key, ReadSet: d})
}
