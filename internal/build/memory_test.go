package build_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/transcript"
	"github.com/cowasm/cowasm/starlark/loading"
)

// files are a workspace with a target that can be run.
var files = map[string]string{
	"WORKSPACE": `build_setting(name = "mode", default = "slow", values = ["slow", "fast"])`,
	"p/rules.bzl": `
def _tool_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".wasm")
    ctx.actions.run(executable = ctx.file._linker, arguments = [out], inputs = ctx.files.srcs, outputs = [out])
    return [DefaultInfo(files = depset([out])), RunInfo(executable = out, arguments = ["-v"], env = {"MODE": ctx.settings["mode"]})]

tool = rule(
    implementation = _tool_impl,
    executable = True,
    attrs = {
        "srcs": attr.label_list(allow_files = True),
        "_linker": attr.label(default = ":linker.wasm", allow_single_file = True),
    },
)
`,
	"p/BUILD": `
load(":rules.bzl", "tool")

tool(
    name = "tool",
    srcs = glob(["src/**"]),
)
`,
	"p/linker.wasm": "a linker",
	"p/src/a.o":     "a",
	"p/src/sub/b.o": "b",
	"p/notes.txt":   "nobody reads this",
}

// A bench is a workspace with a store. Its actions are carried out by a toy,
// and nothing of them is cached.
type bench struct {
	t        *testing.T
	root     string
	disk     *store.Disk
	memory   string
	settings map[string]string
	print    func()

	executed int
	launched []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, root: t.TempDir(), memory: "this program", print: func() {}}
	for p, content := range files {
		b.write(p, content)
	}
	var err error
	if b.disk, err = store.OpenDisk(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) path(p string) string { return filepath.Join(b.root, filepath.FromSlash(p)) }

func (b *bench) write(p, content string) {
	b.t.Helper()
	if err := os.MkdirAll(filepath.Dir(b.path(p)), 0o777); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(b.path(p), []byte(content), 0o666); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) replace(p, old, new string) {
	b.t.Helper()
	text, err := os.ReadFile(b.path(p))
	if err != nil {
		b.t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		b.t.Fatalf("%s has no %q", p, old)
	}
	b.write(p, strings.ReplaceAll(string(text), old, new))
}

// execute is the toy: each output is made of the key of the action.
func (b *bench) execute(ctx context.Context, a *action.Action) (*action.Result, error) {
	b.executed++
	e, err := a.Encode()
	if err != nil {
		return nil, err
	}
	r := &action.Result{}
	for _, p := range a.OutputFiles {
		d, err := b.disk.Put(ctx, []byte(e.Key.String()))
		if err != nil {
			return nil, err
		}
		r.Files = append(r.Files, action.OutputFile{Path: p, Digest: d})
	}
	return r, nil
}

// run runs the target as a new process would, and reports whether anything was
// executed for it.
func (b *bench) run(args ...string) (checked bool, err error) {
	b.t.Helper()
	recorder := transcript.Record(os.DirFS(b.root))
	ws, err := loading.Open(recorder, loading.Options{Print: func(diag.Position, string) {
		recorder.Spoil()
		b.print()
	}})
	if err != nil {
		return false, err
	}
	disk, err := store.OpenDisk(b.disk.Dir())
	if err != nil {
		return false, err
	}
	b.disk = disk
	builder, err := build.New(build.Config{
		Root: b.root, OutDir: b.path("cowasm-out"), Files: recorder, Workspace: ws, Settings: b.settings,
		Store: disk, Load: store.Directories(disk), Executor: execute.Func(b.execute), Events: event.Discard,
		Memory: b.memory,
		Program: func(_ context.Context, p build.Foreground, root digest.Digest) (int, error) {
			b.launched = append(b.launched, fmt.Sprint(p.Arguments, p.Env, root))
			return 0, nil
		},
	})
	if err != nil {
		return false, err
	}
	before := b.executed
	_, report, err := builder.Run(b.t.Context(), label.Label{Package: "p", Name: "tool"}, args, build.Foreground{})
	if err == nil && !report.OK() {
		err = report.Failures[0]
	}
	return b.executed > before, err
}

func (b *bench) mustRun() (checked bool) {
	b.t.Helper()
	checked, err := b.run()
	if err != nil {
		b.t.Fatal(err)
	}
	return checked
}

