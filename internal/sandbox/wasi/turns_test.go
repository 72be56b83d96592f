package wasi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// TestPipeline sends more through pipes than they hold, both ways at once.
func TestPipeline(t *testing.T) {
	const size = 1 << 20
	s := newStage(t, map[string]actor{
		// Writes what it reads, twice.
		"double": func(g *guest) uint32 {
			for {
				g.vector("", 10000)
				if r := g.call("fd_read", 0, vecAt, 1, resultAt); r != 0 {
					return uint32(-r)
				}
				n := int(le.Uint32(g.memory[resultAt:]))
				if n == 0 {
					return 0
				}
				text := string(g.memory[dataAt : dataAt+n])
				g.write(1, text, n)
				g.write(1, text, n)
			}
		},
		"source": func(g *guest) uint32 {
			for i := 0; i < size; i += 1000 {
				g.write(1, strings.Repeat(fmt.Sprint(i/1000%10), 1000), 1000)
			}
			return 0
		},
	})
	g := s.first
	inR, inW := g.pair("pipe")
	outR, outW := g.pair("pipe")
	g.spawn("source", inW, 1)
	g.want(0, "fd_close", inW)
	g.spawn("double", inR, 0, outW, 1)
	g.want(0, "fd_close", inR)
	g.want(0, "fd_close", outW)
	total := 0
	for {
		g.vector("", 30000)
		g.want(0, "fd_read", outR, vecAt, 1, resultAt)
		n := int(le.Uint32(g.memory[resultAt:]))
		if total += n; n == 0 {
			break
		}
	}
	if want := 2 * ((size + 999) / 1000 * 1000); total != want {
		t.Errorf("%d bytes came, want %d", total, want)
	}
	for _, want := range []string{"43: 0", "44: 0", errno.ECHILD.Error()} {
		if got := g.wait(-1, 0); got != want {
			t.Errorf("wait: %s, want %s", got, want)
		}
	}
}

// TestDialogue has two processes talk, through pipes and through a socket.
func TestDialogue(t *testing.T) {
	var s *stage
	s = newStage(t, map[string]actor{"echo": func(g *guest) uint32 {
		for {
			g.vector("", 100)
			g.want(0, "fd_read", 0, vecAt, 1, resultAt)
			n := int(le.Uint32(g.memory[resultAt:]))
			if n == 0 {
				s.note("bye")
				return 0
			}
			word := string(g.memory[dataAt : dataAt+n])
			s.note("heard %s", word)
			g.write(1, strings.ToUpper(word), n)
		}
	}})
	g := s.first
	talk := func(r, w uint64) {
		for _, word := range []string{"one", "two"} {
			g.write(w, word, 3)
			s.note("said %s", word)
			g.read(r, 10, strings.ToUpper(word))
		}
		g.want(0, "fd_close", w)
		g.wait(-1, 0)
		s.said("said one", "heard one", "said two", "heard two", "bye")
	}
	inR, inW := g.pair("pipe")
	outR, outW := g.pair("pipe")
	g.spawn("echo", inR, 0, outW, 1)
	talk(outR, inW)
	x, y := g.pair("socketpair")
	g.spawn("echo", y, 0, y, 1)
	g.want(0, "fd_close", y)
	talk(x, x)
}

// TestAtomicWrites has processes write to the same pipe, which is nearly full.
func TestAtomicWrites(t *testing.T) {
	letter := func(c string) actor {
		return func(g *guest) uint32 {
			for range 40 {
				g.write(1, strings.Repeat(c, 4000), 4000)
			}
			return 0
		}
	}
	s := newStage(t, map[string]actor{"a": letter("a"), "b": letter("b")})
	g := s.first
	r, w := g.pair("pipe")
	g.spawn("a", w, 1)
	g.spawn("b", w, 1)
	g.want(0, "fd_close", w)
	var text strings.Builder
	for {
		g.vector("", 777)
		g.want(0, "fd_read", r, vecAt, 1, resultAt)
		n := le.Uint32(g.memory[resultAt:])
		if n == 0 {
			break
		}
		text.Write(g.memory[dataAt : dataAt+n])
	}
	got := text.String()
	if len(got) != 2*40*4000 {
		t.Errorf("%d bytes came", len(got))
	}
	for ; len(got) >= 4000; got = got[4000:] {
		if strings.Trim(got[:4000], got[:1]) != "" {
			t.Fatal("what was written at once did not come at once")
		}
	}
}

