package wasm

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/cowasm/cowasm/internal/digest"
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
	progress func(string, digest.Digest) engine.Progress
}

// Launch implements wasi.Launcher. A module that is no good makes a process
// that says so and aborts: the caller, which may know other kinds of programs,
// is not to try it as one of those.
func (l *launcher) Launch(path string, args, env []string) (wasi.Image, errno.Errno) {
	x, err := l.exec(l.ctx, l.fs, path, args, env, l.progress)
	var failed errno.Errno
	if errors.As(err, &failed) {
		return wasi.Image{}, failed
	}
	return wasi.Image{Args: x.args, Run: func(s *wasi.System, stderr io.Writer) uint32 {
		if err != nil {
			return abort(stderr, "%s: %v", path, err)
		}
		code, memoryExceeded, err := x.program.Run(l.ctx, engine.Guest{System: s, Memory: l.memory, Progress: l.progress})
		var trap *engine.Trap
		switch {
		case errors.As(err, &trap):
			return abort(stderr, "%s trapped: %s", path, shorten(trap.Error()))
		case err != nil:
			return abort(stderr, "%s: %v", path, err)
		case code != 0 && memoryExceeded:
			tell(stderr, "%s reached the limit of %d bytes of memory", path, l.memory)
		}
		return wasi.ExitStatus(code)
	}}, errno.OK
}

// abort tells why a process has aborted and returns its status.
func abort(stderr io.Writer, format string, args ...any) uint32 {
	tell(stderr, format, args...)
	return wasi.Aborted
}

// tell adds a line of our own to the standard error of a process.
func tell(stderr io.Writer, format string, args ...any) {
	// Whether the process has one, and who reads it, is not for us to know.
	_, _ = fmt.Fprintf(stderr, "cowasm: "+format+"\n", args...)
}
