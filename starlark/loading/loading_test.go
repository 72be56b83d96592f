package loading

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/internal/chunktest"
)

// base are the files that the workspaces of the tests have in common.
var base = map[string]string{
	"WORKSPACE": `
workspace(name = "test")
build_setting(name = "mode", default = "opt", values = ["opt", "debug"], doc = "How.")
build_setting(name = "python", default = "3.13")
`,
	"rules/BUILD": "",
	"rules/lib.bzl": `"""A library."""

def _impl(ctx):
    pass

lib = rule(
    implementation = _impl,
    doc = "A thing.",
    attrs = {
        "srcs": attr.label_list(allow_files = [".c"], doc = "The sources."),
        "deps": attr.label_list(),
        "tool": attr.label(default = ":tool.sh", allow_single_file = True),
        "_hidden": attr.label(default = "//rules:tool.sh", allow_files = True),
        "copts": attr.string_list(),
        "defines": attr.string_dict(),
        "level": attr.int(default = 1, values = [1, 2, 3]),
        "needed": attr.string_list(allow_empty = False, default = ["x"]),
        "strict": attr.bool(),
        "text": attr.string(),
        "more": attr.string_list_dict(),
        "by_label": attr.label_keyed_string_dict(allow_files = True),
        "by_name": attr.string_keyed_label_dict(allow_files = True),
    },
)

strict_lib = rule(
    implementation = _impl,
    attrs = {"version": attr.string(mandatory = True), "files": attr.label_list(mandatory = True)},
)

lib_test = rule(implementation = _impl, test = True, attrs = {"deps": attr.label_list()})

def libs(names, **kwargs):
    for name in names:
        lib(name = name, **kwargs)

def native_lib(name):
    lib(name = name, srcs = native.glob(["*.c"]), text = native.package_name())
`,
	"rules/tool.sh": "",
}

// loadAll loads all packages of the chunk, and resolves all dependencies.
func loadAll(c chunktest.Chunk) error {
	ws, err := Open(c.FS(base), Options{})
	if err != nil {
		return err
	}
	labels, err := ws.Expand([]label.Pattern{{Recursive: true}})
	if err != nil {
		return err
	}
	cfg, err := ws.Configure(nil)
	if err != nil {
		return err
	}
	var errs diag.List
	for _, l := range labels {
		t, err := ws.Target(l)
		if err != nil {
			return err
		}
		deps, err := cfg.Deps(t)
		if err != nil {
			errs = append(errs, err)
		}
		for _, d := range deps {
			if d.Err != nil {
				errs = append(errs, d.Err)
			}
		}
		for _, name := range t.AttrNames() {
			if _, err := cfg.Value(t, name); err != nil && !t.Rule.AttrByName(name).Kind.HasLabels() {
				errs = append(errs, err)
			}
		}
	}
	return errs.Err()
}

func TestBuildFiles(t *testing.T) {
	for _, c := range chunktest.Read(t, "testdata/*.txt", "p/BUILD") {
		t.Run(c.Name, func(t *testing.T) { c.Check(t, loadAll(c)) })
	}
}

