package wasm_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute/wasm"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// probe returns the guest in testdata/probe, which is compiled once.
var probe = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "probe")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "probe.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, "./testdata/probe")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(out)
})

// modules is the folder of machine code that the tests share, so that the
// probe is translated once.
var modules = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "modules") })

// A bed is what a test of the executor lies in.
type bed struct {
	store    *store.Disk
	executor *wasm.Executor
	opts     wasm.Options

	mu      sync.Mutex
	events  []event.Event
	reports []wasm.Report
}

func newBed(t testing.TB) *bed {
	t.Helper()
	disk, err := store.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir, err := modules()
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{store: disk}
	b.opts = wasm.Options{
		Command: []string{os.Args[0], workerArgument},
		Store:   disk.Dir(),
		Modules: dir,
		Workers: 2,
		Threads: 2,
		Events:  b,
		Observe: func(_ *action.Action, r *wasm.Report) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.reports = append(b.reports, *r)
		},
	}
	b.executor = wasm.New(b.opts)
	t.Cleanup(b.executor.Close)
	return b
}

// Emit implements event.Sink.
func (b *bed) Emit(e event.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
}

// put stores content.
func (b *bed) put(t testing.TB, data []byte) digest.Digest {
	t.Helper()
	d, err := b.store.Put(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// inputs stores a tree: content that starts with "->" is the target of a symlink.
func (b *bed) inputs(t testing.TB, files map[string]string) digest.Digest {
	t.Helper()
	builder := tree.NewBuilder(nil)
	for p, content := range files {
		var err error
		if target, ok := strings.CutPrefix(content, "->"); ok {
			err = builder.AddSymlink(p, target)
		} else {
			err = builder.AddFile(p, b.put(t, []byte(content)), false)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	root, err := store.PutTree(context.Background(), b.store, builder)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// probeAction returns an action that runs the probe with some files as input.
func (b *bed) probeAction(t testing.TB, files map[string]string, args ...string) *action.Action {
	t.Helper()
	module, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"bin/probe": string(module)}
	for p, content := range files {
		all[p] = content
	}
	return &action.Action{
		Mnemonic:  "Probe",
		Executor:  "wasm",
		Arguments: append([]string{"bin/probe"}, args...),
		InputRoot: b.inputs(t, all),
	}
}

// run runs an action that must be one that can be run.
func (b *bed) run(t testing.TB, a *action.Action) *action.Result {
	t.Helper()
	r, err := b.executor.Execute(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
