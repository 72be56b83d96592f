package cli

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// newWorkspace makes a workspace of the given files and those of toyRules.
func newWorkspace(t *testing.T, files map[string]string) (root string) {
	t.Helper()
	all := map[string]string{"WORKSPACE": ""}
	maps.Copy(all, toyRules(t))
	maps.Copy(all, files)
	root = t.TempDir()
	if err := writeFiles(root, all); err != nil {
		t.Fatal(err)
	}
	return root
}

// toyRules returns the package rules, which has the rules of testdata/toy.bzl.
func toyRules(t *testing.T) map[string]string {
	t.Helper()
	toy, err := os.ReadFile(filepath.Join("testdata", "toy.bzl"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"rules/BUILD": "", "rules/toy.bzl": string(toy)}
}

// writeFiles writes files below a folder.
func writeFiles(root string, files map[string]string) error {
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// readGuest returns the program in testdata/guest, built for the sandbox.
func readGuest(t *testing.T) string {
	t.Helper()
	program, err := buildGuest()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

var buildGuest = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "guest")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "guest.wasm")
	build := exec.Command("go", "build", "-o", file, "./testdata/guest")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the guest: %w\n%s", err, out)
	}
	program, err := os.ReadFile(file)
	return string(program), err
})
