package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestNativeScript runs testdata/native/*.txt, each in a workspace of its own that
// has the rules, toolchains and packages of this repository. It needs those that
// it uses to be built, as the tests of Python do.
func TestNativeScript(t *testing.T) {
	requireBuilt(t, "//packages/kiwisolver")
	requireBuilt(t, "//packages/meson-python")
	cache, err := cacheOfUser()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/native",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("COWASM_CACHE", cache)
			for _, name := range []string{"WORKSPACE", "rules", "toolchains", "packages"} {
				if err := os.Symlink(filepath.Join(root, name), filepath.Join(env.WorkDir, name)); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCodeIs,
			// lines FILE LINE writes 10,000 lines, with their numbers for %d.
			"lines": func(ts *testscript.TestScript, _ bool, args []string) {
				var text strings.Builder
				for i := range 10_000 {
					fmt.Fprintf(&text, args[1]+"\n", i)
				}
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text.String()), 0o666))
			},
			// truncated FILE writes a WebAssembly module that ends within its first section.
			"truncated": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte("\x00asm\x01\x00\x00\x00\x00\x0a\x08dylink.0"), 0o666))
			},
		},
	})
}

// cacheOfUser returns the cache that commands use if they are not told another.
func cacheOfUser() (string, error) {
	if dir := os.Getenv("COWASM_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "cowasm"), err
}
