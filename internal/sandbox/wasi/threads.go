package wasi

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

const (
	maxThreads = 1024    // of a process, beside its first
	maxLocal   = 1 << 16 // bytes of which each thread has its own
)

// A Register is a global variable of an instance.
type Register interface {
	Get() uint64
	Set(v uint64)
}

// An Instance is the program of a process while it runs.
type Instance interface {
	// CallThread calls the function that threads start with, and returns when
	// it has. The error is what the call was left by: an *Exit, or a trap.
	CallThread(argument uint32) error

	// StackPointer returns the register that each thread has a value of its
	// own for.
	StackPointer() Register
}

// threads are what a process has beside its first thread.
type threads struct {
	instance Instance // nil: the program cannot have threads
	others   []*task  // that have not ended
	locals   []local
	parked   []*parking // those that wait, the first first
	failure  error      // why the process cannot go on
}

// A local is memory of which each thread has its own.
type local struct{ address, size uint64 }

// A parking is a thread that waits to be woken.
type parking struct {
	address uint64
	woken   bool
}

// errThreadExit is the panic value by which a thread ends itself.
var errThreadExit = errors.New("the thread ends")

// AllowThreads lets the process have threads, in an instance of its program,
// which may be nil.
func (s *System) AllowThreads(i Instance) { s.instance = i }

// EndThreads ends all threads but the first, which has ended by itself. It
// returns the trap by which another one has ended the process, if that was it.
func (s *System) EndThreads() error {
	for len(s.others) > 0 {
		s.group.kill(s.others[0])
	}
	return s.failure
}

// thread is thread(argument, stack) -> number.
func thread(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	if s.instance == nil {
		return 0, errno.ENOTSUP
	}
	if len(s.others) >= maxThreads {
		s.exceeded = fmt.Sprintf("%d threads", maxThreads)
		return 0, errno.EAGAIN
	}
	if s.task.leave == nil {
		s.share(s.task, m)
	}
	t := s.newTask()
	s.share(t, m)
	s.others = append(s.others, t)
	argument, stack := uint32(a[0]), a[1]
	s.start(t, func() {
		s.instance.StackPointer().Set(stack)
		for _, l := range s.locals {
			if b, err := view(m, l.address, l.size); err == errno.OK {
				clear(b)
			}
		}
		s.endThread(t, s.instance.CallThread(argument))
	})
	return uint32(t.id), errno.OK
}

// share makes a task keep its own of what threads have each.
func (s *System) share(t *task, m Memory) {
	var stack uint64
	var saved []byte
	t.leave = func() {
		stack, saved = s.instance.StackPointer().Get(), saved[:0]
		for _, l := range s.locals {
			if b, err := view(m, l.address, l.size); err == errno.OK {
				saved = append(saved, b...)
			}
		}
	}
	t.enter = func() {
		s.instance.StackPointer().Set(stack)
		rest := saved
		for _, l := range s.locals {
			if b, err := view(m, l.address, l.size); err == errno.OK {
				rest = rest[copy(b, rest):]
			}
		}
	}
}

// endThread ends a thread whose call has returned, and with it the process if
// that is what the call was left by.
func (s *System) endThread(t *task, err error) {
	s.others = slices.DeleteFunc(s.others, func(other *task) bool { return other == t })
	var exit *Exit
	switch {
	case err == nil || t.unwinding || errors.Is(err, errThreadExit):
		return
	case errors.As(err, &exit):
		s.task.exit = exit.Code
	default:
		s.failure = err
	}
	s.task.doomed, t.killer = true, s.task
}

// threadExit is thread_exit(), which does not return.
func threadExit(s *System, _ Memory, _ []uint64) (uint32, errno.Errno) {
	if s.current == s.task {
		return 0, errno.EINVAL // that ends by exiting
	}
	panic(errThreadExit)
}

// threadLocal is thread_local(address, size).
func threadLocal(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	if _, err := view(m, a[0], a[1]); err != errno.OK {
		return 0, err
	}
	total := a[1]
	for _, l := range s.locals {
		total += l.size
	}
	switch {
	case total > maxLocal:
		return 0, errno.ENOMEM
	case len(s.others) > 0:
		return 0, errno.EBUSY // which have not kept it
	}
	s.locals = append(s.locals, local{a[0], a[1]})
	return 0, errno.OK
}

// park is park(address, nanoseconds).
func park(s *System, _ Memory, a []uint64) (uint32, errno.Errno) {
	p := &parking{address: a[0]}
	w := &waiting{ready: func() bool { return p.woken }}
	if nanoseconds := int64(a[1]); nanoseconds >= 0 {
		w.timed, w.due = true, s.clock.Peek()+time.Duration(min(nanoseconds, 1<<62))
	}
	s.parked = append(s.parked, p)
	err := s.wait(w)
	s.parked = slices.DeleteFunc(s.parked, func(other *parking) bool { return other == p })
	switch {
	case p.woken:
		return 0, errno.OK
	case err != errno.OK:
		return 0, err
	}
	return 0, errno.ETIMEDOUT
}

// unpark is unpark(address, count) -> how many were woken.
func unpark(s *System, _ Memory, a []uint64) (uint32, errno.Errno) {
	woken := uint32(0)
	for _, p := range s.parked {
		if uint64(woken) == a[1] {
			break
		}
		if p.address == a[0] && !p.woken {
			p.woken = true
			woken++
		}
	}
	return woken, errno.OK
}
