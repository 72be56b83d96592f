package analysis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/internal/chunktest"
	"github.com/cowasm/cowasm/starlark/lang"
	"github.com/cowasm/cowasm/starlark/loading"
)

// base are the files that the workspaces of the tests have in common.
var base = map[string]string{
	"WORKSPACE":       `build_setting(name = "mode", default = "opt", values = ["opt", "debug"])`,
	"rules/BUILD":     `exports_files(["tool.wasm"])`,
	"rules/tool.wasm": "",
	"rules/lib.bzl": `
LibInfo = provider(fields = {"objects": "depset of File"})
OtherInfo = provider()

def _lib_impl(ctx):
    objects = []
    for src in ctx.files.srcs:
        object = ctx.actions.declare_file(src.basename + ".o")
        ctx.actions.run(
            executable = ctx.file._tool,
            arguments = ["-c", src, "-o", object] + ctx.attr.copts,
            inputs = [src],
            mounts = {"usr/include": [dep[DefaultInfo].files.to_list()[0] for dep in ctx.attr.headers]},
            outputs = [object],
            env = {"MODE": ctx.settings["mode"]},
            mnemonic = "Compile",
            progress_message = "compiling " + src.path,
            timeout = 60,
            memory = 1 << 20,
        )
        objects.append(object)
    all = depset(objects, transitive = [dep[LibInfo].objects for dep in ctx.attr.deps])
    return [DefaultInfo(files = depset(objects)), LibInfo(objects = all)]

lib = rule(
    implementation = _lib_impl,
    attrs = {
        "srcs": attr.label_list(allow_files = [".c"]),
        "deps": attr.label_list(providers = [LibInfo]),
        "headers": attr.label_list(),
        "copts": attr.string_list(),
        "_tool": attr.label(default = ":tool.wasm", allow_single_file = True),
    },
    provides = [LibInfo],
)

def _bin_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".wasm")
    inputs = depset(transitive = [dep[LibInfo].objects for dep in ctx.attr.deps])
    ctx.actions.run(executable = "link@1", executor = "builtin", arguments = inputs.to_list() + [out], inputs = inputs, outputs = [out])
    return [DefaultInfo(files = depset([out])), RunInfo(executable = out, arguments = ["-v"], env = {"HOME": "/"}, mounts = {"lib": ctx.file.data})]

bin = rule(
    implementation = _bin_impl,
    executable = True,
    attrs = {"deps": attr.label_list(providers = [[LibInfo], [OtherInfo]]), "data": attr.label(allow_single_file = True)},
)

def _dir_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(executable = "merge@1", executor = "builtin", arguments = [out], outputs = [out])
    ctx.actions.write("marker", "text", is_executable = True)
    return DefaultInfo(files = depset([out]))

dir = rule(implementation = _dir_impl)

def _test_impl(ctx):
    report = ctx.actions.declare_file(ctx.label.name + ".json")
    ctx.actions.write(report, json.encode({"ok": True}))
    return [TestInfo(reports = [report])]

simple_test = rule(implementation = _test_impl, test = True)

def run_rule(implementation, **kwargs):
    return rule(implementation = implementation, attrs = {"deps": attr.label_list(allow_files = True), "one": attr.label(allow_single_file = True)}, **kwargs)
`,
}

func analyse(files map[string]string, settings map[string]string, labels ...string) (map[string]*Target, error) {
	c := chunktest.Chunk{Files: files}
	ws, err := loading.Open(c.FS(base), loading.Options{})
	if err != nil {
		return nil, err
	}
	var wanted []label.Label
	for _, s := range labels {
		l, err := label.Parse(s, "")
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, l)
	}
	if labels == nil {
		if wanted, err = ws.Expand([]label.Pattern{{Recursive: true}}); err != nil {
			return nil, err
		}
	}
	a, err := New(ws, settings)
	if err != nil {
		return nil, err
	}
	targets, err := a.Analyse(context.Background(), wanted)
	byLabel := map[string]*Target{}
	for _, t := range targets {
		byLabel[t.Label.String()] = t
	}
	return byLabel, err
}

func TestRules(t *testing.T) {
	for _, c := range chunktest.Read(t, "testdata/*.txt", "p/BUILD") {
		t.Run(c.Name, func(t *testing.T) {
			_, err := analyse(c.Files, nil)
			c.Check(t, err)
		})
	}
}

