package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/execute/builtin"
	"github.com/cowasm/cowasm/internal/execute/expand"
	"github.com/cowasm/cowasm/internal/execute/wasm"
	"github.com/cowasm/cowasm/internal/fetch"
	"github.com/cowasm/cowasm/internal/inspection"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/transcript"
	"github.com/cowasm/cowasm/internal/tree"
	"github.com/cowasm/cowasm/internal/ui"
	"github.com/cowasm/cowasm/starlark/loading"
)

// A session is the run of a verb that builds: the parts, wired together.
type session struct {
	*build.Builder
	display *ui.Display
	closers []func() error // in the order in which they were opened
}

// collectPercent is when garbage is collected in a session, as for
// debug.SetGCPercent. Mostly there is nothing to build, and to find that out would
// take a dozen collections of next to nothing; what is built is built by workers.
const collectPercent = 400

// inSession runs f with a session. It shows what the session does, cancels it
// when the user asks for that, and says so.
func (a *app) inSession(cmd *cobra.Command, f func(context.Context, *session) error) error {
	if err := a.workspace.require(); err != nil {
		return err
	}
	// It stays so: to set it stops the world, and after Ctrl-C a program may have
	// been left alone that never makes a call again, for which that would wait.
	debug.SetGCPercent(collectPercent)
	s := &session{display: a.newDisplay()}
	ctx, stop := interruptible(cmd.Context(), s.sayInterrupted)
	defer stop()
	err := a.wire(ctx, cmd, s)
	if err == nil {
		s.display.Start()
		err = f(ctx, s)
		if trimErr := trimCache(ctx, s.Store); trimErr != nil && !interrupted(ctx) {
			s.display.Emit(event.Warning{Message: trimErr.Error()})
		}
	}
	s.display.Stop()
	if closeErr := s.close(); err == nil {
		err = closeErr
	}
	if err != nil && interrupted(ctx) {
		return &exitError{code: exitInterrupted}
	}
	return err
}

// newDisplay returns the display that the flags ask for, on standard error.
func (a *app) newDisplay() *ui.Display {
	fd := int(os.Stderr.Fd())
	terminal := term.IsTerminal(fd) && os.Getenv("TERM") != "dumb"
	return ui.New(ui.Options{
		Out:    os.Stderr,
		Live:   a.flags.curses.resolve(terminal),
		Colour: a.flags.colour.resolve(terminal && os.Getenv("NO_COLOR") == ""),

		Commands:        a.flags.commands,
		VerboseFailures: a.flags.verbose,
		Size: func() (columns, rows int) {
			// Zero, which stands for the usual size, if the terminal cannot tell.
			columns, rows, _ = term.GetSize(fd)
			return columns, rows
		},
		SaveLog: a.saveLog,
	})
}

// sayInterrupted tells the user what Ctrl-C stops.
func (s *session) sayInterrupted() {
	running := s.display.Running()
	text := "Interrupted."
	if len(running) > 0 {
		text = fmt.Sprintf("Interrupted; stopping %s. Press Ctrl-C again to leave at once.", count(len(running), "action"))
	}
	for _, r := range running {
		text += "\n  " + r
	}
	s.display.Println(text)
}

// wire puts the parts of s together.
func (a *app) wire(ctx context.Context, cmd *cobra.Command, s *session) error {
	f := &a.flags
	if f.jobs < 1 {
		return usagef("--jobs=%d leaves nothing to work with", f.jobs).hint("give a number from 1 on")
	}
	settings, err := f.defined(cmd.Flags())
	if err != nil {
		return err
	}
	sink, err := f.sinks(s)
	if err != nil {
		return err
	}
	files := transcript.Record(os.DirFS(a.workspace.root))
	ws, err := loading.Open(files, loading.Options{Print: func(pos diag.Position, msg string) {
		files.Spoil() // so that it is said the next time, too
		s.display.Println(fmt.Sprintf("%s: %s", pos, msg))
	}})
	if err != nil {
		return &exitError{exitUsage, err}
	}
	cache, err := f.cache()
	if err != nil {
		return err
	}
	disk, err := openCache(cache)
	if err != nil {
		return err
	}
	fetcher := fetch.New(disk, fetch.Options{
		Offline:   f.offline,
		VendorDir: f.vendorDir,
		Workspace: a.workspace.root,
		Events:    sink,
	})
	load := store.Directories(disk)
	plugins := map[string]execute.Executor{"builtin": builtin.New(disk, load, fetcher.Fetch)}
	config := build.Config{
		Root:      a.workspace.root,
		OutDir:    a.workspace.outDir(),
		Files:     files,
		Workspace: ws,
		Settings:  settings,
		Store:     disk,
		Load:      load,
		Executor:  execute.Cache(execute.Announce(execute.Dispatch(plugins), sink), disk),
		Expanders: expand.New(disk, load),
		Fetcher:   fetcher,
		Events:    sink,
		KeepGoing: f.keepGoing,
		Memory:    f.memory(),
	}
	command, err := f.worker(ctx, config)
	if err != nil {
		return err
	}
	guests := wasm.Options{
		Command: command,
		Store:   disk.Dir(),
		Modules: filepath.Join(cache, modulesDir),
		Workers: f.jobs,
		Threads: runtime.NumCPU(),
		Events:  sink,
	}
	programs := wasm.New(guests)
	s.closers = append(s.closers, func() error { programs.Close(); return nil })

	plugins["wasm"] = programs
	config.Program = foreground(s.display, guests)
	recorder := inspection.NewRecorder(disk)
	if !f.upToDate {
		s.closers = append(s.closers, func() error { return recorder.Write(a.workspace.outDir()) })
	}
	config.Executor, err = f.decorate(s, recorder.Record(execute.Announce(execute.Dispatch(plugins), sink)), disk, load)
	if err != nil {
		return err
	}
	s.Builder, err = build.New(config)
	return mistake(err)
}

