package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/label"
)

// A stage is a display with a clock of its own.
type stage struct {
	*Display
	now time.Time
}

func newStage(o Options) *stage {
	s := &stage{now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
	o.Now = func() time.Time { return s.now }
	s.Display = New(o)
	return s
}

func (s *stage) wait(d time.Duration) { s.now = s.now.Add(d) }

func newLive(columns, rows int) (*stage, *screen) {
	sc := newScreen(columns, rows)
	return newStage(Options{Out: sc, Live: true, Size: func() (int, int) { return sc.columns, sc.rows }}), sc
}

func mustLabel(s string) label.Label {
	l, err := label.Parse(s, "")
	if err != nil {
		panic(err)
	}
	return l
}

func started(id int, owner, progress string) event.ActionStarted {
	return event.ActionStarted{ID: id, Owner: mustLabel(owner), Mnemonic: "CcCompile", Progress: progress}
}

func finished(id int, owner, progress string, took time.Duration) event.ActionFinished {
	return event.ActionFinished{ID: id, Owner: mustLabel(owner), Mnemonic: "CcCompile", Progress: progress, Duration: took}
}

func check(t *testing.T, what, want string, got fmt.Stringer) {
	t.Helper()
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got.String()); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", what, diff)
	}
}

func TestLive(t *testing.T) {
	d, sc := newLive(80, 24)
	d.wait(1200 * time.Millisecond)
	d.refresh()
	check(t, "loading", "Loading and analysing, 1.2s\n", sc)

	d.Emit(event.Analyzed{Targets: 2, Actions: 10})
	for id := range 4 {
		e := finished(id, "//x", "", 0)
		e.Cached = true
		d.Emit(e)
	}
	clang := digest.Of([]byte("clang"))
	d.Emit(event.ModuleCompiling{Path: "bin/clang", Module: clang})
	d.Emit(event.FetchProgress{Name: "pkg:pypi/six@1.17.0", Done: 12_345_678, Total: 34_000_000})
	d.Emit(event.FetchProgress{Name: "zlib.tar.gz", Done: 900, Total: -1})
	d.Emit(started(5, "//x", "compiling a.c"))
	d.wait(4 * time.Second)
	d.Emit(started(6, "//x:y", "compiling b.c"))
	d.refresh()
	check(t, "running", `
[4/10] 5.2s, 2 running, 4 cached
  4.0s  translating bin/clang to machine code (once per machine)
  4.0s  downloading pkg:pypi/six@1.17.0: 12.3 MB of 34.0 MB (36%)
  4.0s  downloading zlib.tar.gz: 900 B
  4.0s  compiling a.c for //x
  0.0s  compiling b.c for //x:y
`, sc)

	d.Emit(event.ModuleCompiled{Module: clang})
	d.Emit(event.FetchProgress{Name: "pkg:pypi/six@1.17.0", Done: 34_000_000, Total: 34_000_000, Ended: true})
	d.Emit(event.FetchProgress{Name: "zlib.tar.gz", Ended: true})
	d.wait(2 * time.Second)
	d.Emit(finished(5, "//x", "compiling a.c", 6*time.Second))
	failure := finished(6, "//x:y", "compiling b.c", 2*time.Second)
	failure.ExitCode = 1
	failure.Stderr = []byte("b.c:1:1: error: \x1b[31mexpected ';'\n    1 | int é\n")
	d.Emit(failure)
	d.Emit(started(7, "//x", "linking x"))
	d.wait(3 * time.Second)
	d.Emit(finished(7, "//x", "linking x", 3*time.Second))
	d.Emit(started(8, "//x", ""))
	d.refresh()
	check(t, "after a failure", `
FAILED //x:y CcCompile: exit code 1
  while compiling b.c
  b.c:1:1: error: \x1b[31mexpected ';'
      1 | int é
[7/10] 10s, about 10s left, 1 running, 4 cached, 1 failed
  0.0s  CcCompile for //x
`, sc)
	d.Println("interrupted")
	d.Stop()
	check(t, "at the end", `
FAILED //x:y CcCompile: exit code 1
  while compiling b.c
  b.c:1:1: error: \x1b[31mexpected ';'
      1 | int é
interrupted

`, sc)
	want := Totals{Actions: 7, Cached: 4, Executed: 3, Failed: 1, Elapsed: 10200 * time.Millisecond}
	if diff := cmp.Diff(want, d.Totals()); diff != "" {
		t.Errorf("totals (-want +got)\n%s", diff)
	}
	if sc.err != nil {
		t.Error(sc.err)
	}
}

