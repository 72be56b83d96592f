package picture

import (
	"bufio"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
)

// WriteDot writes the graph in the language of Graphviz.
func WriteDot(w io.Writer, nodes []Node) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "digraph packages {")
	fmt.Fprintln(b, "  rankdir=LR;")
	fmt.Fprintln(b, `  node [shape=box, style="rounded,filled", fillcolor="#eef3fb", color="#7793c0", fontname="sans-serif", fontsize=11];`)
	fmt.Fprintln(b, `  edge [color="#7793c0", arrowsize=0.6];`)
	boxes, _, _ := layout(nodes)
	for _, box := range boxes {
		label := box.Name
		if box.Detail != "" {
			label += "\n" + box.Detail
		}
		fmt.Fprintf(b, "  %q [label=%q];\n", box.Name, label)
		for _, d := range box.deps {
			fmt.Fprintf(b, "  %q -> %q;\n", box.Name, d.Name)
		}
	}
	fmt.Fprintln(b, "}")
	return b.Flush()
}

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// An edge is drawn from one box to another.
type edge struct {
	From, To int
	Path     string // for SVG's <path>
}

// WriteHTML writes a web page with a picture of the graph. It loads nothing, so
// that it can be kept and sent as one file.
func WriteHTML(w io.Writer, title string, nodes []Node) error {
	boxes, width, height := layout(nodes)
	var edges []edge
	for _, b := range boxes {
		for _, way := range b.routes {
			edges = append(edges, edge{b.Index, way[len(way)-1].Index, curve(way)})
		}
	}
	// Long edges go below short ones.
	slices.SortStableFunc(edges, func(a, b edge) int {
		span := func(e edge) int { return boxes[e.To].column - boxes[e.From].column }
		return span(b) - span(a)
	})
	b := bufio.NewWriter(w)
	err := page.Execute(b, struct {
		Title         string
		Boxes         []*box
		Edges         []edge
		Width, Height float64
		NodeHeight    float64
		Padding       float64
	}{title, boxes, edges, width, height, nodeHeight, padding})
	if err != nil {
		return err
	}
	return b.Flush()
}

// curve returns the path from the right side of a box by way of bends to the
// left side of another.
func curve(way []*box) string {
	var path strings.Builder
	for i, to := range way[1:] {
		from := way[i]
		x1, y1 := from.X+from.W, from.Y+from.H/2
		x2, y2 := to.X, to.Y+to.H/2
		start := "L"
		if i == 0 {
			start = "M"
		}
		bend := max((x2-x1)/2, columnGap/2)
		fmt.Fprintf(&path, "%s%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", start, x1, y1, x1+bend, y1, x2-bend, y2, x2, y2)
	}
	return path.String()
}
