package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal returns both ends of a new pseudo-terminal of the given size.
func openTerminal(t *testing.T, columns, rows uint16) (outside, inside *os.File) {
	t.Helper()
	outside, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	t.Cleanup(func() { outside.Close() })
	fd := int(outside.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: columns}); err != nil {
		t.Fatal(err)
	}
	inside, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return outside, inside
}

// A terminalRun is a run of cowasm in a terminal.
type terminalRun struct {
	cmd     *exec.Cmd
	outside *os.File
	seen    bytes.Buffer
}

// startInTerminal starts cowasm in a folder, with a terminal of its own that has
// the given size.
func startInTerminal(t *testing.T, dir string, columns, rows uint16, args ...string) *terminalRun {
	t.Helper()
	outside, inside := openTerminal(t, columns, rows)
	defer inside.Close()
	r := &terminalRun{cmd: exec.Command("cowasm", args...), outside: outside}
	r.cmd.Dir = dir
	r.cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=")
	r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = inside, inside, inside
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.cmd.Process.Kill() })
	return r
}

// startToy starts cowasm in a terminal, in a workspace of tools of which some
// do not end.
func startToy(t *testing.T, args ...string) *terminalRun {
	t.Helper()
	t.Setenv("COWASM_CACHE", t.TempDir())
	root := newWorkspace(t, map[string]string{
		"tools/in.txt":     "",
		"tools/guest.wasm": readGuest(t),
		"tools/BUILD": `load("//rules:toy.bzl", "program", "text", "tool")
program(name = "hang", guest = "guest.wasm", src = "in.txt", verb = "hang")
text(name = "text", content = "x")
tool(name = "tool", guest = "guest.wasm")
`,
	})
	return startInTerminal(t, root, 60, 10, args...)
}

// readUntil reads what the terminal shows until it has shown want.
func (r *terminalRun) readUntil(want string) error {
	buf := make([]byte, 4096)
	for !strings.Contains(r.seen.String(), want) {
		n, err := r.outside.Read(buf)
		r.seen.Write(buf[:n])
		if err != nil {
			return fmt.Errorf("before %q: %w; shown was %q", want, err, r.seen.String())
		}
	}
	return nil
}

// finish reads the rest and returns the exit code.
func (r *terminalRun) finish(t *testing.T) int {
	t.Helper()
	// Linux reports the end of a terminal as EIO.
	if _, err := io.Copy(&r.seen, r.outside); err != nil && !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	err := r.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return r.cmd.ProcessState.ExitCode()
}

func TestLiveDisplay(t *testing.T) {
	r := startToy(t, "build", "//tools:text")
	if code := r.finish(t); code != exitOK {
		t.Errorf("exit code %d; shown was %q", code, r.seen.String())
	}
	if !strings.Contains(r.seen.String(), "built 1 target in ") {
		t.Errorf("shown was %q", r.seen.String())
	}
}

// TestInterrupt stops a program that never ends: the first time politely, which
// tells what is stopped and removes the live display.
func TestInterrupt(t *testing.T) {
	r := startToy(t, "build", "//tools:hang")
	if err := r.readUntil("running hang for //tools:hang"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.seen.String(), "\x1b[1m[0/1] ") {
		t.Errorf("no header in %q", r.seen.String())
	}
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := r.finish(t); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	// The terminal adds a carriage return before each line feed.
	shown := strings.ReplaceAll(r.seen.String(), "\r\r\n", "\r\n")
	if !strings.Contains(shown, "Interrupted; stopping 1 action. Press Ctrl-C again to leave at once.\x1b[K\r\n"+
		"  running hang for //tools:hang\x1b[K\r\n") {
		t.Errorf("shown was %q", shown)
	}
	if !strings.HasSuffix(shown, "\x1b[J") {
		t.Errorf("the display was not removed: %q", shown)
	}
}

// TestInterruptProgram stops a program in the foreground that never makes a call
// again. It can only be left alone, and what stops it must not wait for it: not
// for a thread, nor for the garbage collector, which would do that.
func TestInterruptProgram(t *testing.T) {
	for name, interrupt := range map[string]func(*terminalRun) error{
		"Ctrl-C": func(r *terminalRun) error {
			_, err := r.outside.WriteString("\x03")
			return err
		},
		"SIGTERM": func(r *terminalRun) error { return r.cmd.Process.Signal(syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOGC", "1")
			t.Setenv("GOMAXPROCS", "1")
			r := startToy(t, "run", "//tools:tool", "--", "hang")
			if err := r.readUntil("hanging"); err != nil {
				t.Fatal(err)
			}
			if err := interrupt(r); err != nil {
				t.Fatal(err)
			}
			if code := r.finish(t); code != exitInterrupted {
				t.Errorf("exit code %d, want %d", code, exitInterrupted)
			}
			if !strings.Contains(r.seen.String(), "Interrupted.") {
				t.Errorf("shown was %q", r.seen.String())
			}
			group := -r.cmd.Process.Pid
			if err := syscall.Kill(group, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("a process is left: %v", err)
			}
		})
	}
}
