package lower_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var (
	randomPrograms = flag.Int("random_programs", 2, "number of random C++ programs that TestRandomPrograms compares with native ones")
	randomSeed     = flag.Uint64("random_seed", 1, "the seed of the first of them")
)

// TestRandomPrograms compiles random C++ programs natively and for the sandbox,
// there as one program and as two modules, and compares what they do.
//
// What compiles for the sandbox is the project itself, so it has to be built.
func TestRandomPrograms(t *testing.T) {
	gxx, err := exec.LookPath("g++")
	if err != nil {
		t.Skip("there is no g++ to compare with")
	}
	if testing.Short() {
		t.Skip("programs are compiled")
	}
	w := newWorkspace(t)
	var targets []string
	programs := map[string]map[string]string{}
	for i := range *randomPrograms {
		name := fmt.Sprintf("p%d", *randomSeed+uint64(i))
		programs[name] = generate(*randomSeed + uint64(i))
		w.add(name, programs[name])
		targets = append(targets, "//"+name+":one", "//"+name+":two")
	}
	w.build(targets...)
	for name := range programs {
		t.Run(name, func(t *testing.T) {
			want := native(t, gxx, filepath.Join(w.dir, name))
			for _, form := range []string{"one", "two"} {
				got, err := os.ReadFile(filepath.Join(w.dir, "cowasm-out", name, form+".txt"))
				if err != nil {
					t.Fatal(err)
				}
				if string(got) != want {
					t.Errorf("as %s:\n%s\nnative:\n%s", form, got, want)
				}
			}
		})
	}
}

// native compiles and runs a program natively.
func native(t *testing.T, gxx, dir string) string {
	t.Helper()
	program, out := filepath.Join(t.TempDir(), "program"), filepath.Join(t.TempDir(), "out")
	run(t, gxx, "-std=c++17", "-O1", "-w", "-o", program,
		filepath.Join(dir, "main.cpp"), filepath.Join(dir, "a.cpp"), filepath.Join(dir, "b.cpp"), "-x", "c", filepath.Join(dir, "c.c"))
	run(t, program, out)
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func run(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// A workspace has this project's rules and toolchains, and packages of its own.
type workspace struct {
	t      *testing.T
	dir    string
	cowasm string
}

const packageBuild = `load("//rules:cc.bzl", "cc_binary", "cc_library")
load("//rules:cc_shared.bzl", "cc_shared")
load("//rules:tool.bzl", "run_tool")

cc_library(
    name = "c",
    srcs = ["c.c"],
    alwayslink = True,
)

cc_binary(
    name = "whole",
    srcs = ["a.cpp", "b.cpp", "common.h", "main.cpp"],
    deps = [":c"],
)

run_tool(
    name = "one",
    outs = ["one.txt"],
    args = ["$(location one.txt)"],
    tool = ":whole",
)

cc_binary(
    name = "main",
    srcs = ["a.cpp", "common.h", "main.cpp"],
    local_defines = ["MODULES"],
    main_module = True,
    deps = [":c", "//toolchains/libc"],
)

cc_shared(
    name = "b",
    srcs = ["b.cpp", "common.h"],
    program = ":main",
)

run_tool(
    name = "two",
    srcs = [":b"],
    outs = ["two.txt"],
    args = ["$(location two.txt)", "$(location :b)"],
    tool = ":main",
)
`

// newWorkspace makes one. It skips the test if the C++ toolchain was not built
// on this machine, which takes minutes and downloads.
func newWorkspace(t *testing.T) *workspace {
	t.Helper()
	root := filepath.Join("..", "..")
	w := &workspace{t: t, dir: t.TempDir()}
	w.cowasm = filepath.Join(t.TempDir(), "cowasm")
	run(t, "go", "build", "-o", w.cowasm, filepath.Join(root, "cmd", "cowasm"))
	for _, name := range []string{"rules", "toolchains"} {
		if err := os.CopyFS(filepath.Join(w.dir, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "WORKSPACE"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "WORKSPACE"), text, 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := w.command("build", "--offline", "//toolchains/cxx").CombinedOutput(); err != nil {
		t.Skipf("the C++ toolchain is not built; cowasm build //toolchains/cxx does that: %v\n%s", err, out)
	}
	return w
}

func (w *workspace) command(args ...string) *exec.Cmd {
	c := exec.Command(w.cowasm, args...)
	c.Dir = w.dir
	return c
}

// add adds a package with a program.
func (w *workspace) add(name string, files map[string]string) {
	w.t.Helper()
	dir := filepath.Join(w.dir, name)
	if err := os.Mkdir(dir, 0o777); err != nil {
		w.t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			w.t.Fatal(err)
		}
	}
	write("BUILD", packageBuild)
	for name, text := range files {
		write(name, text)
	}
}

func (w *workspace) build(targets ...string) {
	w.t.Helper()
	if out, err := w.command(append([]string{"build", "--offline"}, targets...)...).CombinedOutput(); err != nil {
		w.t.Fatalf("%v\n%s", err, out)
	}
}
