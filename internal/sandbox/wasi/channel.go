package wasi

import (
	"io"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// A channel is something to read from or write to that is not a file.
type channel interface {
	// read returns at least one byte, or none at the end, or EAGAIN.
	read(p []byte) (int, errno.Errno)

	// write writes as much as there is room for, or EAGAIN. A pipe may become
	// as large as most.
	write(p []byte, most int) (int, errno.Errno)

	// readable and writable tell what poll_oneoff wants to know: whether the
	// other does not return EAGAIN.
	readable() readiness
	writable() readiness

	// close is called when the last descriptor for the channel is closed.
	close()
}

// readiness tells whether a call would return at once.
type readiness struct {
	ready  bool
	bytes  uint64
	hangup bool
}

// A Waiter is a reader that can tell whether it has something to read.
type Waiter interface {
	// Wait returns true once there is something to read, and false if there
	// is nothing after some nanoseconds; if they are negative, it waits on.
	Wait(nanoseconds int64) bool
}

// input is the standard input of a guest.
type input struct{ r io.Reader }

func (i *input) read(p []byte) (int, errno.Errno) {
	n, err := i.r.Read(p)
	if n == 0 && err != nil && err != io.EOF {
		return 0, errno.EIO
	}
	return n, errno.OK
}

func (i *input) write([]byte, int) (int, errno.Errno) { return 0, errno.EBADF }

func (i *input) readable() readiness {
	if w, ok := i.r.(Waiter); ok && !w.Wait(0) {
		return readiness{}
	}
	return readiness{ready: true}
}

func (i *input) writable() readiness { return readiness{} }
func (i *input) close()              {}

// output is the standard output or standard error of a guest.
type output struct{ w io.Writer }

func (o *output) read([]byte) (int, errno.Errno) { return 0, errno.EBADF }

// write passes on an errno that the writer returns.
func (o *output) write(p []byte, _ int) (int, errno.Errno) {
	n, err := o.w.Write(p)
	if err == nil || n > 0 {
		return n, errno.OK
	}
	if e, ok := err.(errno.Errno); ok {
		return 0, e
	}
	return 0, errno.EIO
}

func (o *output) readable() readiness { return readiness{} }
func (o *output) writable() readiness { return readiness{ready: true, bytes: pipeSize} }
func (o *output) close()              {}

// eof is a reader with nothing in it.
type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }
