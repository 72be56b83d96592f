package picture

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var family = []Node{
	{Name: "six", Detail: "1.17.0"},
	{Name: "top", Deps: []string{"left", "right", "left", "elsewhere"}},
	{Name: "left", Deps: []string{"six"}},
	{Name: "right", Deps: []string{"six", "left"}},
	{Name: "alone"},
	{Name: "with", Deps: []string{"friend"}},
	{Name: "friend"},
	{Name: "quite alone"},
}

func TestLayout(t *testing.T) {
	boxes, width, height := layout(family)
	got := map[string]int{}
	for i, b := range boxes {
		got[b.Name] = b.column
		if b.X < margin || b.Y < margin || b.X+b.W > width || b.Y+nodeHeight > height {
			t.Errorf("%s is out of the picture: %v %v", b.Name, b.X, b.Y)
		}
		for _, other := range boxes[:i] {
			if b.X < other.X+other.W && other.X < b.X+b.W && b.Y < other.Y+nodeHeight && other.Y < b.Y+nodeHeight {
				t.Errorf("%s covers %s", b.Name, other.Name)
			}
		}
		for _, d := range b.deps {
			if d.X < b.X+b.W {
				t.Errorf("%s is not to the right of %s", d.Name, b.Name)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"alone": 0, "quite alone": 0, "top": 0, "right": 1, "left": 2, "six": 3, "with": 0, "friend": 1}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWriteDot(t *testing.T) {
	var b strings.Builder
	if err := WriteDot(&b, family[:1]); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `  "six" [label="six\n1.17.0"];`) {
		t.Error(b.String())
	}
}

func TestWriteHTML(t *testing.T) {
	nodes := append([]Node{{Name: "<script>alert(1)</script>", Deps: []string{"six"}}}, family...)
	var b strings.Builder
	if err := WriteHTML(&b, "All & more", nodes); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, bad := range []string{"http:", "https:", "src=", "@import", "<script>alert", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for what, want := range map[string]int{"<path": 7, `<g class="node"`: 9, "All &amp; more": 3} {
		if got := strings.Count(page, what); got != want {
			t.Errorf("the page has %d %s, want %d", got, what, want)
		}
	}
}

// TestCircle draws what cannot be, without hanging.
func TestCircle(t *testing.T) {
	if err := WriteHTML(io.Discard, "", []Node{{Name: "a", Deps: []string{"b", "a"}}, {Name: "b", Deps: []string{"a"}}}); err != nil {
		t.Fatal(err)
	}
	if err := WriteHTML(io.Discard, "", nil); err != nil {
		t.Fatal(err)
	}
	var many []Node
	for i := range 300 {
		many = append(many, Node{Name: fmt.Sprint(i), Deps: []string{fmt.Sprint(i / 2), fmt.Sprint(i / 3)}})
	}
	if err := WriteHTML(io.Discard, "", many); err != nil {
		t.Fatal(err)
	}
}
