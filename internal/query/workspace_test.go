package query

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/starlark/loading"
)

const testRules = `
def _impl(ctx):
    return []

library = rule(
    implementation = _impl,
    attrs = {
        "srcs": attr.label_list(allow_files = True),
        "flags": attr.string_dict(),
        "level": attr.int(default = 3),
        "_tool": attr.label(default = "//tools:clang"),
    },
)
library_test = rule(implementation = _impl, attrs = {"library": attr.label()}, test = True)
`

func testWorkspace(t *testing.T) Graph {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"WORKSPACE":       `build_setting(name = "mode", default = "opt", values = ["opt", "debug"])`,
		"rules/BUILD":     "",
		"rules/lib.bzl":   testRules,
		"tools/BUILD":     "load('//rules:lib.bzl', 'library')\nfilegroup(name = 'clang', visibility = ['//visibility:public'])",
		"lib/a.c":         "",
		"lib/debug.c":     "",
		"lib/broken/x.py": "",
		"lib/BUILD": `
load("//rules:lib.bzl", "library", "library_test")
config_setting(name = "debug", values = {"mode": "debug"})
library(name = "a", srcs = ["a.c"] + select({":debug": ["debug.c"], "//conditions:default": []}), flags = {"x": "1"}, tags = ["manual"])
library_test(name = "test", library = ":a")
library(name = "missing", srcs = ["nowhere.c"])
`,
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	ws, err := loading.Open(files, loading.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return FromWorkspace(ws)
}

func TestWorkspace(t *testing.T) {
	g := testWorkspace(t)
	for _, test := range []struct {
		query, want string
	}{
		{"//lib:all", "//lib:a //lib:debug //lib:missing //lib:test"},
		{"deps(//lib:test)", "//lib:a //lib:a.c //lib:debug //lib:debug.c //lib:test //tools:clang"},
		{"labels(srcs, //lib:a)", "//lib:a.c //lib:debug.c"},
		{"kind('source file', deps(:a))", "//lib:a.c //lib:debug.c"},
		{"kind('^library rule$', ...)", "//lib:a //lib:missing"},
		{"tests(//...)", "//lib:test"},
		{"attr(tags, '\\[manual\\]', //...)", "//lib:a"},
		{"attr(flags, 'x=1', //...)", "//lib:a"},
		{"attr(level, 3, //lib:a)", "//lib:a"},
		{"attr(testonly, 1, //lib:all)", ""},
		{"rdeps(//lib:test, //tools:clang, 1)", "//lib:a //tools:clang"},
		{"//lib:a.c", "//lib:a.c"},
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

func TestWorkspaceJSON(t *testing.T) {
	ts, err := Run(t.Context(), testWorkspace(t), "//lib:a", "")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := Write(&b, "json", ts); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"_tool": "//tools:clang"`, `"level": 3`, `"name": "a"`, `"testonly": false`,
		"\"tags\": [\n        \"manual\"\n      ]", "\"flags\": {\n        \"x\": \"1\"\n      }",
		"\"deps\": [\n      \"//lib:a.c\",\n      \"//lib:debug\",\n      \"//lib:debug.c\",\n      \"//tools:clang\"\n    ]",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
}

func TestWorkspaceMistakes(t *testing.T) {
	g := testWorkspace(t)
	for query, want := range map[string]string{
		"//lib:b":                     `package //lib has no target or file "b"`,
		"//libs:b":                    "there is no package //libs",
		"//tools/...:all - //tools:x": `has no target or file "x"`,
		"//lib/broken/...":            "pattern //lib/broken/... matches no target",
		"deps(//lib:missing)":         `no target or file "nowhere.c"`,
	} {
		_, err := Run(t.Context(), g, query, "")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", query, err, want)
		}
	}
}
