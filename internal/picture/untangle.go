package picture

import (
	"cmp"
	"slices"
)

// sweeps is how often boxes are put near to their neighbours.
const sweeps = 8

// untangle orders each column so that few edges cross: each box goes to the mean
// height of its neighbours in the columns beside it.
func untangle(columns [][]*box) {
	place := map[*box]float64{}
	number := func(column []*box) {
		for i, b := range column {
			place[b] = float64(i) - float64(len(column))/2
		}
	}
	for _, column := range columns {
		slices.SortFunc(column, func(a, b *box) int { return cmp.Compare(a.Index, b.Index) })
		number(column)
	}
	for sweep := range sweeps {
		for i := range columns {
			column, neighbours := columns[i], func(b *box) []*box { return b.left }
			if sweep%2 == 1 {
				column, neighbours = columns[len(columns)-1-i], func(b *box) []*box { return b.right }
			}
			mean := map[*box]float64{}
			for _, b := range column {
				near := neighbours(b)
				for _, n := range near {
					mean[b] += place[n] / float64(len(near))
				}
				if len(near) == 0 {
					mean[b] = place[b]
				}
			}
			slices.SortStableFunc(column, func(a, b *box) int { return cmp.Compare(mean[a], mean[b]) })
			number(column)
		}
	}
}