// TestSmallTerminal checks that no frame is wider or higher than the terminal,
// whatever its size, and that what was above it stays whole.
func TestSmallTerminal(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {5, 2}, {20, 3}, {40, 5}, {79, 8}, {200, 50}} {
		d, sc := newLive(size[0], size[1])
		d.Emit(event.Analyzed{Targets: 1, Actions: 100})
		for id := range 20 {
			d.Emit(started(id, "//packages/some-package:some_target", "compiling 漢字/é\u0301/with/a/rather/long/path/name.c"))
			d.refresh()
		}
		d.Println("above")
		for id := range 20 {
			d.Emit(finished(id, "//packages/some-package:some_target", "", time.Second))
			d.refresh()
		}
		if height := strings.Count(d.frame, "\n") + 1; height > max(1, size[1]-1) {
			t.Errorf("%v: the frame has %d lines", size, height)
		}
		for i, line := range sc.lines {
			n := 0
			for _, r := range line {
				n += columns(r)
			}
			if n > size[0] && i > 0 {
				t.Errorf("%v: line %q is wider than the terminal", size, string(line))
			}
		}
		d.Stop()
		if got, want := strings.ReplaceAll(sc.String(), "\n", ""), "above"; got != want {
			t.Errorf("%v: what stays is %q, want %q", size, got, want)
		}
		if sc.err != nil {
			t.Errorf("%v: %v", size, sc.err)
		}
	}
}

func TestManyItems(t *testing.T) {
	d, sc := newLive(60, 6)
	d.Emit(event.Analyzed{Targets: 1, Actions: 100})
	for id := range 9 {
		d.Emit(started(id, "//a:b", fmt.Sprintf("step %d", id)))
	}
	d.refresh()
	check(t, "six rows", `
[0/100] 0.0s, 9 running
  0.0s  step 0 for //a:b
  0.0s  step 1 for //a:b
  0.0s  step 2 for //a:b
        and 6 more
`, sc)
}

// TestOneWritePerFrame checks what keeps the display from flickering: a frame
// is one Write, an unchanged one is none.
func TestOneWritePerFrame(t *testing.T) {
	d, sc := newLive(60, 6)
	d.Emit(event.Analyzed{Targets: 1, Actions: 100})
	for id := range 9 {
		d.Emit(started(id, "//a:b", "working"))
		d.Emit(event.Warning{Message: "careful"})
	}
	d.refresh()
	d.refresh()
	if sc.writes != 1 {
		t.Errorf("%d writes, want 1", sc.writes)
	}
}