// What a target runs is remembered until anything has changed that it follows
// from. Whether it is remembered or not, the same is started.
func TestRunRemembers(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(b *bench)
		want   bool // that it is checked again
	}{
		{"nothing", func(*bench) {}, false},
		{"a file that nobody reads", func(b *bench) { b.write("p/notes.txt", "changed") }, false},
		{"a file that was written as it was", func(b *bench) { b.write("p/BUILD", files["p/BUILD"]) }, false},
		{"a BUILD file", func(b *bench) { b.replace("p/BUILD", "src/**", "src/*") }, true},
		{"a .bzl file", func(b *bench) { b.replace("p/rules.bzl", `"-v"`, `"-q"`) }, true},
		{"the WORKSPACE file", func(b *bench) { b.replace("WORKSPACE", `default = "slow"`, `default = "fast"`) }, true},
		{"a source", func(b *bench) { b.write("p/src/a.o", "A") }, true},
		{"the tool of a rule", func(b *bench) { b.write("p/linker.wasm", "A LINKER") }, true},
		{"a file that a glob finds", func(b *bench) { b.write("p/src/sub/c.o", "c") }, true},
		{"a folder that a glob finds", func(b *bench) { b.write("p/src/more/c.o", "c") }, true},
		{"one file less for a glob", func(b *bench) { os.Remove(b.path("p/src/sub/b.o")) }, true},
		{"a folder that is a package now", func(b *bench) { b.write("p/src/sub/BUILD", "") }, true},
		{"a build setting", func(b *bench) { b.settings = map[string]string{"mode": "fast"} }, true},
		{"the program", func(b *bench) { b.memory = "another program" }, true},
		{"an option that asks for more", func(b *bench) { b.memory = "" }, true},
		{"the store", func(b *bench) {
			if err := os.RemoveAll(filepath.Join(b.disk.Dir(), "results")); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"what was remembered", func(b *bench) { b.damage("readsets") }, true},
		{"what was started", func(b *bench) { b.damage("results") }, true},
		{"what was there to start", func(b *bench) { b.damage("blobs") }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			if !b.mustRun() {
				t.Fatal("the first run checked nothing")
			}
			test.change(b)
			if got := b.mustRun(); got != test.want {
				t.Errorf("checked again: %v, want %v", got, test.want)
			}
			b.memory = ""
			b.mustRun()
			if diff := cmp.Diff(b.launched[2], b.launched[1]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// damage cuts off the end of all files in an area of the store.
func (b *bench) damage(area string) {
	b.t.Helper()
	dir := filepath.Join(b.disk.Dir(), area)
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Size() == 0 {
			return err
		}
		return os.Truncate(p, info.Size()-1)
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// Several states of a workspace are remembered, as when branches are switched.
func TestRunRemembersStates(t *testing.T) {
	b := newBench(t)
	b.mustRun()
	b.write("p/src/a.o", "A")
	b.mustRun()
	for _, content := range []string{"a", "A", "a"} {
		b.write("p/src/a.o", content)
		if b.mustRun() {
			t.Errorf("it is checked again with %q", content)
		}
	}
}

// After a while, the store is asked for everything once more.
func TestRunForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.mustRun()
		time.Sleep(50 * time.Minute)
		if b.mustRun() {
			t.Error("it is checked again after 50 minutes")
		}
		time.Sleep(50 * time.Minute)
		if !b.mustRun() {
			t.Error("it is not checked again after 100 minutes")
		}
	})
}

// What a run tells, it tells each time.
func TestRunTellsAgain(t *testing.T) {
	b := newBench(t)
	printed := 0
	b.print = func() { printed++ }
	b.write("p/BUILD", files["p/BUILD"]+"\nprint(\"hello\")\n")
	b.mustRun()
	if b.mustRun(); printed != 2 {
		t.Errorf("it printed %d times, want 2", printed)
	}
	b.write("p/BUILD", "broken(")
	if _, err := b.run(); err == nil {
		t.Error("a broken BUILD file is no error")
	}
}

// The user's arguments are not remembered.
func TestRunArguments(t *testing.T) {
	b := newBench(t)
	for _, arg := range []string{"one", "two"} {
		if _, err := b.run(arg); err != nil {
			t.Fatal(err)
		}
	}
	for i, arg := range []string{"one", "two"} {
		if want := "-v " + arg + "]"; !strings.Contains(b.launched[i], want) {
			t.Errorf("started %s, want %s", b.launched[i], want)
		}
	}
}
