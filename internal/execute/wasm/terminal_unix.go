//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package wasm

import (
	"golang.org/x/sys/unix"

	"github.com/cowasm/cowasm/internal/sandbox/wasi"
)

// Mode implements wasi.Terminal.
func (t terminal) Mode() (wasi.TerminalMode, error) {
	state, err := unix.IoctlGetTermios(int(t.Fd()), getTermios)
	if err != nil {
		return 0, err
	}
	var mode wasi.TerminalMode
	for _, f := range modeFlags(&state.Iflag, &state.Oflag, &state.Lflag) {
		if *f.field&f.bits != 0 {
			mode |= f.mode
		}
	}
	return mode, nil
}

// SetMode implements wasi.Terminal.
func (t terminal) SetMode(mode wasi.TerminalMode) error {
	state, err := unix.IoctlGetTermios(int(t.Fd()), getTermios)
	if err != nil {
		return err
	}
	for _, f := range modeFlags(&state.Iflag, &state.Oflag, &state.Lflag) {
		*f.field &^= f.bits
		if mode&f.mode != 0 {
			*f.field |= f.bits
		}
	}
	// Without lines, a read returns as soon as there is a byte.
	state.Cc[unix.VMIN], state.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(int(t.Fd()), setTermios, state)
}

// A modeFlag says which bits of a termios are what mode. Their type depends on
// the system.
type modeFlag[T uint32 | uint64] struct {
	mode  wasi.TerminalMode
	field *T
	bits  T
}

func modeFlags[T uint32 | uint64](input, output, local *T) []modeFlag[T] {
	return []modeFlag[T]{
		{wasi.TerminalLines, local, unix.ICANON | unix.IEXTEN},
		{wasi.TerminalEcho, local, unix.ECHO},
		{wasi.TerminalSignals, local, unix.ISIG},
		{wasi.TerminalInput, input, unix.ICRNL | unix.IXON},
		{wasi.TerminalOutput, output, unix.OPOST},
	}
}
