package picture

import (
	"cmp"
	"math"
	"slices"
)

// components returns the boxes that have to do with each other, the largest
// groups first, each sorted by name.
func components(boxes []*box) [][]*box {
	var groups [][]*box
	seen := map[*box]bool{}
	for _, b := range boxes {
		if seen[b] {
			continue
		}
		seen[b] = true
		group := []*box{b}
		for i := 0; i < len(group); i++ {
			for _, near := range slices.Concat(group[i].deps, group[i].users) {
				if !seen[near] {
					seen[near] = true
					group = append(group, near)
				}
			}
		}
		slices.SortFunc(group, func(a, b *box) int { return cmp.Compare(a.Index, b.Index) })
		groups = append(groups, group)
	}
	slices.SortStableFunc(groups, func(a, b []*box) int { return cmp.Compare(len(b), len(a)) })
	return groups
}

// aspect is how wide a picture is to be, as a multiple of its height.
const aspect = 1.5

// pack places groups beside and below each other and returns the size of the
// whole.
func pack(groups [][]*box) (width, height float64) {
	type rectangle struct{ w, h float64 }
	sizes := make([]rectangle, len(groups))
	area, widest := 0.0, 0.0
	for i, group := range groups {
		w, h := place(group)
		sizes[i] = rectangle{w, h}
		area += (w + groupGap) * (h + groupGap)
		widest = max(widest, w)
	}
	limit := margin + max(widest, math.Sqrt(aspect*area))
	x, y, row := margin, margin, 0.0
	for i, group := range groups {
		size := sizes[i]
		if x > margin && x+size.w > limit {
			x, y, row = margin, y+row+gapAfter(groups[i-1]), 0
		}
		for _, b := range group {
			b.X += x
			b.Y += y
		}
		width = max(width, x+size.w+margin)
		x += size.w + gapAfter(group)
		row = max(row, size.h)
	}
	return max(width, 2*margin), y + row + margin
}

// gapAfter returns the space after a group: those that are alone are near to
// each other.
func gapAfter(group []*box) float64 {
	if len(group) == 1 {
		return rowGap
	}
	return groupGap
}

// place places the boxes of a group in columns, as if it was all there is, and
// returns its size.
func place(group []*box) (width, height float64) {
	columns := assignColumns(group)
	route(columns)
	untangle(columns)
	for _, column := range columns {
		height = max(height, columnHeight(column))
	}
	for i, column := range columns {
		if i > 0 {
			width += columnGap
		}
		widest := 0.0
		y := (height - columnHeight(column)) / 2 // short columns are in the middle
		for _, b := range column {
			b.X, b.Y = width, y
			y += b.H + rowGap
			widest = max(widest, b.W)
		}
		for _, b := range column {
			if b.bend() {
				b.W = widest
			}
		}
		width += widest
	}
	return width, height
}

func columnHeight(column []*box) float64 {
	height := -rowGap
	for _, b := range column {
		height += b.H + rowGap
	}
	return height
}

// bend reports whether a box is a bend.
func (b *box) bend() bool { return b.H == bendHeight }

// route finds the way of each edge and adds its bends to columns: an edge that
// crosses columns leads between the boxes there. Edges to the same box share
// bends.
func route(columns [][]*box) {
	type place struct{ to, column int }
	bends := map[place]*box{}
	for i := range columns {
		for _, b := range columns[i] {
			for _, d := range b.deps {
				way := []*box{b}
				for column := i + 1; column < d.column; column++ {
					at := place{d.Index, column}
					if bends[at] == nil {
						bends[at] = &box{Index: d.Index, H: bendHeight, column: column}
						columns[column] = append(columns[column], bends[at])
					}
					way = append(way, bends[at])
				}
				b.routes = append(b.routes, append(way, d))
			}
		}
	}
	for _, column := range columns {
		for _, b := range column {
			for _, way := range b.routes {
				for i, next := range way[1:] {
					if from := way[i]; !slices.Contains(from.right, next) {
						from.right = append(from.right, next)
						next.left = append(next.left, from)
					}
				}
			}
		}
	}
}
