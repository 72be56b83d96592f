package query

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/label"
)

// testGraph is a graph written as lines "label: kind: dep dep ...".
type testGraph map[label.Label]*Target

const testTargets = `
//app:app: bundle rule: //lib:a //lib:b
//app:test: bundle_test rule: //app:app //tools:pytest
//lib:a: cc_library rule: //lib:a.c //tools:clang
//lib:a.c: source file:
//lib:b: cc_library rule: //lib:a
//tools:clang: tool rule:
//tools:pytest: bundle rule: //lib:b
`

func newGraph(t *testing.T) testGraph {
	t.Helper()
	g := testGraph{}
	for line := range strings.SplitSeq(strings.TrimSpace(testTargets), "\n") {
		name, rest, _ := strings.Cut(line, ": ")
		kind, deps, _ := strings.Cut(rest, ":")
		l, err := label.Parse(name, "")
		if err != nil {
			t.Fatal(err)
		}
		target := &Target{Label: l, Kind: kind, Test: kind == "bundle_test rule"}
		if kind != "source file" {
			target.Attrs = []Attr{{Name: "name", Value: l.Name, Text: l.Name}, {Name: "deps"}}
			var values []string
			for dep := range strings.FieldsSeq(deps) {
				d, err := label.Parse(dep, "")
				if err != nil {
					t.Fatal(err)
				}
				target.Attrs[1].Labels = append(target.Attrs[1].Labels, d)
				values = append(values, dep)
			}
			target.Attrs[1].Value = values
			target.Attrs[1].Text = "[" + strings.Join(values, ", ") + "]"
		}
		g[l] = target
	}
	return g
}

func (g testGraph) Targets(_ context.Context, p label.Pattern) ([]label.Label, error) {
	var ls []label.Label
	for l := range g {
		if p.Matches(l) {
			ls = append(ls, l)
		}
	}
	if len(ls) == 0 {
		return nil, fmt.Errorf("no target matches %s", p)
	}
	return ls, nil
}

func (g testGraph) Target(_ context.Context, l label.Label) (*Target, error) {
	t, ok := g[l]
	if !ok {
		return nil, fmt.Errorf("no target %s", l)
	}
	return t, nil
}

func TestRun(t *testing.T) {
	g := newGraph(t)
	for _, test := range []struct {
		query, want string
	}{
		{"//app", "//app:app"},
		{"//lib:all", "//lib:a //lib:a.c //lib:b"},
		{":a", "//lib:a"},
		{"...", "//lib:a //lib:a.c //lib:b"},
		{"deps(//lib:b)", "//lib:a //lib:a.c //lib:b //tools:clang"},
		{"deps(//lib:b, 0)", "//lib:b"},
		{"deps(//lib:b, 1)", "//lib:a //lib:b"},
		{"rdeps(//..., //tools:pytest)", "//app:test //tools:pytest"},
		{"rdeps(//..., //lib:a, 1)", "//app:app //lib:a //lib:b"},
		{"rdeps(//lib:b, //lib:a)", "//lib:a //lib:b"},
		{"rdeps(//lib:b, //app)", ""},
		{"kind(cc_library, //...)", "//lib:a //lib:b"},
		{"kind('source file', //...)", "//lib:a.c"},
		{"filter(:a, //lib:all)", "//lib:a //lib:a.c"},
		{"attr(deps, clang, //...)", "//lib:a"},
		{`attr("name", "^(a|b)$", //...)`, "//lib:a //lib:b"},
		{"labels(deps, //app)", "//lib:a //lib:b"},
		{"labels(srcs, //app)", ""},
		{"tests(//...)", "//app:test"},
		{"somepath(//app:test, //tools:clang)", "//app:test //app:app //lib:a //tools:clang"},
		{"somepath(//lib:a, //app)", ""},
		{"allpaths(//tools:pytest, //lib:a)", "//lib:a //lib:b //tools:pytest"},
		{"//... - //lib:all", "//app:app //app:test //tools:clang //tools:pytest"},
		{"//... except //lib:all - //tools:all", "//app:app //app:test"},
		{"//lib:all ^ deps(//lib:a)", "//lib:a //lib:a.c"},
		{"//lib:all intersect //lib:a ^ //lib:a", "//lib:a"},
		{"//lib:a + //app union //lib:b", "//app:app //lib:a //lib:b"},
		{"//lib:all - (//lib:a + //lib:b)", "//lib:a.c"},
		{"//lib:all - //lib:a + //lib:b", "//lib:a.c //lib:b"},
		{"(//lib:a) + //lib:b", "//lib:a //lib:b"},
		{"set(//lib:a :b)", "//lib:a //lib:b"},
		{"set()", ""},
		{"deps(set(//lib:a.c //tools:clang))", "//lib:a.c //tools:clang"},
	} {
		ts, err := Run(t.Context(), g, test.query, "lib")
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		var got []string
		for _, target := range ts {
			got = append(got, target.Label.String())
		}
		if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.query, diff)
		}
	}
}

