package wasi

import (
	"testing"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// TestClock says how time passes: by readings and by sleeping only.
func TestClock(t *testing.T) {
	g := newGuest(t)
	now := func(id uint64) uint64 {
		t.Helper()
		g.want(0, "clock_time_get", id, 0, resultAt)
		return le.Uint64(g.memory[resultAt:])
	}
	if got, want := now(0), uint64(Start+Step); got != want {
		t.Errorf("the first reading is %d, want %d", got, want)
	}
	if got, want := now(1), uint64(2*Step); got != want {
		t.Errorf("the second reading is %d, want %d", got, want)
	}
	before := now(1)
	g.poll([4]uint64{0, 1, 1e9, 0})
	if got, want := now(1)-before, uint64(1e9+2*Step); got != want {
		t.Errorf("sleeping for a second took %d, want %d", got, want)
	}
	deadline := now(0) + 5e9
	g.poll([4]uint64{0, 0, deadline, 1})
	if got, want := now(0), deadline+uint64(Step); got != want {
		t.Errorf("after sleeping until a time it is %d, want %d", got, want)
	}
	g.poll([4]uint64{0, 1, 1<<64 - 1, 0})
	g.poll([4]uint64{0, 1, 1<<64 - 1, 0})
	if end := now(1); end > 1<<63 {
		t.Errorf("after for ever it is %d", end)
	}
	g.want(fails(errno.EINVAL), "clock_time_get", 4, 0, resultAt)
}
