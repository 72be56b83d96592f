package ninja_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/ninja"
)

var buildDir = flag.String("build_dir", "", "the absolute path of a folder with a build.ninja, for TestFolder")

// TestFolder compares what is made of the build.ninja in a folder with what
// ninja makes of it: go test -run Folder -build_dir=DIR ./internal/ninja
func TestFolder(t *testing.T) {
	if *buildDir == "" {
		t.Skip("no folder is given")
	}
	cmd := exec.Command("ninja", "-t", "commands")
	cmd.Dir = *buildDir
	want, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	g, err := ninja.Parse("build.ninja", *buildDir, func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(*buildDir, name)
		}
		return os.ReadFile(name)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := list(g)
	if diff := cmp.Diff(string(want), got); diff != "" || err != nil {
		t.Errorf("%v, commands (-ninja +ours):\n%s", err, diff)
	}
}

// TestAgainstNinja compares what is made of build files with what ninja makes
// of them, where there is one.
func TestAgainstNinja(t *testing.T) {
	program, err := exec.LookPath("ninja")
	if err != nil {
		t.Skip("there is no ninja to compare with")
	}
	run := func(t *testing.T, text string) (string, error) {
		dir := t.TempDir()
		for name, f := range files(text) {
			if err := os.WriteFile(filepath.Join(dir, name), f.Data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(program, "-t", "commands")
		cmd.Dir = dir
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		t.Logf("%s", stderr.Bytes())
		return string(out), err
	}
	// What ninja finds out when it builds, or only warns of.
	own := map[string]bool{
		"the build file itself is passed over": true, "validations": true, // are not in its list of commands
		"all in a circle": true, "an edge that needs itself": true, "bad version": true,
		"circle": true, "two makers, one absolute": true,
	}
	for _, test := range graphs {
		t.Run(test.name, func(t *testing.T) {
			want, ninjaErr := run(t, test.text)
			got, err := commands(test.text)
			if (ninjaErr == nil) != (err == nil) {
				t.Fatalf("ninja says %v, we say %v", ninjaErr, err)
			}
			if diff := cmp.Diff(want, got); diff != "" && !own[test.name] {
				t.Errorf("commands (-ninja +ours):\n%s", diff)
			}
		})
	}
	for _, test := range broken {
		t.Run(test.name, func(t *testing.T) {
			if out, err := run(t, test.text); err == nil && !own[test.name] {
				t.Errorf("ninja takes it: %s", out)
			}
		})
	}
}
