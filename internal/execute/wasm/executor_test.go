package wasm_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute/wasm"
	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

func TestOutputs(t *testing.T) {
	b := newBed(t)
	a := b.probeAction(t, map[string]string{"in/file": "text"},
		"read in/file", "write out/a/x 1", "ln in/file out/dir/copy", "mkdir out/dir/empty",
		"symlink copy out/dir/link", "write tmp/scratch 3", "errline why")
	a.OutputFiles = []string{"out/a/x"}
	a.OutputDirs = []string{"out/dir"}
	r := b.run(t, a)
	if want := "read: text\nwrite: \nln: \nmkdir: \nsymlink: \nwrite: \nerrline: \n"; string(r.Stdout) != want {
		t.Errorf("stdout is %q, want %q", r.Stdout, want)
	}
	if string(r.Stderr) != "why\n" || r.ExitCode != 0 {
		t.Errorf("stderr is %q, exit code %d", r.Stderr, r.ExitCode)
	}
	want := []action.OutputFile{{Path: "out/a/x", Digest: digest.Of([]byte("1"))}}
	if diff := cmp.Diff(want, r.Files, cmp.Comparer(func(a, b digest.Digest) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	var got []string
	err := tree.Walk(store.Directories(b.store), r.Dirs[0].Root, func(p string, e tree.Entry) error {
		if e.Kind == tree.File {
			p += " " + e.Digest.Hash()[:8]
		}
		got = append(got, p+" "+e.Target)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantTree := []string{"copy " + digest.Of([]byte("text")).Hash()[:8] + " ", "empty ", "link copy"}
	if diff := cmp.Diff(wantTree, got); diff != "" {
		t.Error(diff)
	}
	if missing, err := b.store.Missing(context.Background(), []digest.Digest{r.Dirs[0].Tree}); err != nil || len(missing) > 0 {
		t.Errorf("the Tree message is missing: %v %v", missing, err)
	}
}

func TestRefused(t *testing.T) {
	b := newBed(t)
	for _, test := range []struct {
		name   string
		change func(*action.Action)
		want   []string
	}{
		{"no arguments", func(a *action.Action) { a.Arguments = nil }, []string{"the first names the program"}},
		{"no program", func(a *action.Action) { a.Arguments[0] = "bin/prob" }, []string{"bin/prob is not among the inputs", "did you mean bin/probe"}},
		{"no folder", func(a *action.Action) { a.Arguments[0] = "sbin/probe" }, []string{"there is no directory sbin"}},
		{"a folder", func(a *action.Action) { a.Arguments[0] = "bin" }, []string{"bin is a directory"}},
		{"not a module", func(a *action.Action) { a.Arguments[0] = "in/file" }, []string{"in/file is not a WebAssembly module", `"text"`}},
		{"a damaged module", func(a *action.Action) { a.Arguments[0] = "in/damaged" }, []string{"the program in/damaged cannot be run: "}},
		{"output is an input", func(a *action.Action) { a.OutputFiles = []string{"in/file"} }, []string{"output in/file", "an input of that name"}},
		{"output below a file", func(a *action.Action) { a.OutputFiles = []string{"in/file/x"} }, []string{"in/file is in the way"}},
		{"output outside", func(a *action.Action) { a.OutputFiles = []string{"../x"} }, []string{`".." is not a file name`}},
		{"inputs are gone", func(a *action.Action) { a.InputRoot = digest.Of([]byte("no such tree")) }, []string{"reading the input tree"}},
		{"output not written", func(a *action.Action) { a.OutputFiles = []string{"out/y"} },
			[]string{"out/y was declared as output but not written", "the program wrote out/x, did it mean that?"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := b.probeAction(t, map[string]string{"in/file": "text", "in/damaged": "\x00asm\x01\x00\x00\x00\xff\xff"}, "mkdir out", "write out/x 1")
			test.change(a)
			_, err := b.executor.Execute(context.Background(), a)
			if err == nil {
				t.Fatal("the action succeeded")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %q, want %q in it", err, want)
				}
			}
		})
	}
	// After all that the workers still work.
	if r := b.run(t, b.probeAction(t, nil, "args")); r.ExitCode != 0 {
		t.Errorf("exit code %d", r.ExitCode)
	}
}

func TestDropped(t *testing.T) {
	b := newBed(t)
	a := b.probeAction(t, map[string]string{"in/file": "text"}, "write in/new 1", "mkdir x/y", "mv x z", "write tmp/t 1", "write out/o 1")
	a.OutputFiles = []string{"out/o"}
	b.run(t, a)
	if diff := cmp.Diff([]string{"in/new", "z/y"}, b.reports[0].Dropped); diff != "" {
		t.Error(diff)
	}
	var warnings []string
	for _, e := range b.events {
		if w, ok := e.(event.Warning); ok {
			warnings = append(warnings, w.Message)
		}
	}
	if diff := cmp.Diff([]string{"Probe wrote what is not among its outputs, and was dropped: in/new, z/y"}, warnings); diff != "" {
		t.Error(diff)
	}
}

// TestDeterministic runs an action in two workers and compares all that can be
// seen of it.
func TestDeterministic(t *testing.T) {
	var results [][]byte
	var reports []wasm.Report
	for range 2 {
		b := newBed(t)
		a := b.probeAction(t, map[string]string{"in/a": "1", "in/b": "2", "in/c/d": "3", "in/l": "->c"},
			"ls in", "read in/l/d", "stat in/b", "read in/none", "random", "time", "sleep", "time", "inodes in", "write out/x y")
		a.OutputFiles = []string{"out/x"}
		r := b.run(t, a)
		r.Duration = 0
		data, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, data)
		reports = append(reports, b.reports...)
	}
	if !bytes.Equal(results[0], results[1]) {
		t.Errorf("the results differ:\n%q\n%q", results[0], results[1])
	}
	if diff := cmp.Diff(reports[0], reports[1]); diff != "" {
		t.Error(diff)
	}
	want := []readset.Observation{
		{Path: "bin", Access: readset.Looked},
		{Path: "bin/probe", Access: readset.Looked | readset.Read},
		{Path: "dev", Access: readset.Absent},
		{Path: "in", Access: readset.Looked | readset.Listed},
		{Path: "in/a", Access: readset.Looked},
		{Path: "in/b", Access: readset.Looked},
		{Path: "in/c", Access: readset.Looked},
		{Path: "in/c/d", Access: readset.Looked | readset.Read},
		{Path: "in/l", Access: readset.Looked},
		{Path: "in/none", Access: readset.Absent},
		{Path: "out", Access: readset.Absent},
		{Path: "tmp", Access: readset.Absent},
	}
	if diff := cmp.Diff(want, reports[0].Observed); diff != "" {
		t.Error(diff)
	}
}

func TestTimeout(t *testing.T) {
	b := newBed(t)
	a := b.probeAction(t, nil, "spin")
	a.Limits.Timeout = 200 * time.Millisecond
	_, err := b.executor.Execute(context.Background(), a)
	if err == nil || !strings.Contains(err.Error(), "stopped after 200ms, its time limit") {
		t.Errorf("the error is %v", err)
	}
	if r := b.run(t, b.probeAction(t, nil, "args")); r.ExitCode != 0 {
		t.Errorf("exit code %d", r.ExitCode)
	}
}

func TestCancelled(t *testing.T) {
	b := newBed(t)
	ctx, cancel := context.WithCancel(context.Background())
	a := b.probeAction(t, nil, "spin")
	time.AfterFunc(300*time.Millisecond, cancel)
	if _, err := b.executor.Execute(ctx, a); err != context.Canceled {
		t.Errorf("the error is %v", err)
	}
	if _, err := b.executor.Execute(ctx, a); err != context.Canceled {
		t.Errorf("the error is %v", err)
	}
}

// TestWorkerDies has workers that end instead of answering.
func TestWorkerDies(t *testing.T) {
	b := newBed(t)
	a := b.probeAction(t, nil, "args")
	for _, test := range []struct {
		name string
		mode string
		want string
	}{
		{"at once", "die", "exit status 3; it wrote:\non purpose"},
		{"sending rubbish", "rubbish", "cannot be decoded"},
		{"not starting", "", "starting a worker"},
	} {
		t.Run(test.name, func(t *testing.T) {
			opts := b.opts
			opts.Command = []string{os.Args[0], workerArgument, test.mode}
			if test.mode == "" {
				opts.Command = []string{filepath.Join(t.TempDir(), "none")}
			}
			e := wasm.New(opts)
			defer e.Close()
			_, err := e.Execute(context.Background(), a)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %q in it", err, test.want)
			}
		})
	}
}

// TestDamagedMachineCode damages what is kept of a module, in each way that a
// disk can.
func TestDamagedMachineCode(t *testing.T) {
	b := newBed(t)
	b.opts.Modules = t.TempDir()
	compiled := func() int {
		n := 0
		for _, e := range b.events {
			if _, ok := e.(event.ModuleCompiled); ok {
				n++
			}
		}
		return n
	}
	runOnce := func() {
		t.Helper()
		e := wasm.New(b.opts)
		defer e.Close()
		r, err := e.Execute(context.Background(), tiny(t, b))
		if err != nil || r.ExitCode != 42 {
			t.Fatal(r, err)
		}
	}
	runOnce()
	runOnce()
	if n := compiled(); n != 1 {
		t.Fatalf("the module was translated %d times, want once", n)
	}
	for i, damage := range []func(p string) error{
		func(p string) error { return os.Truncate(p, 10) },
		func(p string) error { return os.WriteFile(p, []byte("WAZEVO rubbish"), 0o600) },
		os.Remove,
		func(p string) error {
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			binary.LittleEndian.PutUint32(data[len(data)/2:], 0xdeadbeef)
			return os.WriteFile(p, data, 0o600)
		},
	} {
		err := filepath.WalkDir(b.opts.Modules, func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(p) == ".lock" {
				return err
			}
			return damage(p)
		})
		if err != nil {
			t.Fatal(err)
		}
		runOnce()
		if n := compiled(); n != i+2 {
			t.Errorf("after damage %d the module was translated %d times, want %d", i, n, i+2)
		}
	}
}

