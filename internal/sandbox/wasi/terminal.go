package wasi

import (
	"errors"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// A Terminal is what a standard stream may be attached to.
type Terminal interface {
	// Size returns how much it shows.
	Size() (rows, columns int, err error)

	// Mode returns what it does to input and output, which SetMode changes.
	Mode() (TerminalMode, error)
	SetMode(TerminalMode) error
}

// A TerminalMode is what a terminal does to input and output.
type TerminalMode uint32

const (
	TerminalLines   TerminalMode = 1 << iota // input comes by the line, which can be edited before
	TerminalEcho                             // what is typed is shown
	TerminalSignals                          // keys such as Ctrl-C are signals and not input
	TerminalInput                            // the return key is a newline; Ctrl-S and Ctrl-Q halt output
	TerminalOutput                           // a newline goes to the start of the next line

	allTerminalModes = 1<<iota - 1
)

// terminal returns the terminal that a descriptor stands for.
func (s *System) terminal(fd uint64) (Terminal, errno.Errno) {
	d, err := s.get(fd)
	switch {
	case err != errno.OK:
		return nil, err
	case d.terminal == nil:
		return nil, errno.ENOTTY
	}
	return d.terminal, errno.OK
}

// terminalSize is terminal_size(fd, size*).
func terminalSize(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	t, e := s.terminal(a[0])
	if e != errno.OK {
		return 0, e
	}
	b, e := view(m, a[1], 8)
	if e != errno.OK {
		return 0, e
	}
	rows, columns, err := t.Size()
	if err != nil {
		return 0, terminalErrno(err)
	}
	le.PutUint32(b, uint32(rows))
	le.PutUint32(b[4:], uint32(columns))
	return 0, errno.OK
}

// terminalMode is terminal_mode(fd) -> mode.
func terminalMode(s *System, _ Memory, a []uint64) (uint32, errno.Errno) {
	t, e := s.terminal(a[0])
	if e != errno.OK {
		return 0, e
	}
	mode, err := t.Mode()
	if err != nil {
		return 0, terminalErrno(err)
	}
	return uint32(mode), errno.OK
}

// terminalSetMode is terminal_set_mode(fd, mode).
func terminalSetMode(s *System, _ Memory, a []uint64) (uint32, errno.Errno) {
	t, e := s.terminal(a[0])
	if e != errno.OK {
		return 0, e
	}
	if a[1] > allTerminalModes {
		return 0, errno.EINVAL
	}
	if err := t.SetMode(TerminalMode(a[1])); err != nil {
		return 0, terminalErrno(err)
	}
	return 0, errno.OK
}

// terminalErrno returns what a guest is told about an error of a terminal.
func terminalErrno(err error) errno.Errno {
	if errors.Is(err, errors.ErrUnsupported) {
		return errno.ENOTSUP
	}
	return errno.EIO
}
