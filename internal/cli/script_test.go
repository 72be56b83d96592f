package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"cowasm": func() { os.Exit(Main(os.Args[1:])) },
	})
}

// TestScript runs testdata/script/*.txt, each in a folder of its own with a
// cache of its own. The rules of testdata/toy.bzl are in rules/ of that folder,
// $SOURCES is the address of a server that has testdata/sources, and $RULES the
// folder of the real rules.
func TestScript(t *testing.T) {
	toy, err := filepath.Abs(filepath.Join("testdata", "toy.bzl"))
	if err != nil {
		t.Fatal(err)
	}
	rules, err := filepath.Abs(filepath.Join("..", "..", "rules"))
	if err != nil {
		t.Fatal(err)
	}
	guest := guestBuilder(t)
	sources := http.FileServer(http.Dir(filepath.Join("testdata", "sources")))
	server := httptest.NewServer(sources)
	t.Cleanup(server.Close)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("COWASM_CACHE", filepath.Join(env.WorkDir, ".cache"))
			env.Setenv("SOURCES", server.URL)
			env.Setenv("RULES", rules)
			rules := filepath.Join(env.WorkDir, "rules")
			if err := os.MkdirAll(rules, 0o777); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(rules, "BUILD"), nil, 0o666); err != nil {
				return err
			}
			text, err := os.ReadFile(toy)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(rules, "toy.bzl"), text, 0o666)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCodeIs,
			// envsubst FILE replaces $SOURCES in it.
			"envsubst": func(ts *testscript.TestScript, _ bool, args []string) {
				text := strings.ReplaceAll(ts.ReadFile(args[0]), "$SOURCES", ts.Getenv("SOURCES"))
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
			},
			// guest PATH puts the program of testdata/guest there.
			"guest": func(ts *testscript.TestScript, _ bool, args []string) {
				data, err := guest()
				ts.Check(err)
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o666))
			},
		},
	})
}

// guestBuilder returns what builds the program in testdata/guest for the
// sandbox, once, and returns its content.
func guestBuilder(t *testing.T) func() ([]byte, error) {
	file := filepath.Join(t.TempDir(), "guest.wasm")
	return sync.OnceValues(func() ([]byte, error) {
		build := exec.Command("go", "build", "-o", file, "./testdata/guest")
		build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building the guest: %w\n%s", err, out)
		}
		return os.ReadFile(file)
	})
}

// exitCodeIs is the command "exitcode CODE ARG...": it runs a program that must
// exit with the given code.
func exitCodeIs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE PROGRAM [ARG]...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = filepath.Base(err.Error())
	}
	if want := args[0]; got != "exit status "+want && got != want {
		ts.Fatalf("%v: exit code is not %s: %s", args[1:], want, got)
	}
}
