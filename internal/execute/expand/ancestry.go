package expand

import (
	"iter"
	"math/bits"

	"github.com/cowasm/cowasm/internal/ninja"
)

// An ancestry knows for each edge those that its inputs come from, directly or
// not, as sets of bits.
type ancestry struct {
	edges []*ninja.Edge
	sets  map[*ninja.Edge][]uint64
}

// newAncestry returns the ancestry of edges, which have those that they need
// before them.
func newAncestry(g *ninja.Graph, edges []*ninja.Edge) *ancestry {
	a := &ancestry{edges: edges, sets: make(map[*ninja.Edge][]uint64, len(edges))}
	number := make(map[*ninja.Edge]int, len(edges))
	for i, e := range edges {
		number[e] = i
		set := make([]uint64, i/64+1)
		for _, p := range e.Needs() {
			maker := g.Maker(p)
			if maker == nil || maker == e {
				continue
			}
			n := number[maker]
			if set[n/64]&(1<<(n%64)) != 0 {
				continue // with all of its own
			}
			set[n/64] |= 1 << (n % 64)
			for j, word := range a.sets[maker] {
				set[j] |= word
			}
		}
		a.sets[e] = set
	}
	return a
}

// of returns the ancestors of an edge in order.
func (a *ancestry) of(e *ninja.Edge) iter.Seq[*ninja.Edge] {
	return func(yield func(*ninja.Edge) bool) {
		for i, word := range a.sets[e] {
			for ; word != 0; word &= word - 1 {
				if !yield(a.edges[64*i+bits.TrailingZeros64(word)]) {
					return
				}
			}
		}
	}
}
