package wasm_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute/wasm"
	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/store"
)

// TestSpawn runs a guest that runs others.
func TestSpawn(t *testing.T) {
	inputs := map[string]string{
		"bin/exits42": exits42,
		"bin/traps":   traps,
		"bin/damaged": damaged,
		"bin/library": library,
		"bin/needy":   needy,
		"bin/large":   large,
		"bin/mistype": mistype,
		"bin/link":    "->exits42",
		"in/text":     "text",
		"in/script":   "#!/bin/probe args\nrest",
		"in/argless":  "#! /bin/probe",
		"in/env":      "#!/usr/bin/env probe\n",
		"in/envs":     "#!/usr/bin/env -S probe args  pids\n",
		"in/envtwo":   "#!/usr/bin/env probe args\n",
		"in/noenv":    "#!/usr/bin/env none\n",
		"in/none":     "#!/bin/none\n",
		"in/relative": "#!probe\n",
		"in/long":     "#!/" + strings.Repeat("x", 300) + "\n",
		"in/bare":     "#!",
		"in/self":     "#!/in/self\n",
		"in/chain":    "#!/in/script chain\n",
	}
	b := newBed(t)
	for _, test := range []struct {
		probe          string
		stdout, stderr string // what starts the one, and is in the other
	}{
		{"run bin/probe args pids", "args: bin/probe|args|pids\npids: 43 of 42\nrun: 43 ended with 0\n", ""},
		{"run bin/probe run,bin/probe,pids", "pids: 44 of 43\nrun: 44 ended with 0\nrun: 43 ended with 0\n", ""},
		{"run bin/probe stdin env", "stdin: \nenv: PATH=/none:bin:/bin|PWD=/\nrun: 43 ended with 0\n", ""},
		{"run bin/exits42", "run: 43 ended with 2a00\n", ""},
		{"run bin/link", "run: 43 ended with 2a00\n", ""},
		{"run /bin/../bin/exits42", "run: 43 ended with 2a00\n", ""},

		{"run bin/none", "run: errno 44\n", ""},
		{"run bin", "run: errno 2\n", ""},
		{"run in/text", "run: errno 45\n", ""},
		{"run in/text/x", "run: errno 54\n", ""},

		{"run in/script x", "args: /bin/probe|args|/in/script|x\n", "no verb \"/in/script\"\n"},
		{"run in/argless", "run: 43 ended with 200\n", "no verb \"/in/argless\"\n"},
		{"run in/env", "run: 43 ended with 200\n", "no verb \"/in/env\"\n"},
		{"run in/envs", "args: probe|args|pids|/in/envs\npids: 43 of 42\n", "no verb \"/in/envs\"\n"},
		{"run in/envtwo", "run: errno 45\n", ""},
		{"run in/noenv", "run: errno 44\n", ""},
		{"run in/none", "run: errno 44\n", ""},
		{"run in/relative", "run: errno 45\n", ""},
		{"run in/long", "run: errno 45\n", ""},
		{"run in/bare", "run: errno 45\n", ""},
		{"run in/self", "run: errno 32\n", ""},
		{"run in/chain", "args: /bin/probe|args|/in/script|chain|/in/chain\n", "no verb \"/in/script\"\n"},

		{"run bin/traps", "run: 43 ended with 6\n", "cowasm: /bin/traps trapped: unreachable code was reached\n"},
		{"run bin/damaged", "run: 43 ended with 6\n", "cowasm: /bin/damaged: it is not a valid module: "},
		{"run bin/library", "run: 43 ended with 6\n", "cowasm: /bin/library: it is not a program: it exports no function _start, as WASI commands do\n"},
		{"run bin/needy", "run: 43 ended with 6\n", "cowasm: /bin/needy: it imports env.unlink, a function that the sandbox does not have\n"},
		{"run bin/mistype", "run: 43 ended with 6\n", "cowasm: /bin/mistype: it imports wasi_snapshot_preview1.proc_exit as (i32, i32) -> (), which is (i32) -> ()\n"},
		{"run bin/large", "run: 43 ended with 6\n", "cowasm: /bin/large needs more memory than the limit of 67108864 bytes\n"},
		{"run bin/probe alloc", "run: 43 ended with 200\n", "fatal error: out of memory\n"},

		{"dialogue one two", "dialogue: ONETWOONETWOONETWO 300\n", ""},
		{"kill", "kill: 0 9\n", ""},
		{"leave", "leave: 43\n", ""},
		{"deadlock", "deadlock: \n", "errno= 16  len(pollsubs)= 1\nfatal error: poll_oneoff failed\n"}, // of the one that was last

		{"runin in bin/probe cwd", "runin: errno 28\n", ""},
		{"runin /in ../bin/probe cwd read,text", "cwd: /in\nread: text\nrunin: \n", ""},
		{"runin /in text cwd", "runin: errno 45\n", ""},
		{"runin /none bin/probe cwd", "runin: errno 44\n", ""},
		{"runin /in/text bin/probe cwd", "runin: errno 54\n", ""},
	} {
		t.Run(test.probe, func(t *testing.T) {
			a := b.probeAction(t, inputs, test.probe)
			a.Env = map[string]string{"PATH": "/none:bin:/bin"}
			a.Limits.Memory = 64 << 20
			r := b.run(t, a)
			if !strings.HasPrefix(string(r.Stdout), test.stdout) || !strings.Contains(string(r.Stderr), test.stderr) {
				t.Errorf("it wrote %q and %q, want %q and %q", r.Stdout, r.Stderr, test.stdout, test.stderr)
			}
		})
	}
}

