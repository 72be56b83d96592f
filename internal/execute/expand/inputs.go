package expand

import (
	"encoding/binary"
	"math/bits"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/ninja"
)

// Inputs are what edges see: what is there before the first one runs, and all
// that their ancestors make, the edges that their inputs come from, directly or
// not.
type inputs struct {
	base      *action.Artifact
	edges     []*ninja.Edge // those that are not phony
	ancestors map[*ninja.Edge]set
	made      map[*ninja.Edge][]*action.Artifact
	lists     map[string][]action.Input // by set.key
}

// newInputs returns the inputs of edges, which have those that they need before
// them.
func newInputs(g *ninja.Graph, edges []*ninja.Edge, base *action.Artifact) *inputs {
	in := &inputs{
		base:      base,
		ancestors: make(map[*ninja.Edge]set, len(edges)),
		made:      make(map[*ninja.Edge][]*action.Artifact, len(edges)),
		lists:     map[string][]action.Input{},
	}
	number := make(map[*ninja.Edge]int, len(edges))
	for _, e := range edges {
		s := make(set, len(in.edges)/64+1)
		for _, p := range e.Needs() {
			maker := g.Maker(p)
			if maker == nil || maker == e {
				continue
			}
			if n, ok := number[maker]; ok {
				if s.has(n) {
					continue // with its own ancestors
				}
				s.add(n)
			}
			s.addAll(in.ancestors[maker])
		}
		in.ancestors[e] = s
		if !e.Phony() {
			number[e] = len(in.edges)
			in.edges = append(in.edges, e)
		}
	}
	return in
}

// of returns the inputs of an edge; what its ancestors make must be in in.made.
// Edges with the same ancestors get the same list.
func (in *inputs) of(e *ninja.Edge) []action.Input {
	s := in.ancestors[e]
	key := s.key()
	if list, ok := in.lists[key]; ok {
		return list
	}
	list := []action.Input{{Path: ".", Artifact: in.base}}
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			for _, out := range in.made[in.edges[64*i+bits.TrailingZeros64(word)]] {
				list = append(list, action.Input{Path: out.Path, Artifact: out})
			}
		}
	}
	in.lists[key] = list
	return list
}

// A set is a set of small numbers, as bits.
type set []uint64

func (s set) has(n int) bool { return s[n/64]&(1<<(n%64)) != 0 }

func (s set) add(n int) { s[n/64] |= 1 << (n % 64) }

// addAll adds the members of t, which is not longer than s.
func (s set) addAll(t set) {
	for i, word := range t {
		s[i] |= word
	}
}

// key returns what equal sets have in common, whatever their lengths.
func (s set) key() string {
	for len(s) > 0 && s[len(s)-1] == 0 {
		s = s[:len(s)-1]
	}
	var key []byte
	for _, word := range s {
		key = binary.LittleEndian.AppendUint64(key, word)
	}
	return string(key)
}
