package cli

import (
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
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
	rules, err := filepath.Abs(filepath.Join("..", "..", "rules"))
	if err != nil {
		t.Fatal(err)
	}
	toy := toyRules(t)
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
			return writeFiles(env.WorkDir, toy)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCodeIs,
			// envsubst FILE replaces $SOURCES in it.
			"envsubst": func(ts *testscript.TestScript, _ bool, args []string) {
				text := strings.ReplaceAll(ts.ReadFile(args[0]), "$SOURCES", ts.Getenv("SOURCES"))
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
			},
			// unhex DIR writes NAME.wasm for each NAME.hex there, of the bytes it tells.
			"unhex": func(ts *testscript.TestScript, _ bool, args []string) {
				names, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*.hex"))
				ts.Check(err)
				for _, name := range names {
					data, err := hex.DecodeString(strings.Join(strings.Fields(ts.ReadFile(name)), ""))
					ts.Check(err)
					ts.Check(os.WriteFile(strings.TrimSuffix(name, ".hex")+".wasm", data, 0o666))
				}
			},
			// damage changes the first blob of the cache.
			"damage": func(ts *testscript.TestScript, _ bool, _ []string) {
				blobs, err := filepath.Glob(filepath.Join(ts.Getenv("COWASM_CACHE"), "blobs", "*", "*"))
				ts.Check(err)
				ts.Check(os.Chmod(blobs[0], 0o666))
				ts.Check(os.WriteFile(blobs[0], []byte("damaged"), 0o666))
			},
			// guest PATH puts the program of testdata/guest there.
			"guest": func(ts *testscript.TestScript, _ bool, args []string) {
				program, err := buildGuest()
				ts.Check(err)
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(program), 0o666))
			},
		},
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
