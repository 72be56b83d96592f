package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// These tests talk to the Python of this repository, and to packages on it. They
// need what was built of them: it is taken from the user's cache.

// requireBuilt skips a test unless what a target of the repository runs is built
// already: from nothing, that takes minutes.
func requireBuilt(t *testing.T, target string) {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts Python several times")
	}
	cmd := exec.Command("cowasm", "run", "--check_up_to_date", "--offline", "--dir=", target, "--", "-c", "pass")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("%s is not built; run cowasm build %s first\n%s", target, target, lastLine(out))
	}
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// runIn runs a target of the repository in a folder, and returns what it wrote.
func runIn(t *testing.T, folder string, args ...string) string {
	t.Helper()
	cmd := exec.Command("cowasm", append([]string{"run", "--offline", "--dir=" + folder}, args...)...)
	cmd.Dir = filepath.Join("..", "..")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, stderr.String())
	}
	return string(out)
}

// TestRunPython gives Python arguments.
func TestRunPython(t *testing.T) {
	requireBuilt(t, "//packages/ipython")
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "mine.py"), []byte("print('mine', __name__)\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"//toolchains/cpython", "--", "-c", "import os; print(6 * 7, os.getcwd())"}, "42 /work\n"},
		{[]string{"//toolchains/cpython", "--", "-m", "mine"}, "mine __main__\n"},
		{[]string{"//packages/ipython", "--", "-c", "import IPython; print(IPython.__name__)"}, "IPython\n"},
		{[]string{"//packages/ipython", "--", "mine.py"}, "mine __main__\n"},
		{[]string{"//packages/ipython", "--", "-m", "IPython", "--no-banner", "--colors=nocolor", "-c", "6 * 7"}, "Out[0]: 42\n"},
	} {
		if got := runIn(t, folder, test.args...); got != test.want {
			t.Errorf("%q wrote %q, want %q", test.args, got, test.want)
		}
	}
}

// TestRunCython translates a source of the user's, which is in the user's folder
// and so is the result.
func TestRunCython(t *testing.T) {
	requireBuilt(t, "//packages/cython")
	folder := t.TempDir()
	source := "def twice(int x):\n    return 2 * x\n"
	if err := os.WriteFile(filepath.Join(folder, "x.pyx"), []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	runIn(t, folder, "//packages/cython", "--", "-m", "cython", "-3", "x.pyx")
	data, err := os.ReadFile(filepath.Join(folder, "x.c"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte("__pyx_pf_1x_twice")) {
		t.Errorf("x.c has no function twice")
	}
}

// A conversation is a run of cowasm in a terminal.
type conversation struct {
	*terminalRun
	t *testing.T
}

// converse starts a target of the repository in a terminal.
func converse(t *testing.T, target string) *conversation {
	t.Helper()
	r := startInTerminal(t, filepath.Join("..", ".."), 100, 30, "run", "--offline", "--dir="+t.TempDir(), target)
	return &conversation{r, t}
}

// deadline is when a terminal that shows nothing more is given up.
const deadline = 3 * time.Minute

// see waits until the terminal shows text that was not shown before. Control
// sequences do not count.
func (c *conversation) see(want string) {
	c.t.Helper()
	buf := make([]byte, 4096)
	for !strings.Contains(plain(c.seen.String()), want) {
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(c.outside.Fd()), Events: unix.POLLIN}}, int(deadline/time.Millisecond))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if ready == 0 {
			c.t.Fatalf("there is no %q; shown was %q", want, c.seen.String())
		}
		n, err := c.outside.Read(buf)
		if err != nil {
			c.t.Fatalf("before %q: %v; shown was %q", want, err, c.seen.String())
		}
		if bytes.Contains(buf[:n], []byte("\x1b[6n")) {
			c.say("\x1b[1;1R") // it asks where the cursor is
		}
		c.seen.Write(buf[:n])
	}
	c.seen.Reset()
}

// say types text.
func (c *conversation) say(text string) {
	c.t.Helper()
	if _, err := c.outside.WriteString(text); err != nil {
		c.t.Fatal(err)
	}
}

// plain returns what is shown, without control sequences.
func plain(shown string) string {
	var b strings.Builder
	for rest := shown; rest != ""; {
		before, after, found := strings.Cut(rest, "\x1b")
		b.WriteString(before)
		if !found {
			break
		}
		rest = strings.TrimLeft(after, "[?0123456789;")
		if rest != "" {
			rest = rest[1:]
		}
	}
	return b.String()
}

// mode returns the flags of the terminal's lines.
func (c *conversation) mode() uint32 {
	c.t.Helper()
	state, err := unix.IoctlGetTermios(int(c.outside.Fd()), unix.TCGETS)
	if err != nil {
		c.t.Fatal(err)
	}
	return state.Lflag
}

func TestPythonInTerminal(t *testing.T) {
	requireBuilt(t, "//toolchains/cpython")
	c := converse(t, "//toolchains/cpython")
	c.see(">>> ")
	c.say("6 * 7\n")
	c.see("\n42\r\n>>> ")
	c.say("1 / 0\n")
	c.see("ZeroDivisionError: division by zero")
	c.say("import os; tuple(os.get_terminal_size())\n")
	c.see("(100, 30)")
	c.say("exit(3)\n")
	if code := c.finish(t); code != 3 {
		t.Errorf("exit code %d, want 3", code)
	}
}

// TestIPythonInTerminal evaluates, completes and makes a mistake. IPython edits
// lines itself, for which it changes the terminal; in the end that is as before.
func TestIPythonInTerminal(t *testing.T) {
	requireBuilt(t, "//packages/ipython")
	c := converse(t, "//packages/ipython")
	before := c.mode()
	c.see("In [1]: ")
	if c.mode()&unix.ICANON != 0 {
		t.Error("the terminal reads lines")
	}
	c.say("6 * 7\r")
	c.see("Out[1]: 42")
	c.see("In [2]: ")
	c.say("import collections\r")
	c.see("In [3]: ")
	c.say("collections.Ord\t")
	c.see("eredDict") // only what is new is shown
	c.say("(a=1)\r")
	c.see("Out[3]: OrderedDict(")
	c.see("In [4]: ")
	c.say("1 / 0\r")
	c.see("ZeroDivisionError: division by zero")
	c.see("In [5]: ")
	c.say("exit\r")
	if code := c.finish(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if after := c.mode(); after != before {
		t.Errorf("the terminal's mode is %#x, was %#x", after, before)
	}
}