// TestChildLimit checks that a limit that a process ran into is told when the
// guest that spawned it fails.
func TestChildLimit(t *testing.T) {
	b := newBed(t)
	a := b.probeAction(t, nil, "run bin/probe alloc", "exit 5")
	a.Limits.Memory = 64 << 20
	r := b.run(t, a)
	if r.ExitCode != 5 || !strings.HasSuffix(string(r.Stderr), "\ncowasm: the program reached the limit of 67108864 bytes of memory\n") {
		t.Errorf("exit code %d, stderr %q", r.ExitCode, r.Stderr)
	}
}

// TestLostProgram checks that an action fails, whatever its guest makes of it,
// if the store does not have a program, nor its machine code is at hand.
func TestLostProgram(t *testing.T) {
	b := newBed(t)
	lost := traps + "\x00\x05\x04lost" // with a section that nobody knows
	a := b.probeAction(t, map[string]string{"bin/lost": lost}, "run bin/lost")
	d := digest.Of([]byte(lost))
	if err := os.Remove(filepath.Join(b.store.Dir(), "blobs", d.Hash()[:2], d.Hash())); err != nil {
		t.Fatal(err)
	}
	_, err := b.executor.Execute(context.Background(), a)
	var missing *store.NotFoundError
	if !errors.As(err, &missing) || missing.Digest != d {
		t.Errorf("the error is %v", err)
	}
}

// TestMade runs programs that guests have made.
func TestMade(t *testing.T) {
	b := newBed(t)
	a := b.probeAction(t, map[string]string{"in/exits42": exits42, "in/text": "text"},
		"cp in/exits42 tmp/x", "run tmp/x", "run tmp/x",
		"cp bin/probe tmp/y", "run tmp/y args",
		"cp in/text tmp/x", "run tmp/x",
		"write tmp/script #!/tmp/y", "run tmp/script")
	r := b.run(t, a)
	want := "cp: \nrun: 43 ended with 2a00\nrun: 44 ended with 2a00\ncp: \nargs: tmp/y|args\nrun: 45 ended with 0\ncp: \nrun: errno 45\nwrite: \nrun: 46 ended with 200\n"
	if diff := cmp.Diff(want, string(r.Stdout)); diff != "" {
		t.Errorf("(-want +got):\n%s%s", diff, r.Stderr)
	}
}