func TestMistakes(t *testing.T) {
	g := newGraph(t)
	for _, test := range []struct {
		query, want string
	}{
		{"  ", "query, column 1: the query is empty\n\t  \n\t^\n\thint: write for example \"deps(//packages/six)\""},
		{"dep(//app)", "query, column 1: there is no function \"dep\"\n\tdep(//app)\n\t^\n\thint: did you mean deps?"},
		{"frobnicate(//app)", "query, column 1: there is no function \"frobnicate\"\n\tfrobnicate(//app)\n\t^\n\thint: the functions are allpaths, attr, deps, filter, kind, labels, rdeps, somepath, tests"},
		{"deps(//app", "query, column 5: this parenthesis is never closed\n\tdeps(//app\n\t    ^\n\thint: add ) at the end"},
		{"deps(//app) //lib:a", "query, column 13: \"//lib:a\" stands where an operator or the end of the query should be\n\tdeps(//app) //lib:a\n\t            ^"},
		{"//app +", "query, column 8: the query ends where a target pattern or a function should be\n\t//app +\n\t       ^"},
		{"-//app", "query, column 1: \"-\" stands where a target pattern or a function should be\n\t-//app\n\t^"},
		{"'-//app'", "query, column 1: a pattern in a query cannot be negative\n\t'-//app'\n\t^\n\thint: write //... - //app"},
		{"kind(//app)", "query, column 1: kind has 1 arguments\n\tkind(//app)\n\t^\n\thint: write kind(regular expression, targets)"},
		{"rdeps(//app)", "query, column 1: rdeps has 1 arguments\n\trdeps(//app)\n\t^\n\thint: write rdeps(universe, targets[, depth])"},
		{"kind(deps(//app), //app)", "query, column 6: the regular expression of kind must be a word, not an expression\n\tkind(deps(//app), //app)\n\t     ^\n\thint: write kind(regular expression, targets); quote it if it has special characters"},
		{"kind('(', //app)", "query, column 6: error parsing regexp: missing closing ): `(`\n\tkind('(', //app)\n\t     ^\n\thint: the syntax is that of Go's regexp package (RE2)"},
		{"deps(//app, many)", "query, column 13: the depth \"many\" is not a number\n\tdeps(//app, many)\n\t            ^"},
		{"'//app", "query, column 1: the quoted word that begins here does not end\n\t'//app\n\t^\n\thint: add '"},
		{"é + //app;", "query, column 1: 'é' has no meaning in a query\n\té + //app;\n\t^\n\thint: put words with special characters in quotes"},
		{"'é' + $//app", "query, column 1: pattern \"é\": label \"//é\": the package may not contain 'é'\n\t'é' + $//app\n\t^"},
		{"//app=x", "query, column 6: '=' has no meaning in a query\n\t//app=x\n\t     ^\n\thint: put words with special characters in quotes"},
		{"\xff", "query, column 1: the query is not UTF-8\n\t\uFFFD\n\t^"},
		{"//nowhere/...", "no target matches //nowhere/..."},
	} {
		_, err := Run(t.Context(), g, test.query, "")
		if err == nil {
			t.Errorf("%q: no error", test.query)
			continue
		}
		if diff := cmp.Diff(test.want, err.Error()); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", test.query, diff)
		}
	}
}

func TestDeepNesting(t *testing.T) {
	_, err := Run(t.Context(), newGraph(t), strings.Repeat("(", 1_000_000), "")
	if err == nil || !strings.Contains(err.Error(), "nested more than 100 deep") {
		t.Errorf("got error %.200v", err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, newGraph(t), "deps(//app)", ""); err != context.Canceled {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestWrite(t *testing.T) {
	ts, err := Run(t.Context(), newGraph(t), "deps(//lib:a)", "")
	if err != nil {
		t.Fatal(err)
	}
	for format, want := range map[string]string{
		"label":      "//lib:a\n//lib:a.c\n//tools:clang\n",
		"label_kind": "cc_library rule //lib:a\nsource file //lib:a.c\ntool rule //tools:clang\n",
		"json": `[
  {
    "label": "//lib:a",
    "kind": "cc_library rule",
    "attributes": {
      "deps": [
        "//lib:a.c",
        "//tools:clang"
      ],
      "name": "a"
    },
    "deps": [
      "//lib:a.c",
      "//tools:clang"
    ]
  },
  {
    "label": "//lib:a.c",
    "kind": "source file"
  },
  {
    "label": "//tools:clang",
    "kind": "tool rule",
    "attributes": {
      "deps": null,
      "name": "clang"
    }
  }
]
`,
		"dot": `digraph targets {
  node [shape=box];
  "//lib:a";
  "//lib:a" -> "//lib:a.c";
  "//lib:a" -> "//tools:clang";
  "//lib:a.c";
  "//tools:clang";
}
`,
	} {
		var b bytes.Buffer
		if err := Write(&b, format, ts); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", format, diff)
		}
	}
	if err := Write(&bytes.Buffer{}, "xml", ts); err == nil || !strings.Contains(err.Error(), "label, label_kind, json, dot") {
		t.Errorf("unknown format: %v", err)
	}
}

// FuzzRun checks that no query makes the parser or the evaluator fail badly,
// and that what it finds is sorted and in the graph.
func FuzzRun(f *testing.F) {
	for _, q := range []string{
		"deps(//app, 1)", "rdeps(//..., //lib:a) - set(//app :x)", "kind('a b', ...)", "attr(a, b, c)",
		"somepath(//app, //tools:clang)", "((//app)+(//lib:a))^//lib:all", "'", "-", "()", "deps((",
	} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		g := newGraph(t)
		ts, err := Run(t.Context(), g, q, "lib")
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		if !strings.Contains(q, "somepath") && !slices.IsSortedFunc(ts, func(a, b *Target) int { return a.Label.Compare(b.Label) }) {
			t.Errorf("the result of %q is not sorted", q)
		}
		for _, target := range ts {
			if g[target.Label] != target {
				t.Errorf("%s is not in the graph", target.Label)
			}
		}
	})
}
