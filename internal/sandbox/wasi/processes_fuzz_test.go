package wasi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A player is an actor that does what the bytes of a script say. Processes that
// it spawns go on where it is.
type player struct {
	stage  *stage
	script []byte
	steps  int
}

// next returns a number less than n.
func (p *player) next(n int) int {
	if len(p.script) == 0 {
		return 0
	}
	b := p.script[0]
	p.script = p.script[1:]
	return int(b) % n
}

// play does what the script says, with four descriptors: 4 to 7.
func (p *player) play(g *guest) uint32 {
	note := func(what string, result any) {
		p.stage.note("%d %s %v", g.sys.pid, what, result)
	}
	for ; len(p.script) > 0 && p.steps > 0; p.steps-- {
		fd := uint64(4 + p.next(4))
		switch p.next(12) {
		case 0:
			note("spawn", g.spawn("player", 4, 4, 5, 5, 6, 6, 7, 7))
		case 1:
			note("spawn with two", g.spawn("player", 4, 5, 5, 4))
		case 2:
			note("wait", g.wait(-1, 0))
		case 3:
			note("look", g.wait(-1, noHang))
		case 4:
			note("kill", g.call("kill", uint64(43+p.next(4)), 9))
		case 5:
			g.vector("", 1+p.next(3)*30000)
			note("read", g.call("fd_read", fd, vecAt, 1, resultAt))
		case 6, 7:
			g.vector("", 1+p.next(3)*20000)
			note("write", g.call("fd_write", fd, vecAt, 1, resultAt))
		case 8:
			note("poll", g.poll([4]uint64{eventFdRead, fd}, [4]uint64{0, 1, uint64(p.next(3)) * 1000}))
		case 9:
			note("poll for ever", g.poll([4]uint64{eventFdRead, fd}, [4]uint64{eventFdWrite, fd ^ 1}))
		case 10:
			note("close", g.call("fd_close", fd))
		case 11:
			note("exit", 0)
			return 0
		}
	}
	return 0
}

// FuzzProcesses has processes do anything to each other. They must come to an
// end, and do the same again.
func FuzzProcesses(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x05\x00\x00\x02\x01\x06\x00\x03"))
	f.Add([]byte("\x00\x00\x00\x00\x00\x05\x01\x00\x04\x00\x00\x02"))
	f.Add([]byte("\x01\x06\x02\x01\x06\x02\x00\x01\x00\x05\x02\x00\x09\x00\x02"))
	f.Fuzz(func(t *testing.T, script []byte) {
		run := func() string {
			p := &player{script: script, steps: 200}
			s := newStage(t, map[string]actor{"player": p.play})
			p.stage = s
			s.first.pair("pipe")
			s.first.pair("socketpair")
			p.play(s.first)
			s.first.sys.End()
			if n := len(s.first.sys.tasks); n != 1 {
				t.Errorf("%d tasks are left", n)
			}
			return fmt.Sprintln(strings.Join(s.log, "\n"), s.first.sys.clock.Peek())
		}
		if diff := cmp.Diff(run(), run()); diff != "" {
			t.Errorf("it is not the same again:\n%s", diff)
		}
	})
}
