//go:build unix

package wasm

import (
	"errors"
	"math"
	"time"

	"golang.org/x/sys/unix"
)

// Wait implements wasi.Waiter. An error counts as something to read: reading
// will tell it.
func (s stdin) Wait(nanoseconds int64) bool {
	deadline := time.Now().Add(time.Duration(nanoseconds))
	for {
		timeout := -1
		if nanoseconds >= 0 {
			// Rounded up, so as not to come back too early.
			left := (time.Until(deadline) + time.Millisecond - 1) / time.Millisecond
			timeout = int(min(max(left, 0), math.MaxInt32))
		}
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(s.Fd()), Events: unix.POLLIN}}, timeout)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		return err != nil || n > 0
	}
}
