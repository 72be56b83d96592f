package wasm_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/store"
)

// cached returns the executor of a bed with the caches of a build around it.
func (b *bed) cached() execute.Executor {
	load := store.Directories(b.store)
	return execute.Cache(execute.NewReadSets(b.store, load).Find(b.executor), b.store)
}

// An edit changes inputs: nil stands for removal.
type edit map[string]any

func (e edit) apply(files map[string]string) map[string]string {
	after := maps.Clone(files)
	for p, content := range e {
		if content == nil {
			delete(after, p)
		} else {
			after[p] = content.(string)
		}
	}
	return after
}

// TestReadSets has guests that observe their inputs in each way there is. After
// an edit of what they saw they must run again, and after another not.
func TestReadSets(t *testing.T) {
	files := map[string]string{
		"in/f": "text", "in/g": "other", "in/d/x": "1", "in/d/y": "2", "in/d/e/z": "3",
		"in/l": "->d", "in/ll": "->l", "in/abs": "->/in/d/x", "in/dangling": "->none", "bin/child": exits(3), "in/script": "#!/bin/child\n",
	}
	same := edit{"in/unseen": "new", "in/d/e/z": "changed"} // unless a guest sees that
	tests := []struct {
		name    string
		program []string
		files   []string // outputs
		dirs    []string
		same    edit // if not the usual one
		other   []edit
	}{
		{name: "content", program: []string{"read in/f"},
			other: []edit{{"in/f": "TEXT"}, {"in/f": nil}, {"in/f": "->g"}, {"in/f": nil, "in/f/x": "1"}}},
		{name: "size and kind", program: []string{"stat in/f"}, same: edit{"in/f": "TEXT"},
			other: []edit{{"in/f": "longer"}, {"in/f": nil}, {"in/f": "->g"}, {"in/f": nil, "in/f/x": "1"}}},
		{name: "a directory", program: []string{"stat in/d"}, same: edit{"in/d/x": nil, "in/d/new": "1"},
			other: []edit{{"in/d/x": nil, "in/d/y": nil, "in/d/e/z": nil}, {"in/d/x": nil, "in/d/y": nil, "in/d/e/z": nil, "in/d": "file"}}},
		{name: "a way through a directory", program: []string{"rawopen in/d/e/../../f"}, same: edit{"in/d/x": "changed", "in/d/e/z": "changed"},
			other: []edit{{"in/d/e/z": nil}, {"in/d/e/z": nil, "in/d/e": "file"}, {"in/d/e/z": nil, "in/d/e": "->../d"}}},
		{name: "names and kinds", program: []string{"ls in/d/e"}, same: edit{"in/d/x": nil, "in/d/e/z": "changed"},
			other: []edit{{"in/d/e/new": "1"}, {"in/d/e/z": nil}, {"in/d/e/z": nil, "in/d/e/Z": "3"}, {"in/d/e/z": nil, "in/d/e/z/q": "1"}, {"in/d/e/z": "->x"}}},
		{name: "inodes", program: []string{"inodes in/d/e"}, same: edit{"in/f": "changed"},
			other: []edit{{"in/d/e/a": "1"}}},
		{name: "the root", program: []string{"ls /"}, other: []edit{{"top": "1"}, {"tmp/x": "1"}}},
		{name: "absence", program: []string{"read in/none", "stat in/d/none"},
			other: []edit{{"in/none": "1"}, {"in/none/x": "1"}, {"in/d/none": "1"}, {"in/none": "->f"}}},
		{name: "below what is absent", program: []string{"read in/none/x/y"}, other: []edit{{"in/none": "1"}, {"in/none/z": "1"}, {"in/none/x/y": "1"}}},
		{name: "below a file", program: []string{"read in/f/x"}, same: edit{"in/f": "TEXT"}, other: []edit{{"in/f": nil}, {"in/f": nil, "in/f/x": "1"}}},
		{name: "through a link", program: []string{"read in/ll/x"},
			other: []edit{{"in/l": "->d/e"}, {"in/ll": "->d"}, {"in/d/x": "changed"}, {"in/l": nil}}},
		{name: "through an absolute link", program: []string{"read in/abs"}, other: []edit{{"in/abs": "->/in/d/y"}, {"in/d/x": "changed"}}},
		{name: "a link itself", program: []string{"stat in/l", "stat in/dangling"}, same: edit{"in/d/x": "changed", "in/none": nil},
			other: []edit{{"in/l": "->e"}, {"in/l": "d"}, {"in/dangling": "->n0ne"}}},
		{name: "through a dangling link", program: []string{"read in/dangling"}, other: []edit{{"in/none": "1"}, {"in/dangling": "->f"}}},
		{name: "making a file", program: []string{"creat in/none text", "creat in/d/n text"}, other: []edit{{"in/none": "1"}, {"in/d/n": "1"}}},
		{name: "not making a file", program: []string{"creat in/f text"}, same: edit{"in/f": "TEXT"}, other: []edit{{"in/f": nil}}},
		{name: "not changing a file", program: []string{"append in/f text", "trunc in/f", "rm in/f", "mv in/f in/q", "touch in/f"}, same: edit{"in/f": "TEXT"},
			other: []edit{{"in/f": nil}}},
		{name: "making directories", program: []string{"mkdir in/new/deep"}, other: []edit{{"in/new": "1"}, {"in/new/x": "1"}}},
		{name: "not making a directory", program: []string{"mkdir in/d"}, same: edit{"in/d/x": nil}, other: []edit{{"in/d/x": nil, "in/d/y": nil, "in/d/e/z": nil}}},
		{name: "removing a directory", program: []string{"rmdir in/d/e"}, same: edit{"in/d/e/z": "changed", "in/d/e/y": "1"}, other: []edit{{"in/d/e/z": nil}}},
		{name: "a link to an input", program: []string{"symlink ../in/f tmp/l", "read tmp/l"}, other: []edit{{"in/f": "TEXT"}}},
		{name: "another name for an input", program: []string{"ln in/f tmp/l", "stat tmp/l"}, same: edit{"in/f": "TEXT"}, other: []edit{{"in/f": "longer"}, {"in/f": nil}}},
		{name: "an output that is an input", program: []string{"mkdir out", "ln in/f out/f"}, files: []string{"out/f"}, other: []edit{{"in/f": "TEXT"}}},
		{name: "an output that is a link to an input", program: []string{"mkdir out", "symlink ../in/f out/f"}, files: []string{"out/f"}, other: []edit{{"in/f": "TEXT"}}},
		{name: "an output directory with an input", program: []string{"ln in/f out/d/f", "ln in/l out/d/l"}, dirs: []string{"out/d"},
			other: []edit{{"in/f": "TEXT"}, {"in/l": "->e"}}},
		{name: "where an output is to be", program: []string{"mkdir out", "write out/f text"}, files: []string{"out/f"}, other: []edit{{"out/other": "1"}}},
		{name: "the scratch directory", program: []string{"ls tmp", "touch tmp"}, other: []edit{{"tmp/x": "1"}}},
		{name: "the null device", program: []string{"read dev/null"}, other: []edit{{"dev/null": "1"}, {"dev/zero": "1"}}},
		{name: "a child", program: []string{"run bin/child"}, other: []edit{{"bin/child": exits(4)}, {"bin/child": nil}}},
		{name: "what a child reads", program: []string{"run bin/probe read,in/f"}, other: []edit{{"in/f": "TEXT"}}},
		{name: "a script", program: []string{"run in/script"},
			other: []edit{{"in/script": "#!/bin/none\n"}, {"in/script": nil}}},
		{name: "a child that is not there", program: []string{"run bin/none"}, other: []edit{{"bin/none": exits(3)}}},
	}
	b := newBed(t)
	e := b.cached()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			execute := func(files map[string]string) *action.Result {
				t.Helper()
				a := b.probeAction(t, files, tt.program...)
				a.OutputFiles, a.OutputDirs = tt.files, tt.dirs
				r, err := e.Execute(context.Background(), a)
				if err != nil {
					t.Fatal(err)
				}
				if r.ExitCode != 0 {
					t.Fatalf("exit code %d: %s", r.ExitCode, r.Stderr)
				}
				return r
			}
			first := execute(files)
			if first.Cached {
				t.Fatal("it is cached before it ran")
			}
			unseen := same
			if tt.same != nil {
				unseen = tt.same
			}
			r := execute(unseen.apply(files))
			if !r.Cached || !r.ByReadSet || string(r.Stdout) != string(first.Stdout) {
				t.Errorf("after %v it ran again: %s%s", unseen, first.Stdout, r.Stdout)
			}
			if r := execute(unseen.apply(files)); !r.Cached || r.ByReadSet {
				t.Error("what was found by its read set is not stored under its key")
			}
			for _, edit := range tt.other {
				if r := execute(edit.apply(files)); r.Cached {
					t.Errorf("after %.200v it did not run again", edit)
				}
			}
			// None of that has pushed out the first.
			if r := execute(edit{"in/unseen": "another"}.apply(files)); len(tt.other) < 8 && !r.ByReadSet {
				t.Error("the first result is not found any more")
			}
		})
	}
}

