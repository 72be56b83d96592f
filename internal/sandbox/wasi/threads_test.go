package wasi

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// A loom is an Instance whose threads are written in Go: the argument of a
// thread is its number in the list.
type loom struct {
	*guest
	threads []func() error
	stack   counter
	log     []string
}

type counter uint64

func (c *counter) Get() uint64  { return uint64(*c) }
func (c *counter) Set(v uint64) { *c = counter(v) }

func newLoom(t *testing.T) *loom {
	t.Helper()
	l := &loom{guest: newGuest(t)}
	l.sys.AllowThreads(l)
	return l
}

func (l *loom) note(format string, args ...any) { l.log = append(l.log, fmt.Sprintf(format, args...)) }

// start starts a thread.
func (l *loom) start(run func() error) {
	l.t.Helper()
	l.threads = append(l.threads, run)
	if got := l.call("thread", uint64(len(l.threads)-1), 1000); got <= 0 {
		l.t.Errorf("thread is %v", errno.Errno(-got))
	}
}

// end ends the process and checks what was noted, and why it ended.
func (l *loom) end(failure error, want ...string) {
	l.t.Helper()
	if err := l.sys.EndThreads(); !errors.Is(err, failure) {
		l.t.Errorf("the process ended by %v, want %v", err, failure)
	}
	if diff := cmp.Diff(want, l.log); diff != "" {
		l.t.Errorf("what was noted (-want +got):\n%s", diff)
	}
}

// CallThread implements Instance.
func (l *loom) CallThread(argument uint32) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = r.(error)
		}
	}()
	return l.threads[argument]()
}

// StackPointer implements Instance.
func (l *loom) StackPointer() Register { return &l.stack }

const forever = 1<<64 - 1

func TestThreads(t *testing.T) {
	l := newLoom(t)
	for i := range 3 {
		l.start(func() error {
			l.note("%d begins", i)
			l.want(0, "park", 8, forever)
			l.note("%d goes on", i)
			return nil
		})
	}
	l.want(2, "unpark", 8, 2)
	l.want(0, "unpark", 9, 1)
	l.want(fails(errno.ETIMEDOUT), "park", 9, 1000)
	l.note("first")
	l.want(1, "unpark", 8, 7)
	l.want(fails(errno.EDEADLK), "park", 9, forever)
	l.end(nil, "0 begins", "1 begins", "2 begins", "0 goes on", "1 goes on", "first", "2 goes on")
}

// TestThreadState tests that each thread finds what it left.
func TestThreadState(t *testing.T) {
	l := newLoom(t)
	state := func() string { return fmt.Sprintf("%d %d", l.stack, l.memory[100:104]) }
	l.stack = 7
	l.want(0, "thread_local", 100, 2)
	l.want(0, "thread_local", 103, 1)
	l.want(fails(errno.EFAULT), "thread_local", 1<<16-1, 2)
	copy(l.memory[100:], []byte{1, 2, 3, 4})
	l.start(func() error {
		l.note("%s", state())
		l.stack = 900
		copy(l.memory[100:], []byte{5, 6, 7, 8})
		l.want(0, "park", 8, forever)
		l.note("%s", state())
		return nil
	})
	l.note("%s", state())
	l.want(fails(errno.EBUSY), "thread_local", 100, 1)
	l.want(1, "unpark", 8, 1)
	l.want(fails(errno.ETIMEDOUT), "park", 9, 1000)
	l.note("%s", state())
	l.end(nil, "1000 [0 0 3 0]", "7 [1 2 7 4]", "900 [5 6 7 8]", "7 [1 2 7 4]")
}

func TestThreadEnds(t *testing.T) {
	trap := errors.New("a trap")
	for _, test := range []struct {
		name    string
		run     func(l *loom) error
		exit    uint32 // of the process, if it ends by that
		failure error
		goesOn  bool
	}{
		{name: "returning", run: func(*loom) error { return nil }, goesOn: true},
		{name: "ending", run: func(l *loom) error { l.call("thread_exit"); return trap }, goesOn: true},
		{name: "exiting", run: func(l *loom) error { l.call("proc_exit", 3); return trap }, exit: 3},
		{name: "trapping", run: func(*loom) error { return trap }, failure: trap},
	} {
		l := newLoom(t)
		l.start(func() error {
			l.want(0, "park", 1, forever) // until it is ended
			return errors.New("it went on")
		})
		goesOn, exit := func() (goesOn bool, exit uint32) {
			defer func() {
				if e, ok := recover().(*Exit); ok {
					exit = e.Code
				}
			}()
			l.start(func() error { return test.run(l) })
			return true, 0
		}()
		if goesOn != test.goesOn || exit != test.exit {
			t.Errorf("%s: the first thread goes on: %t, exits with %d", test.name, goesOn, exit)
		}
		l.end(test.failure)
	}
	newLoom(t).want(fails(errno.EINVAL), "thread_exit")
}

func TestThreadsRefused(t *testing.T) {
	g := newGuest(t)
	g.want(fails(errno.ENOTSUP), "thread", 0, 0)
	l := newLoom(t)
	l.want(0, "thread_local", 0, 1)
	l.want(fails(errno.ENOMEM), "thread_local", 0, 1<<16)
	for range maxThreads {
		l.start(func() error { l.call("park", 1, forever); return nil })
	}
	l.want(fails(errno.EAGAIN), "thread", 0, 0)
	if got, want := l.sys.Exceeded(), fmt.Sprintf("%d threads", maxThreads); got != want {
		t.Errorf("exceeded is %q, want %q", got, want)
	}
	l.end(nil)
}
