// Package picture draws who depends on whom: for Graphviz, or as a web page
// that needs nothing else.
package picture

import (
	"cmp"
	"maps"
	"slices"
	"unicode/utf8"
)

// A Node is one of those that depend on each other.
type Node struct {
	Name   string   // unique
	Detail string   // shown smaller, such as a version; may be empty
	Deps   []string // names of nodes; others are left out
}

// Measures of the picture, in pixels.
const (
	charWidth  = 7.3 // of the font that nodes are labelled in
	nodeHeight = 30.0
	rowGap     = 14.0
	columnGap  = 90.0
	margin     = 24.0
	padding    = 12.0
)

// A box is a node with its place: who depends on nobody is at the right.
type box struct {
	Node
	Index        int
	X, Y, W      float64
	column       int
	deps, users  []*box
	Below, Above []int // indexes of all that it needs, and of all that need it
}

// layout returns the boxes of nodes, sorted by name, and the picture's size.
// Nodes may not depend on each other in a circle; an edge that would close one
// is left out.
func layout(nodes []Node) (boxes []*box, width, height float64) {
	byName := map[string]*box{}
	for _, n := range nodes {
		byName[n.Name] = &box{Node: n, W: 2*padding + charWidth*float64(labelLen(n))}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		byName[name].Index = len(boxes)
		boxes = append(boxes, byName[name])
	}
	for _, b := range boxes {
		for _, dep := range slices.Compact(slices.Sorted(slices.Values(b.Deps))) {
			if d := byName[dep]; d != nil && !reaches(d, b) {
				b.deps = append(b.deps, d)
				d.users = append(d.users, b)
			}
		}
	}
	columns := assignColumns(boxes)
	untangle(columns)
	width = margin
	for _, column := range columns {
		widest := 0.0
		for _, b := range column {
			widest = max(widest, b.W)
		}
		for i, b := range column {
			b.X = width
			b.Y = margin + float64(i)*(nodeHeight+rowGap)
			height = max(height, b.Y+nodeHeight+margin)
		}
		width += widest + columnGap
	}
	centre(columns, height)
	for _, b := range boxes {
		b.Below = indexes(b, func(b *box) []*box { return b.deps })
		b.Above = indexes(b, func(b *box) []*box { return b.users })
	}
	return boxes, max(width-columnGap, 0) + margin, max(height, 2*margin)
}

func labelLen(n Node) int {
	length := utf8.RuneCountInString(n.Name)
	if n.Detail != "" {
		length += 1 + utf8.RuneCountInString(n.Detail)
	}
	return length
}

// reaches reports whether there is a way along deps from a box to another.
func reaches(from, to *box) bool {
	return from == to || slices.Contains(indexes(from, func(b *box) []*box { return b.deps }), to.Index)
}

// indexes returns the indexes of all boxes that next leads to from b, sorted.
func indexes(b *box, next func(*box) []*box) []int {
	seen := map[int]bool{}
	for stack := next(b); len(stack) > 0; {
		last := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !seen[last.Index] {
			seen[last.Index] = true
			stack = append(slices.Clone(stack), next(last)...)
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// assignColumns puts each box to the right of all that need it.
func assignColumns(boxes []*box) [][]*box {
	waiting := map[*box]int{}
	var queue []*box
	for _, b := range boxes {
		waiting[b] = len(b.users)
		if len(b.users) == 0 {
			queue = append(queue, b)
		}
	}
	var columns [][]*box
	for len(queue) > 0 {
		b := queue[0]
		queue = queue[1:]
		for len(columns) <= b.column {
			columns = append(columns, nil)
		}
		columns[b.column] = append(columns[b.column], b)
		for _, d := range b.deps {
			d.column = max(d.column, b.column+1)
			if waiting[d]--; waiting[d] == 0 {
				queue = append(queue, d)
			}
		}
	}
	return columns
}

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
			column, neighbours := columns[i], func(b *box) []*box { return b.users }
			if sweep%2 == 1 {
				column, neighbours = columns[len(columns)-1-i], func(b *box) []*box { return b.deps }
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

// centre moves short columns to the middle.
func centre(columns [][]*box, height float64) {
	for _, column := range columns {
		used := 2*margin + float64(len(column))*(nodeHeight+rowGap) - rowGap
		for _, b := range column {
			b.Y += (height - used) / 2
		}
	}
}
