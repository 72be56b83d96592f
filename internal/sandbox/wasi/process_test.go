package wasi

import (
	"encoding/hex"
	"testing"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// TestRandom fixes the random stream: another one is another contract.
func TestRandom(t *testing.T) {
	g := newGuest(t)
	g.want(0, "random_get", dataAt, 8)
	if got := hex.EncodeToString(g.memory[dataAt : dataAt+8]); got != "f2f05888fdb7f856" {
		t.Errorf("the first random bytes are %s", got)
	}
	g.want(fails(errno.EFAULT), "random_get", 1<<16-4, 8)
}

func TestPause(t *testing.T) {
	g := newGuest(t)
	pauses := 0
	g.sys.pause = func() { pauses++ }
	for range 2 * callsPerPause {
		g.want(0, "sched_yield")
	}
	if pauses != 2 {
		t.Errorf("there were %d pauses", pauses)
	}
}

func TestExit(t *testing.T) {
	g := newGuest(t)
	defer func() {
		if e, ok := recover().(*Exit); !ok || e.Code != 7 {
			t.Errorf("the panic value is %v", e)
		}
	}()
	g.call("proc_exit", 7)
}
