package inspection

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/label"
)

// example has a value in every field.
func example() action.Action {
	return action.Action{
		Owner:            label.Label{Package: "p", Name: "x"},
		Mnemonic:         "CcCompile",
		Progress:         "compiling x.c",
		Scratch:          []string{"x.d"},
		Executor:         "wasm",
		Arguments:        []string{"bin/cc", "-O2", "-c", "x.c", "-c"},
		Env:              map[string]string{"A": "1", "B": ""},
		InputRoot:        digest.Of([]byte("root")),
		OutputFiles:      []string{"out/x.o"},
		OutputDirs:       []string{"out/x"},
		Limits:           action.Limits{Timeout: time.Minute, Memory: 1},
		WorkingDirectory: "src",
	}
}

func TestCommandDifferences(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*action.Action)
		want   []string
	}{
		"nothing":     {func(*action.Action) {}, nil},
		"executor":    {func(a *action.Action) { a.Executor = "builtin" }, []string{"executor: was wasm, is builtin"}},
		"argument":    {func(a *action.Action) { a.Arguments[1] = "-O3" }, []string{`argument "-O2" is gone`, `argument "-O3" is new`}},
		"once less":   {func(a *action.Action) { a.Arguments = a.Arguments[:4] }, []string{`argument "-c" is gone`}},
		"order":       {func(a *action.Action) { slices.Reverse(a.Arguments) }, []string{"arguments: in another order"}},
		"environment": {func(a *action.Action) { a.Env = map[string]string{"A": "2", "C": "3"} }, []string{`environment variable A: was "1", is "2"`, `environment variable B: was "", is not set`, `environment variable C: was not set, is "3"`}},
		"directory":   {func(a *action.Action) { a.WorkingDirectory = "" }, []string{"working directory: was /src, is /"}},
		"file":        {func(a *action.Action) { a.OutputFiles = nil }, []string{`output file "out/x.o" is gone`}},
		"folder":      {func(a *action.Action) { a.OutputDirs = append(a.OutputDirs, "out/y") }, []string{`output folder "out/y" is new`}},
		"limits":      {func(a *action.Action) { a.Limits = action.Limits{Timeout: time.Hour, Written: 2} }, []string{"time limit: was 1m0s, is 1h0m0s", "memory limit: was 1, is the default", "limit of bytes written: was the default, is 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			was, is := example(), example()
			test.change(&is)
			if diff := cmp.Diff(test.want, commandDifferences(&was, &is)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A field that is added to Action and forgotten in commandDifferences fails here.
func TestCommandDifferencesAreComplete(t *testing.T) {
	no := []string{"Owner", "Mnemonic", "Progress", "Scratch", "InputRoot"}
	was := example()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[action.Action]()) {
		is := example()
		reflect.ValueOf(&is).Elem().FieldByIndex(f.Index).SetZero()
		if got := commandDifferences(&was, &is); (got == nil) != slices.Contains(no, f.Name) {
			t.Errorf("without %s the differences are %q", f.Name, got)
		}
	}
}