// place is an input as the tests write it down.
func place(inputs []action.Input) []string {
	var list []string
	for _, in := range inputs {
		list = append(list, in.Path+" <- "+in.Artifact.Path)
	}
	return list
}

func paths(files []*action.Artifact) []string {
	var list []string
	for _, f := range files {
		list = append(list, f.Path)
	}
	return list
}

var project = map[string]string{
	"p/BUILD": `
load("//rules:lib.bzl", "bin", "dir", "lib", "simple_test")
dir(name = "include")
lib(name = "base", srcs = ["base.c"], headers = [":include"])
lib(name = "app_lib", srcs = [":sources"], deps = [":base_alias"], copts = select({":debug": ["-g"], "//conditions:default": ["-O2"]}))
bin(name = "app", deps = [":app_lib", ":base"], data = ":include")
simple_test(name = "app_test")
alias(name = "base_alias", actual = ":base")
filegroup(name = "sources", srcs = ["a.c", "b.c"])
config_setting(name = "debug", values = {"mode": "debug"})
`,
	"p/a.c": "", "p/b.c": "", "p/base.c": "",
}

func TestSteps(t *testing.T) {
	targets, err := analyse(project, map[string]string{"mode": "debug"})
	if err != nil {
		t.Fatal(err)
	}
	compile := targets["//p:base"].Steps[0]
	type step struct {
		Owner, Mnemonic, Progress, Executor string
		Arguments, Inputs, Outputs          []string
		Env                                 map[string]string
		Limits                              action.Limits
	}
	show := func(s *action.Step) step {
		return step{s.Owner.String(), s.Mnemonic, s.Progress, s.Executor, s.Arguments, place(s.Inputs), paths(s.Outputs), s.Env, s.Limits}
	}
	want := step{
		Owner: "//p:base", Mnemonic: "Compile", Progress: "compiling p/base.c", Executor: "wasm",
		Arguments: []string{"rules/tool.wasm", "-c", "p/base.c", "-o", "out/p/base.c.o"},
		Inputs:    []string{"rules/tool.wasm <- rules/tool.wasm", "p/base.c <- p/base.c", "usr/include <- out/p/include"},
		Outputs:   []string{"out/p/base.c.o"},
		Env:       map[string]string{"MODE": "debug"},
		Limits:    action.Limits{Timeout: time.Minute, Memory: 1 << 20},
	}
	if diff := cmp.Diff(want, show(compile)); diff != "" {
		t.Errorf("compile step (-want +got):\n%s", diff)
	}
	app := targets["//p:app"]
	want = step{
		Owner: "//p:app", Mnemonic: "Action", Progress: "Action //p:app", Executor: "builtin",
		Arguments: []string{"link@1", "out/p/base.c.o", "out/p/a.c.o", "out/p/b.c.o", "out/p/app.wasm"},
		Inputs:    []string{"out/p/base.c.o <- out/p/base.c.o", "out/p/a.c.o <- out/p/a.c.o", "out/p/b.c.o <- out/p/b.c.o"},
		Outputs:   []string{"out/p/app.wasm"},
	}
	if diff := cmp.Diff(want, show(app.Steps[0])); diff != "" {
		t.Errorf("link step (-want +got):\n%s", diff)
	}
	if app.Steps[0].Inputs[0].Artifact.Producer != compile {
		t.Error("an input of the link step is not the output of the compile step")
	}
	if got := compile.Inputs[1].Artifact; got.Producer != nil || got.Owner.String() != "//p:base.c" {
		t.Errorf("source file has producer %v and owner %s", got.Producer, got.Owner)
	}
	if dir := compile.Inputs[2].Artifact; !dir.Directory || dir.Producer == nil {
		t.Error("the declared directory is none, or has no producer")
	}
	write := targets["//p:include"].Steps[1]
	if diff := cmp.Diff([]string{"write@1", "--executable", "text", "out/p/marker"}, write.Arguments); diff != "" {
		t.Errorf("write step (-want +got):\n%s", diff)
	}
	if got := targets["//p:app_lib"].Steps[0].Arguments; got[len(got)-1] != "-g" {
		t.Errorf("select did not look at the settings: %q", got)
	}
}

