package wasm_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute/wasm"
)

// TestParentKilled kills a process with an Executor whose guest runs an
// endless loop. The worker must not outlive it.
func TestParentKilled(t *testing.T) {
	b := newBed(t)
	b.run(t, b.probeAction(t, nil, "args")) // translates the probe
	spin := b.probeAction(t, nil, "spin")
	lock := filepath.Join(t.TempDir(), "lock")
	parent := exec.Command(os.Args[0], parentArgument, b.opts.Store, b.opts.Modules, spin.InputRoot.String(), lock)
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "running\n" {
		t.Fatalf("the parent wrote %q: %v", line, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	unlock, err := lockedfile.MutexAt(lock).Lock()
	if err != nil {
		t.Fatal(err)
	}
	unlock() // the worker, which held it, is gone
}

// parentMain is what runs in the process that TestParentKilled kills.
func parentMain(storeDir, modules, root, lock string) error {
	d, err := digest.Parse(root)
	if err != nil {
		return err
	}
	e := wasm.New(wasm.Options{
		Command: []string{os.Args[0], workerArgument, "hold", lock},
		Store:   storeDir, Modules: modules, Workers: 1, Threads: 1, Events: event.Discard,
	})
	defer e.Close()
	ctx := context.Background()
	a := &action.Action{Executor: "wasm", Arguments: []string{"bin/probe", "args"}, InputRoot: d}
	if _, err := e.Execute(ctx, a); err != nil {
		return err
	}
	if _, err := os.Stdout.WriteString("running\n"); err != nil {
		return err
	}
	a.Arguments[1] = "spin"
	_, err = e.Execute(ctx, a)
	return err
}
