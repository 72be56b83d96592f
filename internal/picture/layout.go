// Package picture draws who depends on whom: for Graphviz, or as a web page
// that needs nothing else.
package picture

import (
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
	bendHeight = 4.0
	rowGap     = 14.0
	columnGap  = 90.0
	groupGap   = 40.0
	margin     = 24.0
	padding    = 12.0
)

// A box is a node with its place: who depends on nobody is at the right. Or it
// is a bend, where edges to one box pass through a column.
type box struct {
	Node
	Index        int
	X, Y, W, H   float64
	column       int
	deps, users  []*box
	Below, Above []int // indexes of all that it needs, and of all that need it

	left, right []*box   // what edges lead to, in the columns beside it
	routes      [][]*box // to each of deps: from here, by way of bends
}

// layout returns the boxes of nodes, sorted by name, and the picture's size.
// Those that have to do with each other are drawn together; those that are alone
// come last. Nodes may not depend on each other in a circle; an edge that would
// close one is left out.
func layout(nodes []Node) (boxes []*box, width, height float64) {
	byName := map[string]*box{}
	for _, n := range nodes {
		byName[n.Name] = &box{Node: n, W: 2*padding + charWidth*float64(labelLen(n)), H: nodeHeight}
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
	width, height = pack(components(boxes))
	for _, b := range boxes {
		b.Below = indexes(b, func(b *box) []*box { return b.deps })
		b.Above = indexes(b, func(b *box) []*box { return b.users })
	}
	return boxes, width, height
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
