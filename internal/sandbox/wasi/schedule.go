package wasi

import (
	"cmp"
	"slices"
	"time"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// A scheduler runs tasks as coroutines: each has a goroutine of its own, of
// which exactly one runs at any time, the one that has the turn. It keeps the
// turn until it ends or would have to wait. So nothing here needs a lock, and
// the order is the same each time.
type scheduler struct {
	clock   Clock
	current *task
	tasks   []*task // that have not ended, the oldest first
	lastID  uint64
	waits   uint64 // how many there have been
}

// A task is what takes turns.
type task struct {
	id      uint64
	turn    chan struct{} // receives the turn
	waiting *waiting      // nil: it can go on

	killer    *task // gets the turn when this one has ended
	doomed    bool  // it is to end when it has the turn
	exit      uint32
	unwinding bool

	// Threads of one process share what each has to find as it left it: what
	// these keep and bring back. They are nil if there is nothing of the kind.
	leave, enter func()
}

// waiting is what a task waits for: whatever comes first.
type waiting struct {
	ready func() bool // or nil
	stdin Waiter      // or nil
	timed bool
	due   time.Duration // if timed: when, as Clock.Elapsed counts

	number   uint64
	passed   bool // due has come
	hopeless bool // nothing of it will ever come
}

// first makes the caller the first task.
func (c *scheduler) first() *task {
	c.current = c.newTask()
	return c.current
}

// newTask makes a task.
func (c *scheduler) newTask() *task {
	c.lastID++
	t := &task{id: c.lastID, turn: make(chan struct{}, 1)}
	c.tasks = append(c.tasks, t)
	return t
}

// start gives a new task the turn.
func (c *scheduler) start(t *task, run func()) {
	go func() {
		<-t.turn
		run()
		c.tasks = slices.DeleteFunc(c.tasks, func(other *task) bool { return other == t })
		next := t.killer
		if next == nil {
			next = c.next()
		}
		c.current = next
		next.turn <- struct{}{}
	}()
	c.give(t)
}

// give gives the turn to t and returns when the caller has it again. If the
// caller was killed meanwhile, it panics with an *Exit instead.
func (c *scheduler) give(t *task) {
	me := c.current
	if t == me {
		return
	}
	if me.leave != nil {
		me.leave()
	}
	c.current = t
	t.turn <- struct{}{}
	<-me.turn
	if me.doomed && !me.unwinding {
		me.unwinding = true
		panic(&Exit{me.exit})
	}
	if me.enter != nil {
		me.enter()
	}
}

// kill ends another task.
func (c *scheduler) kill(t *task) {
	t.killer, t.doomed = c.current, true
	c.give(t)
}

// yield lets the others go on until each has to wait or has had its turn.
func (c *scheduler) yield() {
	if len(c.tasks) > 1 && !c.current.unwinding {
		c.give(c.next())
	}
}

// wait lets the others go on until what w says has come. If nobody can go on
// any more, it fails with EDEADLK for the task that has begun to wait last.
func (c *scheduler) wait(w *waiting) errno.Errno {
	me := c.current
	if me.unwinding {
		return errno.EINTR
	}
	c.waits++
	w.number = c.waits
	me.waiting = w
	c.give(c.next())
	me.waiting = nil
	if w.hopeless {
		return errno.EDEADLK
	}
	return errno.OK
}

// next returns who gets the turn: of those that can go on the one that comes
// after the current one, in a circle. While there is none, time passes.
func (c *scheduler) next() *task {
	for {
		from := slices.IndexFunc(c.tasks, func(t *task) bool { return t.id > c.current.id })
		from = max(0, from)
		for i := range c.tasks {
			if t := c.tasks[(from+i)%len(c.tasks)]; c.ready(t) {
				return t
			}
		}
		if !c.pass() {
			last := slices.MaxFunc(c.tasks, func(a, b *task) int { return cmp.Compare(a.waiting.number, b.waiting.number) })
			last.waiting.hopeless = true
			return last
		}
	}
}

// ready reports whether a task can go on.
func (c *scheduler) ready(t *task) bool {
	w := t.waiting
	switch {
	case w == nil, w.passed, w.stdin != nil && w.stdin.Wait(0):
		return true
	case w.timed && w.due <= c.clock.Peek():
		w.passed = true
		return true
	}
	return w.ready != nil && w.ready()
}

// pass lets time pass, with all tasks waiting, until the first thing that is
// due or comes from outside. It returns false if nothing ever will.
func (c *scheduler) pass() bool {
	var first *waiting
	var stdin Waiter
	for _, t := range c.tasks {
		if w := t.waiting; w.timed && (first == nil || w.due < first.due) {
			first = w
		}
		if stdin == nil {
			stdin = t.waiting.stdin
		}
	}
	if first == nil {
		return stdin != nil && stdin.Wait(-1)
	}
	if stdin != nil && stdin.Wait(int64(max(0, first.due-c.clock.Peek()))) {
		return true
	}
	c.clock.Sleep(first.due - c.clock.Peek())
	first.passed = true
	return true
}