// sinks returns what the events of s go to: the display, and the files that the
// flags ask for.
func (f *flags) sinks(s *session) (event.Sink, error) {
	sink := event.Sink(s.display)
	if f.eventLog != "" {
		err := s.writeTo(f.eventLog, func(w io.Writer) func() error {
			lines := ui.NewJSONLines(w, nil)
			sink = event.Tee(sink, lines)
			return lines.Err
		})
		if err != nil {
			return nil, err
		}
	}
	if f.profile != "" {
		err := s.writeTo(f.profile, func(w io.Writer) func() error {
			trace := execute.NewTrace(w)
			sink = event.Tee(sink, trace)
			return trace.Close
		})
		if err != nil {
			return nil, err
		}
	}
	return sink, nil
}

// downloads is how many actions may wait for the network at once, beside the
// jobs that compute.
const downloads = 8

// decorate returns e with what the flags ask for around it.
func (f *flags) decorate(s *session, e execute.Executor, disk *store.Disk, load tree.Loader) (execute.Executor, error) {
	if f.upToDate {
		e = execute.Refuse()
	}
	computing, waiting := execute.NewLimiter(f.jobs).Limit(e), execute.NewLimiter(downloads).Limit(e)
	e = execute.Dedup(execute.Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		if builtin.Waits(a) {
			return waiting.Execute(ctx, a)
		}
		return computing.Execute(ctx, a)
	}))
	readSets := execute.NewReadSets(disk, load)
	if f.check {
		e = execute.Check(readSets.Check(e), disk, load)
	} else {
		e = readSets.Keep(execute.Cache(readSets.Find(e), disk))
	}
	if f.executionLog == "" {
		return e, nil
	}
	err := s.writeTo(f.executionLog, func(w io.Writer) func() error {
		log := execute.NewLog(w)
		e = log.Record(e)
		return log.Err
	})
	return e, err
}

// foreground returns what starts programs with the user's terminal, which the
// display leaves to them.
func foreground(display *ui.Display, guests wasm.Options) build.Program {
	return func(ctx context.Context, p build.Foreground, root digest.Digest) (int, error) {
		display.Stop()
		// What is still to be translated is told in plain lines.
		guests.Events = ui.New(ui.Options{Out: os.Stderr})
		return wasm.RunForeground(ctx, guests, &action.Action{Arguments: p.Arguments, Env: p.Env, InputRoot: root},
			wasm.Streams{Stdin: p.Stdin, Stdout: p.Stdout, Stderr: p.Stderr, Folder: p.Folder, FolderAt: p.FolderAt})
	}
}

// writeTo creates a file that the user asked for. start is given the file and
// returns what completes it and tells how writing went, which close calls.
func (s *session) writeTo(name string, start func(io.Writer) (finish func() error)) error {
	file, err := os.Create(name)
	if err != nil {
		return usagef("%w", err)
	}
	finish := start(file)
	s.closers = append(s.closers, func() error {
		err := finish()
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		return nil
	})
	return nil
}

// close closes what was opened, the last first, and returns the first error.
func (s *session) close() error {
	var first error
	for _, c := range slices.Backward(s.closers) {
		if err := c(); first == nil {
			first = err
		}
	}
	return first
}
