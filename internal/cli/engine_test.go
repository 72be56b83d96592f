//go:build linux || darwin

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestEngines runs a program on each engine and compares. The library of
// wasmtime comes from the user's cache, or from where the user gets packages.
func TestEngines(t *testing.T) {
	bin := t.TempDir()
	command(t, ".", "go", "build", "-o", bin, "../../cmd/...")
	files := map[string]string{
		"tools/in.txt":     "hello",
		"tools/guest.wasm": readGuest(t),
		// Exports a memory and a function _start, which is unreachable.
		"tools/unreachable.wasm": "\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x05\x03\x01\x00\x01" +
			"\x07\x13\x02\x06memory\x02\x00\x06_start\x00\x00" + "\x0a\x05\x01\x03\x00\x00\x0b",
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
	if got := command(t, workspace, cowasm, "build", "--check", "--engine=wasmtime", "//tools:upper"); !strings.Contains(got, "1 action executed") {
		t.Errorf("the program was not run again:\n%s", got)
	}
	for target, want := range map[string]string{
		"//tools:fail": "exit code 3",
		"//tools:trap": "the program trapped: ",
	} {
		got, err := start(workspace, cowasm, "build", "--engine=wasmtime", target)
		if err == nil || !strings.Contains(got, want) {
			t.Errorf("building %s: %v, want an error with %q:\n%s", target, err, want, got)
		}
	}
	if got, err := start(workspace, cowasm, "build", "--engine=nothing", "//tools:upper"); err == nil ||
		!strings.Contains(got, "--engine=nothing: there is no program cowasm-nothing beside this one or in PATH") {
		t.Errorf("an engine that is not there: %v:\n%s", err, got)
	}
}

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
