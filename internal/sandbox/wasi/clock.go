package wasi

import (
	"time"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// A Clock is a guest's sense of time.
type Clock interface {
	// Now returns the time since 1970.
	Now() time.Duration

	// Elapsed returns the time since the guest started.
	Elapsed() time.Duration

	// Peek returns the time since the guest started, as the host reads it:
	// unlike Elapsed, it cannot make a difference to a guest.
	Peek() time.Duration

	// Sleep lets time pass.
	Sleep(time.Duration)
}

const (
	// Start is when every guest with a VirtualClock starts: 2022-01-01 UTC. It
	// is later than the time of any file, so that nothing comes from the
	// future, and recent enough for programs that doubt older clocks.
	Start = 1640995200 * time.Second

	// Step is how far a VirtualClock moves at each reading. Programs that
	// measure see small times, and a loop that waits for a deadline by reading
	// the clock ends about as soon as it would in real time.
	Step = 10 * time.Microsecond
)

// A VirtualClock moves by Step at each reading, which every change of a file is
// too, and by sleeping, which takes no time. Its zero value stands at Start.
type VirtualClock struct{ elapsed time.Duration }

// Now returns the time since 1970.
func (c *VirtualClock) Now() time.Duration { return Start + c.Elapsed() }

// Elapsed returns the time since the start, and moves the clock.
func (c *VirtualClock) Elapsed() time.Duration {
	c.elapsed += Step
	return c.elapsed
}

// Peek returns the time since the start.
func (c *VirtualClock) Peek() time.Duration { return c.elapsed }

// Sleep moves the clock.
func (c *VirtualClock) Sleep(d time.Duration) {
	if c.elapsed += d; c.elapsed < 0 {
		c.elapsed = 1<<63 - 1 - Start
	}
}

// A RealClock is the host's.
type RealClock struct{ started time.Time }

// NewRealClock returns a clock for a guest that starts now.
func NewRealClock() *RealClock { return &RealClock{time.Now()} }

// Now returns the time since 1970.
func (c *RealClock) Now() time.Duration { return time.Duration(time.Now().UnixNano()) }

// Elapsed returns the time since the guest started.
func (c *RealClock) Elapsed() time.Duration { return time.Since(c.started) }

// Peek returns the time since the guest started.
func (c *RealClock) Peek() time.Duration { return c.Elapsed() }

// Sleep waits.
func (c *RealClock) Sleep(d time.Duration) { time.Sleep(d) }

const clockRealtime, clockMax = 0, 3

// now reads the clock with the given number. The clocks of processor time run
// with the monotonic one: a guest that runs is all that uses the processor.
func (s *System) now(id uint32) time.Duration {
	if id == clockRealtime {
		return s.clock.Now()
	}
	return s.clock.Elapsed()
}

// clockTimeGet is clock_time_get(id, precision, time*).
func clockTimeGet(s *System, m Memory, a []uint64) errno.Errno {
	if a[0] > clockMax {
		return errno.EINVAL
	}
	return put64(m, a[2], uint64(s.now(uint32(a[0]))))
}

// clockResGet is clock_res_get(id, resolution*).
func clockResGet(_ *System, m Memory, a []uint64) errno.Errno {
	if a[0] > clockMax {
		return errno.EINVAL
	}
	return put64(m, a[1], uint64(time.Microsecond))
}
