package inspection

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/label"
)

func TestQuoted(t *testing.T) {
	got := quoted([]string{"-I/x.y", "a=b,c", "", "two words", "it's", "$HOME", "é", "*"})
	want := []string{"-I/x.y", "a=b,c", "''", "'two words'", `'it'\''s'`, "'$HOME'", "'é'", "'*'"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// An action is shown as far as it is known.
func TestWrite(t *testing.T) {
	key := digest.Of([]byte("key"))
	out := &action.Artifact{Path: "out/p/x.o"}
	step := &action.Step{
		Owner:            label.Label{Package: "p", Name: "x"},
		Mnemonic:         "CcCompile",
		Progress:         "compiling x.c",
		Executor:         "wasm",
		Arguments:        []string{"bin/cc", "-c", "x.c"},
		Env:              map[string]string{"B": "2", "A": "1"},
		WorkingDirectory: "src",
		Inputs: []action.Input{
			{Path: "src/x.c", Artifact: &action.Artifact{Path: "p/x.c"}},
			{Path: "bin/cc", Artifact: &action.Artifact{Path: "bin/cc"}},
		},
		Outputs: []*action.Artifact{out},
	}
	var b strings.Builder
	list := List{Format: "text", Commands: true, Artifacts: true}
	err := list.Write(&b, []build.Action{{Step: step, Key: key, Result: &action.Result{Cached: true, ByReadSet: true}}})
	if err != nil {
		t.Fatal(err)
	}
	want := `action 'compiling x.c'
  Mnemonic: CcCompile
  Target: //p:x
  Executor: wasm
  ActionKey: ` + key.String() + `
  State: has a result, found by its read set
  Inputs: [bin/cc, src/x.c <- p/x.c]
  Outputs: [out/p/x.o]
  Environment: [A=1, B=2]
  Working Directory: src
  Command Line: (exec bin/cc \
    -c \
    x.c)

`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestState(t *testing.T) {
	key, result := digest.Of([]byte("key")), &action.Result{}
	for want, a := range map[string]build.Action{
		"no such file":                           {Err: errors.New("no such file")},
		"is part of every build":                 {Result: result},
		"has a result":                           {Key: key, Result: result},
		"to be executed":                         {Key: key},
		"waits for inputs that are not made yet": {},
		"has a result, found by its read set":    {Key: key, Result: &action.Result{ByReadSet: true}},
	} {
		if got := state(a); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
