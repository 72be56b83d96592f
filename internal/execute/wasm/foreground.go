package wasm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/term"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/sandbox/engine"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
	"github.com/cowasm/cowasm/internal/store"
)

// Streams are what a program in the foreground is attached to. Those that are
// files of a terminal are a terminal to the program, too.
type Streams struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	Folder   string // host path of a folder that the program works in; empty for none
	FolderAt string // where it is in the sandbox, relative to the root; empty for nowhere
}

// RunForeground runs the program of an action in this process, attached to the
// given streams and to the real clock, and returns its exit code. It sees the
// files that the action would see; what it writes is gone when it ends. If there
// is a folder it starts there, and what it does to the folder is done. It has
// the limits of the action, but for the time. Of the options, those that are
// about workers do not matter. A terminal has in the end the mode that it had.
//
// A guest cannot be interrupted: when ctx ends, RunForeground returns, and the
// guest runs on until the process ends. Until then the process must not stop
// the world, as a collection of garbage does: it would wait for the guest.
// Those of the runtime are turned off.
func RunForeground(ctx context.Context, opts Options, a *action.Action, streams Streams) (exit int, err error) {
	type outcome struct {
		exit int
		err  error
	}
	// The guest occupies one thread; another must notice that ctx ended.
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	ended := make(chan outcome, 1)
	defer keepMode(streams.Stdin)()
	go func() {
		exit, err := foreground(context.WithoutCancel(ctx), opts, a, streams)
		ended <- outcome{exit, err}
	}()
	select {
	case o := <-ended:
		return o.exit, o.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func foreground(ctx context.Context, opts Options, a *action.Action, streams Streams) (int, error) {
	blobs, err := store.OpenDisk(opts.Store)
	if err != nil {
		return 0, err
	}
	modules, err := engine.OpenModules(opts.Modules, max(1, opts.Threads))
	if err != nil {
		return 0, err
	}
	r := &runner{blobs, vfs.NewCache(blobs, inputCache), &programs{modules: modules}}
	fs, err := r.mount(ctx, a)
	if err != nil {
		return 0, err
	}
	if streams.Folder != "" && streams.FolderAt != "" {
		folder, err := os.OpenRoot(streams.Folder)
		if err != nil {
			return 0, err
		}
		defer folder.Close()
		if err := fs.Mount(streams.FolderAt, folder); err != nil {
			return 0, err
		}
		in := *a
		in.WorkingDirectory = streams.FolderAt
		a = &in
	}
	// While a guest runs, garbage is collected when it makes a call: anyone else
	// who began with it would wait for the next one, and with him all that is to
	// happen at Ctrl-C. What is left until then by loading machine code is little,
	// and the user waits for it; to translate a module leaves much.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	progress := func(path string, d digest.Digest) engine.Progress {
		p := emit(opts.Events, path, d)
		return engine.Progress{
			Compiling: func() { debug.SetGCPercent(collectPercent); p.Compiling() },
			Compiled:  func(err error) { debug.SetGCPercent(-1); p.Compiled(err) },
		}
	}
	x, err := r.program(ctx, fs, a, progress)
	if err != nil {
		return 0, err
	}
	children := &launcher{runner: r, ctx: ctx, fs: fs, memory: memory(a), progress: progress}
	config := wasi.Config{
		FS: fs, Args: x.args, Env: environment(a),
		Stdin: streams.Stdin, Stdout: streams.Stdout, Stderr: streams.Stderr,
		Clock: wasi.NewRealClock(), MaxOpen: maxOpen,
		Launcher: children, Pause: collectGarbage,
	}
	if f, ok := streams.Stdin.(*os.File); ok {
		config.Stdin = stdin{f}
	}
	for i, stream := range []any{streams.Stdin, streams.Stdout, streams.Stderr} {
		if f, ok := stream.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			config.Terminal[i] = terminal{f}
		}
	}
	sys := wasi.New(config)
	code, _, err := x.program.Run(ctx, engine.Guest{System: sys, Memory: memory(a), Progress: progress})
	sys.End()
	var trap *engine.Trap
	switch {
	case cmp.Or(fs.Fault(), children.fault) != nil:
		return 0, cmp.Or(fs.Fault(), children.fault)
	case errors.As(err, &trap):
		fmt.Fprintf(streams.Stderr, "cowasm: the program trapped: %s\n", shorten(trap.Error()))
		return trapped, nil
	case err != nil:
		return 0, fmt.Errorf("running %s: %w", a.Arguments[0], err)
	}
	return int(code), nil
}

// stdin is a real standard input. Where the system can tell whether there is
// something to read, it is a wasi.Waiter.
type stdin struct{ *os.File }

// emit tells a sink of the translation of a module.
func emit(sink event.Sink, path string, d digest.Digest) engine.Progress {
	return engine.Progress{
		Compiling: func() { sink.Emit(event.ModuleCompiling{Path: path, Module: d, Time: time.Now()}) },
		Compiled:  func(err error) { sink.Emit(event.ModuleCompiled{Module: d, Err: err, Time: time.Now()}) },
	}
}
