package wasm

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/sandbox/engine"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// The limits of an action that does not set its own, and those that none can
// set.
const (
	DefaultTimeout = 10 * time.Minute
	DefaultMemory  = 2 << 30 // bytes of linear memory
	DefaultWritten = 1 << 30 // bytes in files

	maxMemory = 4 << 30
	maxFiles  = 1 << 18
	maxOpen   = 1024
	maxOutput = 16 << 20 // bytes, of stdout and of stderr each
)

// trapped is the exit code of a program that trapped, as that of a native
// program that aborted.
const trapped = 128 + 6

// scratch is a directory that guests may write to as they like.
const scratch = "tmp"

// null is the device that is always empty, which libraries open without
// asking whether it is there.
const null = "dev/null"

// A runner runs actions in this process, one at a time.
type runner struct {
	blobs    store.Blobs
	inputs   *vfs.Cache
	programs *programs
}

// A missingError says that a program that succeeded did not write its outputs.
type missingError struct {
	missing []string
	near    string
	dropped []string
}

func (e *missingError) Error() string {
	verb := "was"
	if len(e.missing) > 1 {
		verb = "were"
	}
	msg := fmt.Sprintf("%s %s declared as output but not written", strings.Join(e.missing, ", "), verb)
	switch {
	case e.near != "":
		msg += fmt.Sprintf("; the program wrote %s, did it mean that?", e.near)
	case len(e.dropped) > 0:
		msg += "; the program wrote " + enumerate(e.dropped)
	}
	return msg
}

