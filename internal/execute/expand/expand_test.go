package expand_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/execute/expand"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// sandbox is what edges see beside the build tree: what is followed by -> is a
// symlink.
var sandbox = []string{"bin/cc", "bin/sh", "usr/bin/python3 -> python3.13", "usr/bin/python3.13", "usr/local -> /usr", "src/lib.c", "src/main.c"}

// put puts a tree of files, and a build.ninja at src/build, into a new store.
func put(t testing.TB, manifest string, paths ...string) (*store.Disk, digest.Digest) {
	t.Helper()
	disk, err := store.OpenDisk(t.TempDir())
	must(t, err)
	text, err := disk.Put(t.Context(), []byte(manifest))
	must(t, err)
	b := tree.NewBuilder(store.Directories(disk))
	must(t, b.AddFile("src/build/build.ninja", text, false))
	for _, p := range paths {
		if link, target, ok := strings.Cut(p, " -> "); ok {
			must(t, b.AddSymlink(link, target))
		} else {
			must(t, b.AddFile(p, text, false))
		}
	}
	root, err := store.PutTree(t.Context(), disk, b)
	must(t, err)
	return disk, root
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// toExpand returns a step whose only input is made already.
func toExpand(targets ...string) *action.Step {
	s := &action.Step{
		Owner: label.Label{Package: "p", Name: "t"}, Mnemonic: "Ninja", Executor: execute.Expand,
		Arguments: append([]string{"ninja@1"}, targets...), WorkingDirectory: "src/build",
		Env: map[string]string{"PATH": "/usr/local/bin:/bin"}, Limits: action.Limits{Memory: 1},
		Inputs: []action.Input{{Path: ".", Artifact: &action.Artifact{Path: "all", Directory: true}}},
	}
	s.Outputs = []*action.Artifact{{Path: "out/t", Directory: true, Producer: s}}
	return s
}

func expandStep(t testing.TB, s *action.Step, manifest string, paths ...string) (*action.Step, error) {
	t.Helper()
	disk, root := put(t, manifest, append(paths, sandbox...)...)
	return expand.New(disk, store.Directories(disk))["ninja@1"](t.Context(), s, root)
}

// steps returns the steps behind body and body itself in the form
//
//	EXECUTOR ARGUMENT|... < INPUT... > OUTPUT... # PROGRESS
//
// The inputs that every step has are left out.
func steps(t *testing.T, s, body *action.Step) []string {
	t.Helper()
	list, err := execute.Steps([]*action.Artifact{{Producer: body}})
	must(t, err)
	var lines []string
	for _, step := range list {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s <", step.Executor, strings.Join(step.Arguments, "|"))
		for _, in := range step.Inputs {
			if in.Path != "." {
				b.WriteString(" " + in.Path)
			}
		}
		b.WriteString(" >")
		for _, out := range step.Outputs {
			b.WriteString(" " + out.Path)
		}
		lines = append(lines, b.String()+" # "+step.Progress)
		if step.Owner != s.Owner || step.Mnemonic != s.Mnemonic {
			t.Errorf("%s is by %s, a %s", step.Progress, step.Owner, step.Mnemonic)
		}
		if step.Executor == "wasm" && (step.WorkingDirectory != s.WorkingDirectory || step.Limits != s.Limits || !cmp.Equal(step.Env, s.Env)) {
			t.Errorf("%s is run in another way than it should", step.Progress)
		}
	}
	return lines
}

const (
	gather   = "builtin without@1|.|base < > base # gathering what the edges of build.ninja see"
	together = "# putting the build tree together"
)

func TestNinja(t *testing.T) {
	for _, test := range []struct {
		name, manifest string
		targets        []string
		extra          []string // files in the tree
		want           []string
	}{
		{"nothing", "", nil, nil, []string{gather, "builtin merge@1|out/t|.=base/src/build < base > out/t " + together}},
		{
			"ancestors", `
rule cc
  command = cc -c $in -o $out
  description = Compiling $out
rule gen
  command = python3 gen.py $out
build gen/config.h: gen
build headers: phony gen/config.h ../lib.c
build lib.o: cc ../lib.c || headers
build main.o: cc /src/main.c
build prog | prog.map: cc lib.o | main.o
build unused: cc main.o
default prog
`, nil, nil, []string{
				gather,
				"wasm /usr/local/bin/python3|gen.py|gen/config.h < > src/build/gen/config.h # making gen/config.h",
				"wasm /bin/cc|-c|../lib.c|-o|lib.o < src/build/gen/config.h > src/build/lib.o # Compiling lib.o",
				"wasm /bin/cc|-c|/src/main.c|-o|main.o < > src/build/main.o # Compiling main.o",
				"wasm /bin/cc|-c|lib.o|-o|prog < src/build/gen/config.h src/build/lib.o src/build/main.o > src/build/prog src/build/prog.map # Compiling prog",
				"builtin merge@1|out/t|.=base/src/build|.=made < base made/gen/config.h made/lib.o made/main.o made/prog made/prog.map > out/t " + together,
			},
		},
		{
			"targets", "rule r\n  command = cc $in\nbuild a: r\nbuild b: r a\nbuild c: r\nbuild all: phony a b c\n", []string{"b", "a"}, nil, []string{
				gather,
				"wasm /bin/cc < > src/build/a # making a",
				"wasm /bin/cc|a < src/build/a > src/build/b # making b",
				"builtin merge@1|out/t|.=base/src/build|.=made < base made/a made/b > out/t " + together,
			},
		},
		{
			"what edges make is hidden", "rule r\n  command = cc @$out.rsp\n  rspfile = $out.rsp\n  rspfile_content = $in\nbuild a: r ../main.c\nbuild d/b: r\nbuild build.ninja: r nowhere\n", nil,
			[]string{"src/build/a", "src/build/other", "src/build/d/b", "src/build/d/b.rsp"}, []string{
				"builtin without@1|.|base|src/build/a|src/build/d/b|src/build/d/b.rsp < > base # gathering what the edges of build.ninja see",
				"builtin write@1|../main.c|src/build/a.rsp < > src/build/a.rsp # writing a.rsp",
				"wasm /bin/cc|@a.rsp < src/build/a.rsp > src/build/a # making a",
				"builtin write@1||src/build/d/b.rsp < > src/build/d/b.rsp # writing d/b.rsp",
				"wasm /bin/cc|@d/b.rsp < src/build/d/b.rsp > src/build/d/b # making d/b",
				"builtin merge@1|out/t|.=base/src/build|.=made < base made/a made/d/b > out/t " + together,
			},
		},
		{
			"programs", "rule r\n  command = $c x\nbuild a: r\n  c = cc > y &&\nbuild b: r\n  c = nowhere\nbuild tools/c: r\n  c = python3.13\n" +
				"build d: r | tools/c\n  c = ./tools/c\nbuild e: r\n  c = ../../bin/cc\nbuild f: r\n  c = /bin/none\nbuild g: r\n  c = \"cc\"\n  description =  two $\n  words \n", nil, nil, []string{
				gather,
				"wasm /bin/sh|-c|cc > y && x < > src/build/a # making a",
				"wasm /bin/sh|-c|nowhere x < > src/build/b # making b",
				"wasm /usr/local/bin/python3.13|x < > src/build/tools/c # making tools/c",
				"wasm /src/build/tools/c|x < src/build/tools/c > src/build/d # making d",
				"wasm /bin/cc|x < > src/build/e # making e",
				"wasm /bin/sh|-c|/bin/none x < > src/build/f # making f",
				"wasm /bin/cc|x < > src/build/g # two words",
				"builtin merge@1|out/t|.=base/src/build|.=made < base made/a made/b made/tools/c made/d made/e made/f made/g > out/t " + together,
			},
		},
		{
			"one file by two names", "rule r\n  command = cc $in\nbuild a | /src/build/a: r\nbuild b: r /src/build/a\n", nil, nil, []string{
				gather,
				"wasm /bin/cc < > src/build/a # making a",
				"wasm /bin/cc|/src/build/a < src/build/a > src/build/b # making b",
				"builtin merge@1|out/t|.=base/src/build|.=made < base made/a made/b > out/t " + together,
			},
		},
		{
			"inputs behind symlinks", "rule r\n  command = cc $in\nbuild a: r /usr/local/bin/python3 dir ../build/dir/file\n", nil, []string{"src/build/dir/file"}, []string{
				gather,
				"wasm /bin/cc|/usr/local/bin/python3|dir|../build/dir/file < > src/build/a # making a",
				"builtin merge@1|out/t|.=base/src/build|.=made < base made/a > out/t " + together,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := toExpand(test.targets...)
			body, err := expandStep(t, s, test.manifest, test.extra...)
			must(t, err)
			if diff := cmp.Diff(test.want, steps(t, s, body)); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

// A depfile is dropped without a word.
func TestDepfile(t *testing.T) {
	s := toExpand()
	body, err := expandStep(t, s, "rule r\n  command = cc\n  depfile = d/$out.d\nbuild a: r\n")
	must(t, err)
	if diff := cmp.Diff([]string{"src/build/d/a.d"}, body.Inputs[1].Artifact.Producer.Scratch); diff != "" {
		t.Errorf("scratch files (-want +got):\n%s", diff)
	}
}

func TestMistakes(t *testing.T) {
	for _, test := range []struct {
		name, manifest string
		change         func(*action.Step)
		want           string
	}{
		{"no build file", "", func(s *action.Step) { s.WorkingDirectory = "bin" }, "build.ninja: reading build.ninja: there is no file /bin/build.ninja"},
		{"a bad one", "x\n", nil, "build.ninja:1:2: expected '=', got the end of the line"},
		{"two outputs", "", func(s *action.Step) { s.Outputs = append(s.Outputs, s.Outputs...) }, "ninja@1 makes one directory; 2 outputs are declared"},
		{"a file", "", func(s *action.Step) { s.Outputs = []*action.Artifact{{Path: "f"}} }, "ninja@1 makes one directory; 1 outputs are declared"},
		{"target", "rule r\n  command = cc\nbuild prog: r\n", func(s *action.Step) { s.Arguments = append(s.Arguments, "porg") },
			"build.ninja: there is no target \"porg\"\n\thint: did you mean \"prog\"?"},
		{"missing inputs", "rule r\n  command = cc\nbuild a: r ../lib.cc | x\nbuild b: phony a y\n", nil,
			"build.ninja:3:1: a needs ../lib.cc, which is not there, and no edge makes it\n\thint: there is /src/lib.c\n" +
				"build.ninja:3:1: a needs x, which is not there, and no edge makes it\n" +
				"build.ninja:4:1: b needs y, which is not there, and no edge makes it"},
		{"missing in a folder that is none", "rule r\n  command = cc\nbuild a: r ../lib.c/x\n", nil,
			"build.ninja:3:1: a needs ../lib.c/x, which is not there, and no edge makes it"},
		{"outside", "rule r\n  command = cc\nbuild ../gen.c: r\n", nil,
			"build.ninja:3:1: an edge makes ../gen.c, which is not in the build tree at /src/build\n\thint: edges may write below the folder of build.ninja only"},
		{"dyndep", "rule r\n  command = cc\n  dyndep = dd\nbuild dd: phony\nbuild a: r dd\n", nil,
			"build.ninja:5:1: the edge that makes a has a dyndep, which is not supported\n\thint: dyndeps are for Fortran and C++ modules"},
		{"no shell", "rule r\n  command = x > y\nbuild a: r\n", func(s *action.Step) { s.Inputs = nil },
			"build.ninja:3:1: the command that makes a takes a shell, and there is none at /bin/sh: x > y\n\thint: a command whose program is not found by its PATH is left to a shell, too"},
		{"a circle of links", "rule r\n  command = cc\nbuild a: r loop\n", nil,
			"build.ninja:3:1: a needs loop, which is not there, and no edge makes it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := toExpand()
			if test.change != nil {
				test.change(s)
			}
			paths := append([]string{"src/build/loop -> loop"}, sandbox...)
			if s.Inputs == nil {
				paths = slices.DeleteFunc(paths, func(p string) bool { return p == "bin/sh" })
			}
			disk, root := put(t, test.manifest, paths...)
			_, err := expand.New(disk, store.Directories(disk))["ninja@1"](t.Context(), s, root)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// No more than a few of many mistakes are told.
func TestManyMistakes(t *testing.T) {
	var b strings.Builder
	b.WriteString("rule r\n  command = cc\n")
	for i := range 100 {
		fmt.Fprintf(&b, "build %d: r x%d\n", i, i)
	}
	_, err := expandStep(t, toExpand(), b.String())
	var list diag.List
	if !errors.As(err, &list) || len(list) != 10 {
		t.Errorf("got %v", err)
	}
}

// What got lost is told as that, so that it is made again.
func TestLost(t *testing.T) {
	disk, root := put(t, "rule r\n  command = cc\nbuild a: r\n", sandbox...)
	lost := &store.NotFoundError{Digest: root}
	for _, broken := range []struct {
		blobs store.Blobs
		load  tree.Loader
	}{
		{disk, func(digest.Digest) (*tree.Directory, error) { return nil, lost }},
		{losing{disk, lost}, store.Directories(disk)},
	} {
		_, err := expand.New(broken.blobs, broken.load)["ninja@1"](t.Context(), toExpand(), root)
		var notFound *store.NotFoundError
		if !errors.As(err, &notFound) {
			t.Errorf("got %v", err)
		}
	}
}

type losing struct {
	store.Blobs
	err error
}

func (l losing) Get(context.Context, digest.Digest) ([]byte, error) { return nil, l.err }
