package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/cowasm/cowasm"

// floors are the packages of the module, from the ground up. A package may
// import those of lower floors only, so that whoever reads one need not know
// what is above it. A new package goes on the lowest floor that it can.
var floors = [][]string{
	// Values without behaviour, and what they are made of.
	{"internal/atomicfile", "internal/diag", "internal/digest", "internal/label", "internal/patch", "internal/archive", "internal/sandbox/errno", "internal/wasmfile", "internal/distribution", "internal/picture", "internal/catalogue"},
	{"internal/lower", "internal/tree", "internal/ninja", "internal/event", "internal/edit", "internal/bundle", "internal/transcript"},
	{"internal/readset", "internal/ui", "starlark/internal/chunktest"},
	{"internal/action"},

	// Content: kept, fetched, shown to guests.
	{"internal/store", "internal/sandbox/vfs"},
	{"internal/fetch", "internal/sandbox/wasi", "internal/dylink"},
	{"internal/sandbox/engine"},
	{"internal/sandbox/wasmtime"},

	// BUILD files to targets, targets to actions.
	{"starlark/lang"},
	{"starlark/loading"},
	{"starlark/analysis"},

	// Actions to results.
	{"internal/execute"},
	{"internal/execute/builtin", "internal/execute/expand", "internal/execute/wasm"},

	// What users ask for, and how.
	{"internal/build", "internal/query", "internal/ruledoc", "internal/skeleton"},
	{"internal/lint", "internal/inspection"},
	{"internal/cli"},
	{"cmd/cowasm", "cmd/cowasm-wasmtime"},
}

// networked are the only packages that may open connections.
var networked = []string{"internal/fetch"}

// network are the packages that open connections.
var network = []string{"net", "net/http", "google.golang.org/grpc"}

// imports returns what each package of the module imports, by their paths in
// the module. It reads the files of all platforms, but no tests.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	byPath := map[string][]string{}
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if name := e.Name(); name == "testdata" || p == "cowasm-out" || p != "." && strings.HasPrefix(name, ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(root, p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := path.Dir(p)
		byPath[dir] = append(byPath[dir], "") // it is a package even if it imports nothing
		for _, spec := range f.Imports {
			byPath[dir] = append(byPath[dir], strings.Trim(spec.Path.Value, `"`))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return byPath
}

func TestImportsGoDownwards(t *testing.T) {
	floorOf := map[string]int{}
	for i, floor := range floors {
		for _, p := range floor {
			if _, ok := floorOf[p]; ok {
				t.Errorf("%s is on two floors", p)
			}
			floorOf[p] = i
		}
	}
	all := imports(t)
	for path, imported := range all {
		if path == "internal" {
			continue // this package, which nobody can import
		}
		floor, ok := floorOf[path]
		if !ok {
			t.Errorf("%s is on no floor; add it to the list in this test", path)
			continue
		}
		for _, i := range imported {
			below, ours := strings.CutPrefix(i, module+"/")
			if ours && floorOf[below] >= floor {
				t.Errorf("%s imports %s, which is not below it", path, below)
			}
		}
	}
	for path := range floorOf {
		if _, ok := all[path]; !ok {
			t.Errorf("%s is on floor %d, but does not exist", path, floorOf[path])
		}
	}
}

func TestOnlySomeTouchTheNetwork(t *testing.T) {
	for path, imported := range imports(t) {
		for _, i := range imported {
			if slices.Contains(network, i) && !slices.Contains(networked, path) {
				t.Errorf("%s imports %s; only %s may", path, i, strings.Join(networked, ", "))
			}
		}
	}
}