func TestSpecs(t *testing.T) {
	targets, err := analyse(project, nil)
	if err != nil {
		t.Fatal(err)
	}
	run := targets["//p:app"].Run
	if diff := cmp.Diff(&RunSpec{Executable: "out/p/app.wasm", Arguments: []string{"-v"}, Env: map[string]string{"HOME": "/"}, Inputs: run.Inputs}, run); diff != "" {
		t.Errorf("run spec (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"out/p/app.wasm <- out/p/app.wasm", "lib <- out/p/include"}, place(run.Inputs)); diff != "" {
		t.Errorf("inputs of the run spec (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"out/p/app_test.json"}, paths(targets["//p:app_test"].Test.Reports)); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"p/a.c", "p/b.c"}, paths(targets["//p:sources"].Files)); diff != "" {
		t.Errorf("files of the filegroup (-want +got):\n%s", diff)
	}
	alias := targets["//p:base_alias"]
	if alias.Kind != "lib" || alias.Provider(lang.DefaultInfo) == nil || len(alias.Files) != 1 {
		t.Errorf("the alias is not what it stands for: %+v", alias)
	}
	if targets["//p:base"].Run != nil || targets["//p:base"].Test != nil {
		t.Error("a library can be run or tested")
	}
}

// A program that starts elsewhere than at the root is given absolute paths.
func TestTools(t *testing.T) {
	targets, err := analyse(map[string]string{
		"rules/tools.bzl": `
def _impl(ctx):
    out = ctx.actions.declare_file("o")
    ctx.actions.run(
        executable = ctx.file.tool,
        arguments = ["-o", out],
        env = {"TOOL": ctx.file.tool} | ctx.attr.env,
        tools = {"cc": ctx.file.tool},
        working_directory = "src/build",
        outputs = [out],
    )

tools = rule(implementation = _impl, attrs = {"tool": attr.label(allow_single_file = True), "env": attr.string_dict()})
`,
		"p/BUILD": "exports_files(['t'])\nload('//rules:tools.bzl', 'tools')\ntools(name = 'a', tool = 't')",
		"q/BUILD": "load('//rules:tools.bzl', 'tools')\ntools(name = 'b', tool = '//p:t', env = {'PATH': '/usr/bin'})",
		"p/t":     "",
	}, nil, "//p:a", "//q:b")
	if err != nil {
		t.Fatal(err)
	}
	step := targets["//p:a"].Steps[0]
	if diff := cmp.Diff([]string{"/p/t", "-o", "/out/p/o"}, step.Arguments); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"p/t <- p/t", "bin/cc <- p/t"}, place(step.Inputs)); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"TOOL": "/p/t", "PATH": "/bin"}, step.Env); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if step.WorkingDirectory != "src/build" {
		t.Errorf("the working directory is %q", step.WorkingDirectory)
	}
	if got := targets["//q:b"].Steps[0].Env["PATH"]; got != "/usr/bin" {
		t.Errorf("PATH is %q", got)
	}
}

// What is to be expanded is a step like others, with its input at the root.
func TestExpand(t *testing.T) {
	targets, err := analyse(map[string]string{
		"rules/expand.bzl": `
def _impl(ctx):
    tree = ctx.actions.declare_directory("configured")
    ctx.actions.run(executable = ctx.file.tool, outputs = [tree])
    out = ctx.actions.declare_directory("built")
    ctx.actions.expand("ninja@1", tree, "src/build", [out], targets = ["all"], mounts = {"src": tree}, tools = {"cc": ctx.file.tool},
        env = {"TOOL": ctx.file.tool}, mnemonic = "Ninja", progress_message = "building", timeout = 2, memory = 3, written = 4)

expand = rule(implementation = _impl, attrs = {"tool": attr.label(allow_single_file = True)})
`,
		"p/BUILD": "load('//rules:expand.bzl', 'expand')\nexpand(name = 'a', tool = 't')",
		"p/t":     "",
	}, nil, "//p:a")
	if err != nil {
		t.Fatal(err)
	}
	steps := targets["//p:a"].Steps
	step := *steps[1]
	if diff := cmp.Diff([]string{"src <- out/p/configured", "bin/cc <- p/t", "src/build <- out/p/configured"}, place(step.Inputs)); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	if out := step.Outputs[0]; len(step.Outputs) != 1 || out.Path != "out/p/built" || out.Producer != steps[1] {
		t.Errorf("outputs are %v", step.Outputs)
	}
	step.Inputs, step.Outputs = nil, nil
	want := action.Step{
		Owner: label.Label{Package: "p", Name: "a"}, Mnemonic: "Ninja", Progress: "building",
		Executor: "expand", Arguments: []string{"ninja@1", "all"}, WorkingDirectory: "src/build",
		Env:    map[string]string{"TOOL": "/p/t", "PATH": "/bin"},
		Limits: action.Limits{Timeout: 2 * time.Second, Memory: 3, Written: 4},
	}
	if diff := cmp.Diff(want, step); diff != "" {
		t.Errorf("step (-want +got):\n%s", diff)
	}
}

