package query

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
)

// Formats are the forms in which Write can write targets.
var Formats = []string{"label", "label_kind", "json", "dot"}

// Write writes targets in one of Formats. The edges of a dot graph are those
// between the targets given.
func Write(w io.Writer, format string, ts []*Target) error {
	b := bufio.NewWriter(w)
	switch format {
	case "label":
		for _, t := range ts {
			fmt.Fprintln(b, t.Label)
		}
	case "label_kind":
		for _, t := range ts {
			fmt.Fprintln(b, t.Kind, t.Label)
		}
	case "json":
		if err := writeJSON(b, ts); err != nil {
			return err
		}
	case "dot":
		writeDot(b, ts)
	default:
		err := diag.Errorf(diag.Position{}, "there is no output format %q", format)
		return err.WithHint("the formats are %s", strings.Join(Formats, ", "))
	}
	return b.Flush()
}

func writeJSON(w io.Writer, ts []*Target) error {
	type target struct {
		Label string         `json:"label"`
		Kind  string         `json:"kind"`
		Test  bool           `json:"test,omitempty"`
		Attrs map[string]any `json:"attributes,omitempty"`
		Deps  []string       `json:"deps,omitempty"`
	}
	out := make([]target, 0, len(ts))
	for _, t := range ts {
		j := target{Label: t.Label.String(), Kind: t.Kind, Test: t.Test}
		for _, a := range t.Attrs {
			if j.Attrs == nil {
				j.Attrs = map[string]any{}
			}
			j.Attrs[a.Name] = a.Value
		}
		for _, d := range t.Deps() {
			j.Deps = append(j.Deps, d.String())
		}
		out = append(out, j)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// writeDot writes a graph for Graphviz. Labels have no characters that would
// have to be escaped in its quoted names.
func writeDot(w io.Writer, ts []*Target) {
	in := make(map[label.Label]bool, len(ts))
	for _, t := range ts {
		in[t.Label] = true
	}
	fmt.Fprintln(w, "digraph targets {")
	fmt.Fprintln(w, "  node [shape=box];")
	for _, t := range ts {
		fmt.Fprintf(w, "  %q;\n", t.Label.String())
		for _, d := range t.Deps() {
			if in[d] {
				fmt.Fprintf(w, "  %q -> %q;\n", t.Label.String(), d.String())
			}
		}
	}
	fmt.Fprintln(w, "}")
}