// exits returns a program that exits with the given code and does nothing else.
func exits(code rune) string { return small("_start", "\x41"+string(code)+"\x10\x00") }

// TestReadSetsOfProgram changes the program of an action.
func TestReadSetsOfProgram(t *testing.T) {
	b := newBed(t)
	e := b.cached()
	const section = "\x00\x02\x01" // of no meaning, named by a letter
	for _, tt := range []struct {
		files  map[string]string
		cached bool
	}{
		{map[string]string{"p": exits(0)}, false},
		{map[string]string{"p": exits(0), "q": ""}, true},
		{map[string]string{"p": exits(0) + section + "x"}, false},
		{map[string]string{"p": "->q", "q": exits(0)}, false},
		{map[string]string{"p": "->q", "q": exits(0), "r": ""}, true},
		{map[string]string{"p": "->q", "q": exits(0) + section + "x"}, false},
	} {
		a := &action.Action{Executor: "wasm", Arguments: []string{"p"}, InputRoot: b.inputs(t, tt.files)}
		r, err := e.Execute(context.Background(), a)
		if err != nil || r.ExitCode != 0 || r.Cached != tt.cached {
			t.Errorf("%q: %+v, %v", tt.files, r, err)
		}
	}
}

// TestReadSetsModel runs random guests on trees that are edited at random. What
// is found must be what an execution gives.
func TestReadSetsModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	b := newBed(t)
	e := b.cached()
	paths := []string{"in/a", "in/b", "in/d/a", "in/d/b", "in/l/a", "in", "in/d", "in/l", "in/d/../a", "tmp/t"}
	verbs := []string{"read %s", "stat %s", "ls %s", "creat %s x", "ln %s tmp/t", "rm %s", "mkdir %s/new", "ln %s out/d/t", "symlink /%s out/d/s"}
	contents := []any{"x", "y", "longer", "->a", "->d", nil}
	found := 0
	for range 25 {
		var program []string
		for range 1 + rng.IntN(4) {
			program = append(program, fmt.Sprintf(verbs[rng.IntN(len(verbs))], paths[rng.IntN(len(paths))]))
		}
		files := map[string]string{"in/a": "x", "in/d/b": "y", "in/l": "->d"}
		for range 6 {
			a := b.probeAction(t, files, program...)
			a.OutputDirs = []string{"out/d"}
			r, err := e.Execute(context.Background(), a)
			if err != nil {
				t.Fatal(err)
			}
			if r.ByReadSet {
				found++
				fresh := b.run(t, a)
				if string(fresh.Stdout) != string(r.Stdout) || fresh.Dirs[0] != r.Dirs[0] {
					t.Errorf("%s on %v: found\n%sinstead of\n%s", strings.Join(program, "; "), files, r.Stdout, fresh.Stdout)
				}
			}
			files = edit{paths[rng.IntN(4)]: contents[rng.IntN(len(contents))]}.apply(files)
		}
	}
	if found < 20 {
		t.Errorf("only %d results were found by their read sets", found)
	}
}
