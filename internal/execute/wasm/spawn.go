package wasm

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/cowasm/cowasm/internal/sandbox/engine"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
)

// A launcher runs the processes that the guest of an action spawns.
type launcher struct {
	*runner
	ctx      context.Context
	fs       *vfs.FS
	memory   int64 // bytes, of each
	progress engine.Reporter

	// fault is why a process could not be run though nothing is wrong with its
	// program. What the guests did after that counts for nothing.
	fault error
}

// Launch implements wasi.Launcher. A module that is no good makes a process
// that says so and aborts: the caller, which may know other kinds of programs,
// is not to try it as one of those.
func (l *launcher) Launch(path string, args, env []string) (wasi.Image, errno.Errno) {
	x, err := l.exec(l.ctx, l.fs, path, args, env, l.progress)
	var failed errno.Errno
	var unfit *misfit
	switch {
	case errors.As(err, &failed):
		return wasi.Image{}, failed
	case errors.As(err, &unfit):
		return wasi.Image{Args: args, Run: func(_ *wasi.System, stderr io.Writer) uint32 {
			return abort(stderr, "%s: %s", path, unfit.reason)
		}}, errno.OK
	case err != nil:
		return wasi.Image{}, l.fail(path, err)
	}
	return wasi.Image{Args: x.args, Run: func(s *wasi.System, stderr io.Writer) uint32 {
		return l.run(x.program, path, s, stderr)
	}}, errno.OK
}

// run runs a process to its end and returns its status.
func (l *launcher) run(program Program, path string, s *wasi.System, stderr io.Writer) uint32 {
	defer collectGarbage()
	code, memoryExceeded, err := program.Run(l.ctx, engine.Guest{System: s, Memory: l.memory, Progress: l.progress})
	if memoryExceeded && (err != nil || code != 0) {
		s.Exceed(memoryLimit(l.memory))
	}
	var trap *engine.Trap
	switch {
	case errors.As(err, &trap):
		return abort(stderr, "%s trapped: %s", path, trapReason(trap))
	case err != nil && memoryExceeded:
		return abort(stderr, "%s needs more memory than the limit of %d bytes", path, l.memory)
	case err != nil:
		l.fail(path, err)
		return wasi.Aborted
	}
	return wasi.ExitStatus(code)
}

// fail notes that a process could not be run.
func (l *launcher) fail(path string, err error) errno.Errno {
	if l.fault == nil {
		l.fault = fmt.Errorf("running %s: %w", path, err)
	}
	return errno.EIO
}

// abort tells why a process has aborted and returns its status.
func abort(stderr io.Writer, format string, args ...any) uint32 {
	// Whether the process has a standard error, and who reads it, is not for us
	// to know.
	_, _ = fmt.Fprintf(stderr, "cowasm: "+format+"\n", args...)
	return wasi.Aborted
}