// enumerate names the first few of list.
func enumerate(list []string) string {
	const most = 10
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

// run runs an action. Started is called when the guest starts.
func (r *runner) run(ctx context.Context, a *action.Action, progress engine.Reporter, started func()) (*action.Result, Report, error) {
	fs, err := r.mount(ctx, a)
	if err != nil {
		return nil, Report{}, err
	}
	result, dropped, err := r.runOn(ctx, fs, a, progress, started)
	return result, Report{Observed: fs.Observations(), Dropped: dropped}, err
}

// runOn runs an action on its file system. It returns the paths of what the
// guest wrote outside its outputs, too.
func (r *runner) runOn(ctx context.Context, fs *vfs.FS, a *action.Action, progress engine.Reporter, started func()) (*action.Result, []string, error) {
	x, err := r.program(ctx, fs, a, progress)
	if err != nil {
		return nil, nil, err
	}
	stdout, stderr := &limited{max: maxOutput}, &limited{max: maxOutput}
	children := &launcher{runner: r, ctx: ctx, fs: fs, memory: memory(a), progress: progress}
	sys := wasi.New(wasi.Config{
		FS: fs, Args: x.args, Env: environment(a),
		Stdout: stdout, Stderr: stderr, MaxOpen: maxOpen,
		Launcher: children,
	})
	started()
	begin := time.Now()
	code, memoryExceeded, err := x.program.Run(ctx, engine.Guest{System: sys, Memory: memory(a), Progress: progress})
	sys.End()
	result := &action.Result{ExitCode: int(code), Duration: time.Since(begin)}
	if fault := cmp.Or(fs.Fault(), children.fault); fault != nil {
		return nil, nil, fault
	}
	var trap *engine.Trap
	if errors.As(err, &trap) {
		result.ExitCode = trapped
		stderr.note("the program trapped: %s", shorten(trap.Error()))
	} else if err != nil {
		return nil, nil, fmt.Errorf("running %s: %w", a.Arguments[0], err)
	}
	result.Stdout = stdout.buf.Bytes()
	if result.ExitCode != 0 {
		if memoryExceeded {
			sys.Exceed(memoryLimit(memory(a)))
		}
		limits := []string{fs.Exceeded(), sys.Exceeded(), stdout.exceeded(), stderr.exceeded()}
		for _, limit := range limits {
			if limit != "" {
				stderr.note("the program reached the limit of %s", limit)
			}
		}
	}
	result.Stderr = stderr.buf.Bytes()
	if result.ExitCode != 0 {
		return result, nil, nil
	}
	dropped := fs.Additions(func(p string) bool {
		return p == scratch || slices.Contains(a.OutputFiles, p) || slices.Contains(a.OutputDirs, p)
	})
	return result, dropped, r.collect(ctx, fs, a, result, dropped)
}

// mount makes the file system of an action.
func (r *runner) mount(ctx context.Context, a *action.Action) (*vfs.FS, error) {
	written := a.Limits.Written
	if written == 0 {
		written = DefaultWritten
	}
	fs, err := vfs.New(ctx, r.inputs, a.InputRoot, vfs.Limits{Written: written, Files: maxFiles})
	if err != nil {
		return nil, err
	}
	if err := fs.Prepare(scratch, true); err != nil {
		return nil, err
	}
	if err := fs.PrepareNull(null); err != nil {
		return nil, err
	}
	for _, p := range a.OutputFiles {
		if err := vacant(fs, p); err != nil {
			return nil, err
		}
		if err := fs.Prepare(path.Dir(p), true); err != nil {
			return nil, err
		}
	}
	for _, p := range a.OutputDirs {
		if err := vacant(fs, p); err != nil {
			return nil, err
		}
		if err := fs.Prepare(p, false); err != nil {
			return nil, err
		}
	}
	if dir := a.WorkingDirectory; dir != "" {
		if n, err := fs.Lookup(fs.Root(), dir, true); err != errno.OK || n.Kind() != tree.Dir {
			return nil, fmt.Errorf("the working directory %s is neither a directory of inputs nor one of outputs", dir)
		}
	}
	return fs, nil
}

// vacant reports that there is an input where an output should be.
func vacant(fs *vfs.FS, p string) error {
	taken, err := fs.HasInput(p)
	if err == nil && taken {
		err = errors.New("there is an input of that name, and inputs cannot be changed; give the output another name")
	}
	if err != nil {
		return fmt.Errorf("output %s: %w", p, err)
	}
	return nil
}

// program returns what an action runs.
func (r *runner) program(ctx context.Context, fs *vfs.FS, a *action.Action, progress engine.Reporter) (executable, error) {
	if len(a.Arguments) == 0 {
		return executable{}, errors.New("it has no arguments; the first names the program to run")
	}
	name := a.Arguments[0]
	if a.WorkingDirectory != "" && !path.IsAbs(name) {
		name = path.Join(a.WorkingDirectory, name)
	}
	x, err := r.exec(ctx, fs, name, a.Arguments, environment(a), progress)
	if fs.Fault() != nil {
		return executable{}, fs.Fault()
	}
	if errors.Is(err, errno.ENOENT) {
		if missing, ok := errors.AsType[*diag.Error](err); ok {
			return executable{}, missing.WithHint("%s", near(fs, name))
		}
	}
	return x, err
}

// near returns a hint at the input that a mistaken program name may mean.
func near(fs *vfs.FS, name string) string {
	dir, e := fs.Lookup(fs.Root(), path.Dir(name), true)
	if e != errno.OK {
		return fmt.Sprintf("there is no directory %s either; is the program an input or a mount of the action?", path.Dir(name))
	}
	entries, e := dir.List()
	if e != errno.OK {
		return ""
	}
	var names []string
	for _, entry := range entries[2:] { // not "." and ".."
		names = append(names, entry.Name)
	}
	if best := diag.Nearest(path.Base(name), names); best != "" {
		return "did you mean " + path.Join(path.Dir(name), best)
	}
	return "that directory has " + enumerate(names)
}

// collect stores the outputs of an action.
func (r *runner) collect(ctx context.Context, fs *vfs.FS, a *action.Action, result *action.Result, dropped []string) error {
	put := func(data []byte) (digest.Digest, error) { return r.blobs.Put(ctx, data) }
	var missing []string
	check := func(p string, err error) error {
		if errors.Is(err, vfs.ErrMissing) {
			missing = append(missing, p)
			return nil
		}
		if err != nil {
			return fmt.Errorf("output %s: %w", p, err)
		}
		return nil
	}
	for _, p := range slices.Sorted(slices.Values(a.OutputFiles)) {
		e, err := fs.OutputFile(p, put)
		if err := check(p, err); err != nil {
			return err
		}
		result.Files = append(result.Files, action.OutputFile{Path: p, Digest: e.Digest, Executable: e.Executable})
	}
	for _, p := range slices.Sorted(slices.Values(a.OutputDirs)) {
		root, packed, err := fs.OutputDir(p, put)
		if err := check(p, err); err != nil {
			return err
		}
		result.Dirs = append(result.Dirs, action.OutputDir{Path: p, Root: root, Tree: packed})
	}
	if len(missing) > 0 {
		result.Files, result.Dirs = nil, nil
		return &missingError{missing, diag.Nearest(missing[0], dropped), dropped}
	}
	return nil
}

// memory returns how much linear memory an action may have.
func memory(a *action.Action) int64 {
	if a.Limits.Memory == 0 {
		return DefaultMemory
	}
	return min(a.Limits.Memory, maxMemory)
}

// memoryLimit names that limit.
func memoryLimit(bytes int64) string { return fmt.Sprintf("%d bytes of memory", bytes) }

// environment returns the variables as guests want them, sorted, and then the
// working directory if there is one.
func environment(a *action.Action) []string {
	list := make([]string, 0, len(a.Env)+1)
	for _, name := range slices.Sorted(maps.Keys(a.Env)) {
		list = append(list, name+"="+a.Env[name])
	}
	if a.WorkingDirectory == "" {
		return list
	}
	return wasi.WithWorkingDirectory(list, path.Join("/", a.WorkingDirectory))
}

// shorten cuts a trap's stack trace down to the frames that matter.
func shorten(trap string) string {
	const most = 24
	lines := strings.Split(strings.TrimSpace(trap), "\n")
	if len(lines) > most {
		lines = append(lines[:most], fmt.Sprintf("\t… and %d more", len(lines)-most))
	}
	return strings.Join(lines, "\n")
}

// limited keeps what a guest writes to a standard stream.
type limited struct {
	buf  bytes.Buffer
	max  int
	full bool
}

// Write implements io.Writer. What does not fit is not written at all.
func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.max-l.buf.Len() {
		l.full = true
		return 0, errno.ENOSPC
	}
	return l.buf.Write(p)
}

// exceeded names the limit if it was reached.
func (l *limited) exceeded() string {
	if !l.full {
		return ""
	}
	return fmt.Sprintf("%d bytes of output", l.max)
}

// note adds a line of our own, whatever the limit.
func (l *limited) note(format string, args ...any) {
	if b := l.buf.Bytes(); len(b) > 0 && b[len(b)-1] != '\n' {
		l.buf.WriteByte('\n')
	}
	fmt.Fprintf(&l.buf, "cowasm: "+format+"\n", args...)
}
