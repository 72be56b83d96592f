package wasm_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutputs(t *testing.T) {
	b := newBed(t)
	a := b.probeAction(map[string]string{"in": "text"}, "read in", "write out/a/x 1", "write out/dir/y 2", "mkdir out/dir/empty", "errline why")
	a.OutputFiles = []string{"out/a/x"}
	a.OutputDirs = []string{"out/dir"}
	r := b.run(a)
	if want := "read: text\nwrite: \nwrite: \nmkdir: \nerrline: \n"; string(r.Stdout) != want {
		t.Errorf("stdout is %q, want %q", r.Stdout, want)
	}
	if string(r.Stderr) != "why\n" || r.ExitCode != 0 {
		t.Errorf("stderr is %q, exit code %d", r.Stderr, r.ExitCode)
	}
	if diff := cmp.Diff([]string{"out/a/x"}, a.OutputFiles); diff != "" {
		t.Error(diff)
	}
	t.Log(r.Duration, r.Files, r.Dirs)
}