func TestPlain(t *testing.T) {
	var b bytes.Buffer
	d := newStage(Options{Out: &b, SaveLog: func(event.ActionFinished) (string, error) { return "cowasm-out/logs/1.log", nil }})
	d.Emit(event.Analyzed{Targets: 1, Actions: 5})
	cached := finished(0, "//x", "compiling z.c", 0)
	cached.Cached = true
	d.Emit(cached)
	clang := digest.Of([]byte("clang"))
	d.Emit(event.ModuleCompiling{Path: "bin/clang", Module: clang})
	d.wait(28 * time.Second)
	d.Emit(event.ModuleCompiled{Module: clang})
	d.Emit(event.FetchProgress{Name: "six.tar.gz", Done: 10, Total: 34000})
	d.Emit(event.FetchProgress{Name: "six.tar.gz", Done: 34000, Total: 34000, Ended: true})
	d.Emit(started(1, "//x", "compiling a.c"))
	d.refresh()
	d.wait(time.Minute)
	d.refresh()
	d.wait(5 * time.Second)
	d.refresh()
	d.Emit(finished(1, "//x", "compiling a.c", 65*time.Second))
	talk := finished(2, "//x", "", 1500*time.Millisecond)
	talk.Stdout, talk.Stderr = []byte("hello\n"), []byte("world")
	d.Emit(talk)
	cancelled := finished(3, "//x", "compiling b.c", 0)
	cancelled.Err = fmt.Errorf("compiling: %w", context.Canceled)
	d.Emit(cancelled)
	broken := finished(4, "//x", "", 0)
	broken.Err = errors.New("the program trapped:\nout of bounds memory access")
	broken.Stderr = []byte(strings.Repeat("line\n", 500))
	d.Emit(broken)
	d.Emit(event.TestFinished{Label: mustLabel("//x:test"), Passed: true, Summary: "204 passed, 2 listed", Duration: 12 * time.Second})
	d.Emit(event.TestFinished{Label: mustLabel("//x:old_test"), Passed: true, Cached: true, Summary: "1 passed"})
	d.Emit(event.TestFinished{Label: mustLabel("//x:bad_test"), Summary: "1 failed", Duration: time.Second, Log: "cowasm-out/x/bad_test.log"})
	d.Emit(event.Warning{Label: mustLabel("//x"), Message: "wrote a file that is not declared: tmp/a"})
	d.Stop()
	want := `
translating bin/clang to machine code (once per machine)
translated bin/clang in 28s
downloaded six.tar.gz (34.0 kB)
[1/5] 1 running, the longest for 1m00s: compiling a.c for //x
[2/5] compiling a.c for //x (1m05s)
CcCompile said, CcCompile for //x:
  hello
  world
FAILED //x CcCompile: the program trapped:
  out of bounds memory access
` + strings.Repeat("  line\n", headLines) + `  … 320 lines left out …
` + strings.Repeat("  line\n", tailLines) + `  (the whole output is in cowasm-out/logs/1.log)
PASSED //x:test in 12s: 204 passed, 2 listed
PASSED //x:old_test (cached): 1 passed
FAILED //x:bad_test in 1.0s: 1 failed
  log: cowasm-out/x/bad_test.log
warning: //x: wrote a file that is not declared: tmp/a
`
	check(t, "plain", want, &b)
}

func TestCommands(t *testing.T) {
	var b bytes.Buffer
	d := newStage(Options{Out: &b, Commands: true, VerboseFailures: true})
	start := started(1, "//x", "compiling a.c")
	start.Arguments = []string{"bin/clang", "-DX='y z'", "", "a.c"}
	d.Emit(start)
	e := finished(1, "//x", "compiling a.c", time.Second)
	e.Arguments, e.Key, e.ExitCode = start.Arguments, digest.Of([]byte("key")), 1
	d.Emit(e)
	check(t, "commands", `
compiling a.c for //x: bin/clang '-DX='\''y z'\''' '' a.c
FAILED //x CcCompile: exit code 1
  while compiling a.c
  command: bin/clang '-DX='\''y z'\''' '' a.c
  key: 2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683/3
`, &b)
}

func TestColour(t *testing.T) {
	var b bytes.Buffer
	d := newStage(Options{Out: &b, Colour: true})
	d.Emit(event.Warning{Message: "careful"})
	check(t, "colour", "\x1b[33mwarning:\x1b[m careful\n", &b)
}

// TestStartStop runs the real loop, for the race detector.
func TestStartStop(t *testing.T) {
	d := New(Options{Out: &bytes.Buffer{}, Live: true, Size: func() (int, int) { return 80, 24 }})
	d.Start()
	for id := range 100 {
		d.Emit(started(id, "//x", "working"))
		d.Emit(finished(id, "//x", "working", time.Millisecond))
	}
	d.Stop()
	if got := d.Totals().Executed; got != 100 {
		t.Errorf("%d actions, want 100", got)
	}
}