func TestDeadlock(t *testing.T) {
	var s *stage
	s = newStage(t, map[string]actor{
		"reader": func(g *guest) uint32 {
			g.vector("", 1)
			s.note("%d reads: %v", g.sys.pid, errno.Errno(-g.call("fd_read", 0, vecAt, 1, resultAt)))
			return 0
		},
		"writer": func(g *guest) uint32 {
			n := 0
			for g.vector("", 1<<14); g.call("fd_write", 1, vecAt, 1, resultAt) == 0; g.vector("", 1<<14) {
				n += int(le.Uint32(g.memory[resultAt:]))
			}
			s.note("%d bytes were written", n)
			return 0
		},
	})
	g := s.first
	// Each waits for the other: the one that was last is told.
	r, w := g.pair("pipe")
	g.spawn("reader", r, 0)
	s.note("%s", g.wait(43, 0))
	g.spawn("reader", r, 0)
	s.note("%s", g.wait(44, 0))
	s.said(errno.EDEADLK.Error(), errno.EDEADLK.Error())
	// The end of a process can be what leaves the others without hope.
	g.write(w, "x", 1)
	s.note("%s", g.wait(43, 0))
	s.said("43 reads: success", "43: 0")
	g.want(0, "fd_close", w)
	s.note("%s", g.wait(-1, 0))
	s.said("44 reads: success", "44: 0")
	// A writer that nobody reads from, while it waits for nobody else, is as if
	// it was alone: the pipe takes more.
	_, w = g.pair("pipe")
	g.spawn("writer", w, 1)
	s.note("%s", g.wait(-1, 0))
	s.note("%s", g.wait(-1, 0))
	s.said(errno.EDEADLK.Error(), errno.EDEADLK.Error())
}

// TestTime has processes sleep: time passes when all of them wait.
func TestTime(t *testing.T) {
	const second = 1000000000
	var s *stage
	s = newStage(t, map[string]actor{
		"long":  func(g *guest) uint32 { g.poll([4]uint64{0, 1, 3 * second}); s.note("long"); return 0 },
		"short": func(g *guest) uint32 { g.poll([4]uint64{0, 1, second}); s.note("short"); return 0 },
		"writes": func(g *guest) uint32 {
			g.poll([4]uint64{0, 1, second})
			g.write(1, "x", 1)
			return 0
		},
		"looks": func(g *guest) uint32 {
			s.note("%s", g.poll([4]uint64{eventFdRead, 0}, [4]uint64{0, 1, 2 * second}))
			s.note("%s", g.poll([4]uint64{eventFdRead, 0}, [4]uint64{0, 1, 0}))
			return 0
		},
	})
	g := s.first
	g.spawn("long")
	g.spawn("short")
	s.note("waits")
	g.wait(43, 0)
	s.note("%v", g.sys.clock.Peek().Seconds() > 3 && g.sys.clock.Peek().Seconds() < 3.1)
	s.said("waits", "short", "long", "true")

	r, w := g.pair("pipe")
	g.spawn("looks", r, 0)
	g.spawn("writes", w, 1)
	g.wait(45, 0)
	s.said("100:0:1:1:0 ", "100:0:1:1:0 101:0:0:0:0 ")
}

// TestSharedFiles has processes lock a file.
func TestSharedFiles(t *testing.T) {
	const exclusive, nonblock, unlock = 2, 4, 8
	var s *stage
	s = newStage(t, map[string]actor{"locks": func(g *guest) uint32 {
		fd := g.open("f")
		g.want(0, "flock", fd, exclusive)
		s.note("has it")
		return 0
	}})
	g := s.first
	fd := g.open("f")
	g.want(0, "flock", fd, exclusive)
	g.spawn("locks")
	s.note("gives it up")
	g.want(0, "flock", fd, unlock)
	g.wait(-1, 0)
	g.want(0, "flock", fd, exclusive|nonblock)
	s.said("gives it up", "has it")
}

// TestOrder has processes take turns in each way there is, and compares what
// happens with what happened the first time.
func TestOrder(t *testing.T) {
	var first []string
	for range 5 {
		var s *stage
		s = newStage(t, map[string]actor{"busy": func(g *guest) uint32 {
			for i := range 3 {
				s.note("%d %d", g.sys.pid, i)
				switch i {
				case 0:
					g.call("sched_yield")
				case 1:
					g.poll([4]uint64{0, 1, uint64(g.sys.pid % 3 * 1000)})
				}
			}
			return 0
		}})
		for range 6 {
			s.first.spawn("busy")
		}
		for s.first.wait(-1, 0) != errno.ECHILD.Error() {
		}
		if first == nil {
			first = s.log
		}
		s.said(first...)
	}
	if len(first) != 18 {
		t.Errorf("%q", first)
	}
}