// tiny returns an action whose program exits with 42 and does nothing else.
func tiny(t testing.TB, b *bed) *action.Action {
	t.Helper()
	return &action.Action{
		Mnemonic:  "Tiny",
		Executor:  "wasm",
		Arguments: []string{"tiny"},
		InputRoot: b.inputs(t, map[string]string{"tiny": exits42}),
	}
}

// Small modules.
var (
	exits42 = small("_start", "\x41\x2a\x10\x00") // proc_exit(42)
	traps   = small("_start", "\x00\x01\x01\x01") // unreachable
	library = small("_other", "\x41\x2a\x10\x00") // no program
	damaged = "\x00asm\x01\x00\x00\x00\xff\xff"
	large   = importing("wasi_snapshot_preview1", "proc_exit", 1, 2000) // pages of 64 KiB
	needy   = importing("env", "unlink", 1, 1)
	mistype = importing("wasi_snapshot_preview1", "proc_exit", 2, 1)
)

// small returns a module with one function, whose name and code have six and
// four bytes.
func small(name, code string) string {
	return "\x00asm\x01\x00\x00\x00" +
		"\x01\x08\x02\x60\x00\x00\x60\x01\x7f\x00" + // types: (), (i32)
		"\x02\x24\x01\x16wasi_snapshot_preview1\x09proc_exit\x00\x01" +
		"\x03\x02\x01\x00" + // one function
		"\x05\x03\x01\x00\x01" + // one page of memory
		"\x07\x13\x02\x06memory\x02\x00\x06" + name + "\x00\x01" +
		"\x0a\x08\x01\x06\x00" + code + "\x0b"
}

// importing returns a program that does nothing, with an import that takes some
// numbers.
func importing(module, name string, params int, pages uint32) string {
	var b wasmfile.Builder
	b.ImportFunc(module, name, wasmfile.FuncType{Params: slices.Repeat([]wasmfile.ValueType{wasmfile.I32}, params)})
	b.Memory(pages)
	b.Export("memory", wasmfile.Memory, 0)
	b.Export("_start", wasmfile.Func, b.Func(wasmfile.FuncType{}, new(wasmfile.Code)))
	return string(b.Bytes())
}

func TestForeground(t *testing.T) {
	b := newBed(t)
	a := b.probeAction(t, map[string]string{"in": "text"}, "read in", "stdin", "errline e", "exit 5")
	var stdout, stderr bytes.Buffer
	exit, err := wasm.RunForeground(context.Background(), b.opts, a, wasm.Streams{
		Stdin: strings.NewReader("typed"), Stdout: &stdout, Stderr: &stderr,
	})
	if err != nil || exit != 5 || stdout.String() != "read: text\nstdin: typed\nerrline: \n" || stderr.String() != "e\n" {
		t.Errorf("exit %d, error %v, stdout %q, stderr %q", exit, err, stdout.String(), stderr.String())
	}
}
