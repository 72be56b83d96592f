//go:build linux || darwin

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cowasm/cowasm/internal/sandbox/wasi"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// TestEngines runs a program on each engine and compares. The library of
// wasmtime comes from the user's cache, or from where the user gets packages.
func TestEngines(t *testing.T) {
	bin := t.TempDir()
	command(t, ".", "go", "build", "-o", bin, "../../cmd/...")
	files := map[string]string{
		"tools/in.txt":           "hello",
		"tools/guest.wasm":       readGuest(t),
		"tools/unreachable.wasm": program(new(wasmfile.Builder), 1, new(wasmfile.Code).Unreachable()),
		"tools/large.wasm":       program(new(wasmfile.Builder), 60_000, new(wasmfile.Code)),
		"tools/spawner.wasm":     spawner("/tools/large.wasm"),
		"tools/BUILD": `load("//rules:toy.bzl", "program")

[
    program(
        name = verb,
        src = "in.txt",
        guest = "guest.wasm",
        verb = verb,
    )
    for verb in ["upper", "fail"]
]

program(
    name = "trap",
    src = "in.txt",
    guest = "unreachable.wasm",
    verb = "trap",
)

program(
    name = "large",
    src = "large.wasm",
    guest = "spawner.wasm",
    verb = "large",
)
`,
	}
	for _, name := range []string{"rules/source.bzl", "rules/tree.bzl", "toolchains/wasmtime/BUILD"} {
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	workspace := newWorkspace(t, files)

	cowasm := filepath.Join(bin, "cowasm")
	command(t, workspace, cowasm, "build", "//tools:upper")
	if got := command(t, workspace, cowasm, "build", "--check", "--engine=wasmtime", "//tools:upper"); !strings.Contains(got, "running upper for //tools:upper") {
		t.Errorf("the program was not run again:\n%s", got)
	}
	for target, want := range map[string]string{
		"//tools:fail":  "exit code 3",
		"//tools:trap":  "the program trapped: ",
		"//tools:large": "exit code 6", // since its child has aborted
	} {
		for _, engine := range []string{"wasmtime", "wazero"} {
			got, err := start(workspace, cowasm, "build", "--engine="+engine, target)
			if err == nil || !strings.Contains(got, want) {
				t.Errorf("building %s on %s: %v, want an error with %q:\n%s", target, engine, err, want, got)
			}
		}
	}
	if got, err := start(workspace, cowasm, "build", "--engine=nothing", "//tools:upper"); err == nil ||
		!strings.Contains(got, "--engine=nothing: there is no program cowasm-nothing beside this one or in PATH") {
		t.Errorf("an engine that is not there: %v:\n%s", err, got)
	}
}

// program returns a module that does what code says.
func program(b *wasmfile.Builder, pages uint32, code *wasmfile.Code) string {
	b.Memory(pages)
	b.Export("memory", wasmfile.Memory, 0)
	b.Export("_start", wasmfile.Func, b.Func(wasmfile.FuncType{}, code))
	return string(b.Bytes())
}

// spawner returns a program that runs the one at path and exits with the status
// that wait tells.
func spawner(path string) string {
	const pathAt, statusAt = 16, 256
	numbers := func(n int) wasmfile.FuncType {
		return wasmfile.FuncType{Params: slices.Repeat([]wasmfile.ValueType{wasmfile.I32}, n), Results: []wasmfile.ValueType{wasmfile.I32}}
	}
	var b wasmfile.Builder
	spawn := b.ImportFunc(wasi.Cowasm, "spawn", numbers(10))
	wait := b.ImportFunc(wasi.Cowasm, "wait", numbers(3))
	exit := b.ImportFunc(wasi.Preview1, "proc_exit", wasmfile.FuncType{Params: []wasmfile.ValueType{wasmfile.I32}})
	size := int32(len(path))
	b.Data(nil, pathAt, []byte(path+"\x00"))
	code := new(wasmfile.Code).I32Const(pathAt).I32Const(size)
	code.I32Const(pathAt).I32Const(size + 1) // its name is its only argument
	code.I32Const(0).I32Const(0)             // and there is no environment
	code.I32Const(pathAt).I32Const(1)        // the root
	code.I32Const(0).I32Const(0)             // no descriptors
	code.Call(spawn).I32Const(statusAt).I32Const(0).Call(wait).Raw(drop)
	return program(&b, 1, code.I32Const(statusAt).I32Load(0).Call(exit))
}

const drop = 0x1a

// command runs a program in dir and returns what it wrote. It must not fail.
func command(t *testing.T, dir string, args ...string) string {
	t.Helper()
	text, err := start(dir, args...)
	if err != nil {
		t.Fatalf("%s: %v:\n%s", strings.Join(args, " "), err, text)
	}
	return text
}

func start(dir string, args ...string) (string, error) {
	c := exec.Command(args[0], args[1:]...)
	c.Dir = dir
	text, err := c.CombinedOutput()
	return string(text), err
}