// TestBomb runs a guest that spawns itself.
func TestBomb(t *testing.T) {
	b := newBed(t)
	r := b.run(t, b.probeAction(t, nil, "bomb"))
	if r.ExitCode != 7 || !strings.Contains(string(r.Stderr), "cowasm: the program reached the limit of 16 processes inside each other") {
		t.Errorf("exit code %d; stderr %q", r.ExitCode, r.Stderr)
	}
}

// TestObservedPrograms checks that the programs of processes count as read.
func TestObservedPrograms(t *testing.T) {
	b := newBed(t)
	a := b.probeAction(t, map[string]string{"bin/exits42": exits42, "bin/other": traps, "in/script": "#!/usr/bin/env exits42\n"}, "run in/script")
	a.Env = map[string]string{"PATH": "/none:/bin"}
	b.run(t, a)
	observed := map[string]readset.Access{}
	for _, o := range b.reports[0].Observed {
		observed[o.Path] = o.Access
	}
	for p, want := range map[string]readset.Access{
		"none":        readset.Absent,
		"bin/exits42": readset.Looked | readset.Read,
		"bin/other":   0,
		"in/script":   readset.Looked | readset.Read,
	} {
		if observed[p] != want {
			t.Errorf("of %s was observed %d, want %d", p, observed[p], want)
		}
	}
}

func TestWorkingDirectory(t *testing.T) {
	b := newBed(t)
	action := func(dir, program string) *action.Action {
		a := b.probeAction(t, map[string]string{"src/in": "text", "src/link": "->/out", "file": "", "src/script": "#!/bin/probe cwd\n"}, "cwd", "read in", "write ../out/x y")
		a.WorkingDirectory, a.OutputDirs, a.Arguments[0] = dir, []string{"out/dir"}, program
		return a
	}
	r := b.run(t, action("src", "/bin/probe"))
	if diff := cmp.Diff("cwd: /src\nread: text\nwrite: \n", string(r.Stdout)); diff != "" {
		t.Errorf("(-want +got):\n%s%s", diff, r.Stderr)
	}
	for _, test := range []struct{ dir, program, want string }{
		{"out/dir", "../../bin/probe", "cwd: /out/dir\nread: errno 44\n"},
		{"src/link/dir", "/bin/probe", "cwd: /src/link/dir\n"},
		{"src", "script", "cwd: /src\n"},
	} {
		r := b.run(t, action(test.dir, test.program))
		if !strings.HasPrefix(string(r.Stdout), test.want) {
			t.Errorf("in %s: %q %q, want %q", test.dir, r.Stdout, r.Stderr, test.want)
		}
	}
	for _, dir := range []string{"none", "file"} {
		_, err := b.executor.Execute(context.Background(), action(dir, "/bin/probe"))
		if err == nil || !strings.Contains(err.Error(), "the working directory "+dir+" is neither a directory of inputs nor one of outputs") {
			t.Errorf("in %s: the error is %v", dir, err)
		}
	}
}

// TestForegroundChildren has a program in the foreground share its streams with
// another.
func TestForegroundChildren(t *testing.T) {
	b := newBed(t)
	a := b.probeAction(t, map[string]string{"bin/traps": traps}, "run bin/probe stdin errline,e", "run bin/traps", "exit 5")
	var stdout, stderr bytes.Buffer
	exit, err := wasm.RunForeground(context.Background(), b.opts, a, wasm.Streams{
		Stdin: strings.NewReader("typed"), Stdout: &stdout, Stderr: &stderr,
	})
	wantOut := "stdin: typed\nerrline: \nrun: 43 ended with 0\nrun: 44 ended with 6\n"
	wantErr := "e\ncowasm: /bin/traps trapped: unreachable code was reached\n"
	if err != nil || exit != 5 || stdout.String() != wantOut || !strings.HasPrefix(stderr.String(), wantErr) {
		t.Errorf("exit %d, error %v, stdout %q, stderr %q", exit, err, stdout.String(), stderr.String())
	}
}
