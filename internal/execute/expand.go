package execute

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
)

// Expand is the executor of steps that Run does not carry out but has turned
// into others, which then join the build. The first argument of such a step
// names the Expander that turns it.
const Expand = "expand"

// An Expander returns the step that makes the outputs of s in its stead, from
// artifacts that may come of further steps: those join the build with it. root
// is the tree of the inputs of s; the Expander, a pure function of that and of
// s, finds it in the store.
//
// The steps may need what s needs and what they make themselves, no more. A
// NotFoundError says that part of the tree was lost; it is made again.
type Expander func(ctx context.Context, s *action.Step, root digest.Digest) (*action.Step, error)

// expand returns what s stands for.
func (b *builder) expand(ctx context.Context, s *action.Step, root digest.Digest) (*action.Step, error) {
	if len(s.Arguments) == 0 {
		return nil, errors.New("the action does not name an expander")
	}
	expander, ok := b.Expanders[s.Arguments[0]]
	if !ok {
		return nil, unknown("expander", s.Arguments[0], slices.Sorted(maps.Keys(b.Expanders)))
	}
	body, err := expander(ctx, s, root)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(body.Outputs, s.Outputs) {
		return nil, fmt.Errorf("expander %s returned a step with other outputs", s.Arguments[0])
	}
	return body, nil
}

// grow puts body in the place of n's step. It returns the nodes that are ready.
func (b *builder) grow(n *node, body *action.Step) (ready []*node, err error) {
	added, err := b.graph.expand(n, body)
	if err != nil {
		return nil, err
	}
	b.Events.Emit(event.Expanded{Actions: len(added)})
	n.state = waiting
	for _, m := range append(added, n) {
		m.countPending()
		if m.pending == 0 {
			ready = append(ready, m)
		}
	}
	return ready, nil
}
