package lint

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestXfail(t *testing.T) {
	const start = "x(\n    name = \"t\",\n    src = \":src\",\n"
	for _, test := range []struct {
		name, xfail string   // as in the file
		outdated    []string // of the test
		findings    string   // positions
		fixed       string   // what xfail becomes, in standard form; empty if it goes
	}{
		{"nothing", `{"a.py": "x"}`, nil, "", `{"a.py": "x"}`},
		{"a key", "{\n    \"a.py\": \"x\",\n    \"a.py::b\": \"x\",\n}", []string{"a.py::b"}, "6:5", `{"a.py": "x"}`},
		{"all keys", `{"a.py": "x", "b.py": "a.py"}`, []string{"a.py", "b.py"}, "4:14 4:27", ""},
		{"a key that is there no more", `{"a.py": "x"}`, []string{"b.py"}, "", `{"a.py": "x"}`},
		{"a key that ends as another", `{"a/b.py": "x", "b.py": "y"}`, []string{"a/b.py"}, "4:14", `{"b.py": "y"}`},
		{"silenced", "{\n    # buildifier: disable=passing-xfail\n    \"a.py\": \"x\",\n}", []string{"a.py"}, "", "{\n    # buildifier: disable=passing-xfail\n    \"a.py\": \"x\",\n}"},
		{
			"an item of a list", `{"t/%s" % name: "x" for name in ["a.py", "ba.py"]}`,
			[]string{"t/ba.py"}, "4:54", `{"t/%s" % name: "x" for name in ["a.py"]}`,
		},
		{"the only item of a list", `{"t/%s" % name: "x" for name in ["a.py"]}`, []string{"t/a.py"}, "4:46", ""},
		{
			"a list of several", `{"t/" + n: why for why, names in {"x": ["a.py"], "y": ["b.py"]}.items() for n in names}`,
			[]string{"t/a.py"}, "4:53", `{"t/" + n: why for why, names in {"y": ["b.py"]}.items() for n in names}`,
		},
		{"a reason", `{"a.py": "b.py"}`, []string{"b.py"}, "", `{"a.py": "b.py"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			outdated := func(target string) ([]string, error) {
				if target != "t" {
					return nil, nil
				}
				return test.outdated, nil
			}
			f, err := Parse("p/BUILD", []byte(start+"    xfail = "+test.xfail+",\n)\n"))
			if err != nil {
				t.Fatal(err)
			}
			found, err := f.Xfail(outdated)
			if err != nil {
				t.Fatal(err)
			}
			var at []string
			for _, finding := range found {
				_, pos, _ := strings.Cut(finding.Pos.String(), ":")
				at = append(at, pos)
			}
			if got := strings.Join(at, " "); got != test.findings {
				t.Errorf("found %v, want them at %s", found, test.findings)
			}
			fixed, err := f.Fix(outdated)
			if err != nil {
				t.Fatal(err)
			}
			want := start
			if test.fixed != "" {
				want += "    xfail = " + test.fixed + ",\n"
			}
			if diff := cmp.Diff(want+")\n", string(fixed)); diff != "" {
				t.Errorf("fixed (-want +got):\n%s", diff)
			}
		})
	}
}