// Targets that do not depend on what is wrong are analysed nevertheless, and an
// error that several run into is told once.
func TestPartialFailure(t *testing.T) {
	targets, err := analyse(map[string]string{"p/BUILD": `
load("//rules:lib.bzl", "lib")
lib(name = "bad", srcs = ["missing.c"])
lib(name = "user1", deps = [":bad"])
lib(name = "user2", deps = [":bad", ":user1"])
lib(name = "good")
`}, nil)
	var list diag.List
	if errors.As(err, &list) {
		t.Errorf("got several errors: %v", err)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "p/BUILD:3:27: ") {
		t.Errorf("got %v, want one error at p/BUILD:3:27", err)
	}
	if len(targets) != 1 || targets["//p:good"] == nil {
		t.Errorf("got targets %v, want //p:good only", targets)
	}
}

// A chain of dependencies that is too long for recursion is an error.
func TestLongChain(t *testing.T) {
	const length = maxDepth + 10
	_, err := analyse(map[string]string{"p/BUILD": fmt.Sprintf(
		"[filegroup(name = 'f%%d' %% i, srcs = [':f%%d' %% (i + 1)]) for i in range(%d)]\nfilegroup(name = 'f%d')", length, length)}, nil, "//p:f0")
	if err == nil || !strings.Contains(err.Error(), "at the end of a chain of more than") {
		t.Errorf("got %.300v", err)
	}
}

func TestUnknownLabel(t *testing.T) {
	_, err := analyse(nil, nil, "//rules:non")
	if err == nil || !strings.Contains(err.Error(), `package //rules has no target "non"`) {
		t.Errorf("got %v", err)
	}
	if _, err = analyse(project, map[string]string{"mod": ""}); err == nil || !strings.Contains(err.Error(), "no build setting") {
		t.Errorf("got %v", err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c := chunktest.Chunk{Files: project}
	ws, err := loading.Open(c.FS(base), loading.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(ws, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Analyse(ctx, []label.Label{{Package: "p", Name: "app"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancellation", err)
	}
	if _, err := a.Analyse(context.Background(), []label.Label{{Package: "p", Name: "app"}}); err != nil {
		t.Errorf("after a cancellation: %v", err)
	}
}

// BenchmarkAnalyse loads and analyses 60 packages and one library of 400
// sources, from nothing.
func BenchmarkAnalyse(b *testing.B) {
	files := map[string]string{}
	var srcs strings.Builder
	for i := range 400 {
		fmt.Fprintf(&srcs, "    \"f%d.c\",\n", i)
		files[fmt.Sprintf("big/f%d.c", i)] = ""
	}
	load := "load(\"//rules:lib.bzl\", \"bin\", \"lib\")\n"
	files["big/BUILD"] = load + "lib(name = \"big\", visibility = [\"//visibility:public\"], srcs = [\n" + srcs.String() + "])\n"
	for i := range 60 {
		files[fmt.Sprintf("p%d/BUILD", i)] = load + `
lib(name = "lib", srcs = ["x.c"], deps = ["//big"])
bin(name = "bin", deps = [":lib"], data = "x.c")
`
		files[fmt.Sprintf("p%d/x.c", i)] = ""
	}
	for b.Loop() {
		targets, err := analyse(files, nil)
		if err != nil {
			b.Fatal(err)
		}
		if len(targets) != 121 {
			b.Fatalf("got %d targets", len(targets))
		}
	}
}
