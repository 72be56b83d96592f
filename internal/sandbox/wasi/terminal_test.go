package wasi

import (
	"errors"
	"testing"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// fakeTerminal is a terminal that fails if err is set.
type fakeTerminal struct {
	mode TerminalMode
	err  error
}

func (t *fakeTerminal) Size() (rows, columns int, err error) { return 24, 80, t.err }
func (t *fakeTerminal) Mode() (TerminalMode, error)          { return t.mode, t.err }
func (t *fakeTerminal) SetMode(mode TerminalMode) error {
	t.mode = mode
	return t.err
}

func TestTerminal(t *testing.T) {
	g := newGuest(t)
	terminal := &fakeTerminal{mode: TerminalLines | TerminalEcho}
	g.sys.fds[1].terminal = terminal

	g.want(0, "terminal_size", 1, resultAt)
	if rows, columns := le.Uint32(g.memory[resultAt:]), le.Uint32(g.memory[resultAt+4:]); rows != 24 || columns != 80 {
		t.Errorf("the size is %d rows, %d columns", rows, columns)
	}
	g.want(3, "terminal_mode", 1)
	g.want(0, "terminal_set_mode", 1, uint64(TerminalOutput))
	g.want(int(TerminalOutput), "terminal_mode", 1)

	// It is the terminal under whatever number.
	g.want(4, "dup", 1)
	g.want(int(TerminalOutput), "terminal_mode", 4)

	g.want(fails(errno.EINVAL), "terminal_set_mode", 1, allTerminalModes+1)
	g.want(fails(errno.EFAULT), "terminal_size", 1, 1<<16-4)
	for _, fd := range []uint64{2, 3} {
		g.want(fails(errno.ENOTTY), "terminal_size", fd, resultAt)
		g.want(fails(errno.ENOTTY), "terminal_mode", fd)
		g.want(fails(errno.ENOTTY), "terminal_set_mode", fd, 0)
	}
	g.want(fails(errno.EBADF), "terminal_mode", 99)

	terminal.err = errors.New("it hung up")
	g.want(fails(errno.EIO), "terminal_size", 1, resultAt)
	terminal.err = errors.ErrUnsupported
	g.want(fails(errno.ENOTSUP), "terminal_mode", 1)
	g.want(fails(errno.ENOTSUP), "terminal_set_mode", 1, 0)
}