func open(t *testing.T, files map[string]string) *Workspace {
	t.Helper()
	c := chunktest.Chunk{Files: files}
	ws, err := Open(c.FS(base), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

func TestExpand(t *testing.T) {
	ws := open(t, map[string]string{
		"BUILD":                 "filegroup(name = 'root')",
		"a/BUILD":               "filegroup(name = 'a')\nfilegroup(name = 'x')\nfilegroup(name = 'm', tags = ['manual'])",
		"a/b/BUILD":             "filegroup(name = 'b')",
		"a/testdata/BUILD":      "filegroup(name = 't')",
		"cowasm-out/BUILD":      "filegroup(name = 'o')",
		"a/.hidden/BUILD":       "filegroup(name = 'h')",
		"deep/er/package/BUILD": "filegroup(name = 'd')",
		"empty/BUILD":           "",
		"empty/src/x.c":         "",
	})
	tests := []struct {
		patterns []string
		want     []string
		err      string
	}{
		{[]string{"//..."}, []string{"//:root", "//a:a", "//a:x", "//a/b:b", "//deep/er/package:d"}, ""},
		{[]string{"//a/..."}, []string{"//a:a", "//a:x", "//a/b:b"}, ""},
		{[]string{"//a:all"}, []string{"//a:a", "//a:x"}, ""},
		{[]string{"//a"}, []string{"//a:a"}, ""},
		{[]string{"//a:m"}, []string{"//a:m"}, ""},
		{[]string{"//...", "-//a/..."}, []string{"//:root", "//deep/er/package:d"}, ""},
		{[]string{"-//a/...", "//a/..."}, []string{"//a:a", "//a:x", "//a/b:b"}, ""},
		{[]string{"//a/...", "-//a:x", "//a:x"}, []string{"//a:a", "//a:x", "//a/b:b"}, ""},
		{[]string{"//a:why"}, nil, "package //a has no target \"why\"\n\thint: it has a, m, x"},
		{[]string{"//deep/er/packag"}, nil, "there is no package //deep/er/packag\n\thint: did you mean //deep/er/package?"},
		{[]string{"//deep/er/nothing"}, nil, "there is no package //deep/er/nothing"},
		{[]string{"//empty:all"}, nil, "pattern //empty:all matches no target"},
		{[]string{"//empty/src/..."}, nil, "pattern //empty/src/...: no packages at or below //empty/src"},
		{[]string{"//em/..."}, nil, "pattern //em/...: no packages at or below //em"},
		{[]string{"//empty/src:x"}, nil, "there is no package //empty/src\n\thint: the folder has no BUILD file"},
		{[]string{"//cowasm-out:all"}, nil, "there is no package //cowasm-out\n\thint: the folder has no BUILD file"},
	}
	for _, test := range tests {
		var patterns []label.Pattern
		for _, s := range test.patterns {
			p, err := label.ParsePattern(s, "")
			if err != nil {
				t.Fatal(err)
			}
			patterns = append(patterns, p)
		}
		labels, err := ws.Expand(patterns)
		var got []string
		for _, l := range labels {
			got = append(got, l.String())
		}
		msg := ""
		if err != nil {
			msg = err.Error()
		}
		if diff := cmp.Diff(test.want, got); diff != "" || msg != test.err {
			t.Errorf("%v: got error %q, want %q; labels (-want +got):\n%s", test.patterns, msg, test.err, diff)
		}
	}
}

func TestGlob(t *testing.T) {
	ws := open(t, map[string]string{
		"p/BUILD": `
filegroup(name = "all", srcs = glob(["**"]))
filegroup(name = "top", srcs = glob(["*.c", "*.h"]))
filegroup(name = "deep", srcs = glob(["**/*.c"], exclude = ["d/e/**", "**/x*"]))
filegroup(name = "alternatives", srcs = glob(["d/{a,b}.[ch]"]))
filegroup(name = "none", srcs = glob(["*.none"], allow_empty = True))
filegroup(name = "one", srcs = glob(["d/a.c"]))
`,
		"p/z.c": "", "p/a.c": "", "p/a.h": "", "p/d/a.c": "", "p/d/b.h": "", "p/d/e/f.c": "", "p/d/xyz.c": "", "p/d/.hidden": "",
		"p/sub/BUILD": "", "p/sub/s.c": "", "p/sub/below/s.c": "",
	})
	want := map[string][]string{
		"all":          {"a.c", "a.h", "d/.hidden", "d/a.c", "d/b.h", "d/e/f.c", "d/xyz.c", "z.c"},
		"top":          {"a.c", "a.h", "z.c"},
		"deep":         {"a.c", "d/a.c", "z.c"},
		"alternatives": {"d/a.c", "d/b.h"},
		"none":         nil,
		"one":          {"d/a.c"},
	}
	cfg, err := ws.Configure(nil)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := ws.Package("p")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, target := range pkg.Targets() {
		deps, err := cfg.Deps(target)
		if err != nil {
			t.Fatal(err)
		}
		got[target.Label.Name] = nil
		for _, d := range deps {
			if d.Err != nil {
				t.Error(d.Err)
			}
			got[target.Label.Name] = append(got[target.Label.Name], d.Label.Name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("globs (-want +got):\n%s", diff)
	}
}

func TestSelect(t *testing.T) {
	ws := open(t, map[string]string{"p/BUILD": `
load("//rules:lib.bzl", "lib")
config_setting(name = "debug", values = {"mode": "debug"})
config_setting(name = "old", values = {"python": "3.11"})
config_setting(name = "debug_old", values = {"mode": "debug", "python": "3.11"})
lib(
    name = "lib",
    copts = ["-a"] + select({":debug": ["-g"], "//conditions:default": ["-O"]}) + ["-z"] + select({":old": ["-old"], "//conditions:default": []}),
    defines = {"A": "1"} | select({":debug": {"D": "1"}, "//conditions:default": {}}),
    text = select({":debug_old": "both", ":debug": "debug", ":old": "old", "//conditions:default": None}),
)
`})
	tests := []struct {
		settings map[string]string
		want     map[string]string
	}{
		{nil, map[string]string{"copts": `["-a", "-O", "-z"]`, "defines": `{"A": "1"}`, "text": `""`}},
		{map[string]string{"mode": "debug"}, map[string]string{"copts": `["-a", "-g", "-z"]`, "defines": `{"A": "1", "D": "1"}`, "text": `"debug"`}},
		{map[string]string{"mode": "debug", "python": "3.11"}, map[string]string{"copts": `["-a", "-g", "-z", "-old"]`, "defines": `{"A": "1", "D": "1"}`, "text": `"both"`}},
	}
	target, err := ws.Target(label.Label{Package: "p", Name: "lib"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		cfg, err := ws.Configure(test.settings)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range test.want {
			v, err := cfg.Value(target, name)
			if err != nil {
				t.Errorf("%v: %v", test.settings, err)
			} else if v.String() != want {
				t.Errorf("%v: %s is %s, want %s", test.settings, name, v, want)
			}
		}
	}
}

func TestConfigure(t *testing.T) {
	ws := open(t, nil)
	tests := []struct {
		settings map[string]string
		want     string
	}{
		{map[string]string{"mod": "opt"}, "there is no build setting \"mod\"\n\thint: did you mean \"mode\"?"},
		{map[string]string{"mode": "fast"}, "build setting \"mode\" cannot be \"fast\"\n\thint: it may be opt, debug"},
		{map[string]string{"python": "anything"}, ""},
	}
	for _, test := range tests {
		_, err := ws.Configure(test.settings)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%v: got error %q, want %q", test.settings, got, test.want)
		}
	}
}

// What a workspace tells about targets without analysing them.
func TestTarget(t *testing.T) {
	ws := open(t, map[string]string{
		"p/BUILD": `package(default_visibility = ["//q:__pkg__", "//r:__subpackages__"])
load("//rules:lib.bzl", "lib", "libs", "native_lib")
lib(
    name = "one",
    srcs = ["a.c"],
    tags = ["manual", "x"],
    visibility = ["//visibility:public"],
)
libs(names = ["two"], srcs = ["a.c"])
native_lib("three")
`,
		"p/a.c": "",
	})
	pkg, err := ws.Package("p")
	if err != nil {
		t.Fatal(err)
	}
	type summary struct {
		Label, Kind, Pos, SrcPos, Text string
		Tags, Visibility               []string
		Manual                         bool
	}
	var got []summary
	for _, target := range pkg.Targets() {
		got = append(got, summary{
			Label: target.Label.String(), Kind: target.Kind(), Tags: target.Tags, Manual: target.Manual(), Visibility: target.Visibility(),
			Pos: target.Pos.String(), SrcPos: target.LabelPos("srcs", label.Label{Package: "p", Name: "a.c"}).String(), Text: target.Value("text").String(),
		})
	}
	inherited := []string{"//q:__pkg__", "//r:__subpackages__"}
	want := []summary{
		{Label: "//p:one", Kind: "lib", Pos: "p/BUILD:3:1", SrcPos: "p/BUILD:5:13", Text: `""`, Tags: []string{"manual", "x"}, Visibility: []string{"//visibility:public"}, Manual: true},
		{Label: "//p:three", Kind: "lib", Pos: "p/BUILD:10:1", SrcPos: "p/BUILD:10:1", Text: `"p"`, Visibility: inherited},
		{Label: "//p:two", Kind: "lib", Pos: "p/BUILD:9:1", SrcPos: "p/BUILD:9:31", Text: `""`, Visibility: inherited},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
}

func TestPrint(t *testing.T) {
	var got []string
	c := chunktest.Chunk{Files: map[string]string{"p/BUILD": "\nprint('hello', 1)\n"}}
	ws, err := Open(c.FS(base), Options{Print: func(pos diag.Position, msg string) { got = append(got, pos.String()+": "+msg) }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ws.Package("p"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"p/BUILD:2:6: hello 1"}, got); diff != "" {
		t.Error(diff)
	}
}
