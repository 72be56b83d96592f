package wasm

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/cowasm/cowasm/internal/sandbox/wasi"
)

func TestTerminal(t *testing.T) {
	// Both ends of a pseudo-terminal tell of it.
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	defer f.Close()
	if err := unix.IoctlSetWinsize(int(f.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 10, Col: 60}); err != nil {
		t.Fatal(err)
	}
	term := terminal{f}
	if rows, columns, err := term.Size(); rows != 10 || columns != 60 || err != nil {
		t.Errorf("size is %d rows, %d columns, %v", rows, columns, err)
	}

	const usual = wasi.TerminalLines | wasi.TerminalEcho | wasi.TerminalSignals | wasi.TerminalInput | wasi.TerminalOutput
	check := func(want wasi.TerminalMode) {
		t.Helper()
		if mode, err := term.Mode(); mode != want || err != nil {
			t.Errorf("mode is %#x, %v, want %#x", mode, err, want)
		}
	}
	check(usual)
	restore := keepMode(f)
	for _, mode := range []wasi.TerminalMode{0, wasi.TerminalEcho | wasi.TerminalOutput, usual &^ wasi.TerminalSignals, wasi.TerminalLines} {
		if err := term.SetMode(mode); err != nil {
			t.Fatal(err)
		}
		check(mode)
	}
	restore()
	check(usual)
	keepMode(nil)()
}
