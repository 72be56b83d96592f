package wasi

import (
	"encoding/binary"
	"fmt"
	"io"
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// An actor is the program of a process, written in Go. It returns its exit
// code.
type actor func(g *guest) uint32

// A stage is a launcher of actors, which share a log.
type stage struct {
	first  *guest
	actors map[string]actor
	log    []string
}

// newStage returns a guest that can spawn the given actors.
func newStage(t *testing.T, actors map[string]actor) *stage {
	t.Helper()
	s := &stage{first: newGuest(t), actors: actors}
	s.first.sys.launcher = s
	t.Cleanup(s.first.sys.End)
	return s
}

// Launch implements Launcher.
func (s *stage) Launch(p string, args, _ []string) (Image, errno.Errno) {
	act, ok := s.actors[path.Base(p)]
	if !ok {
		return Image{}, errno.ENOENT
	}
	return Image{Args: args, Run: func(sys *System, stderr io.Writer) (status uint32) {
		g := &guest{t: s.first.t, sys: sys, memory: make(buffer, 1<<16), functions: s.first.functions}
		defer func() {
			switch e := recover().(type) {
			case nil:
			case *Exit:
				status = ExitStatus(e.Code)
			default:
				fmt.Fprintf(stderr, "%v", e)
				status = Aborted
			}
		}()
		return ExitStatus(act(g))
	}}, errno.OK
}

func (s *stage) note(format string, args ...any) { s.log = append(s.log, fmt.Sprintf(format, args...)) }

// said checks the log, and empties it.
func (s *stage) said(want ...string) {
	s.first.t.Helper()
	if diff := cmp.Diff(want, s.log); diff != "" {
		s.first.t.Errorf("what was said (-want +got):\n%s", diff)
	}
	s.log = nil
}

const commandAt = 16 << 10 // a place in memory

// spawn spawns an actor with some descriptors, as pairs, and returns its number.
func (g *guest) spawn(program string, fds ...uint64) int {
	g.t.Helper()
	return g.spawnCommand(program, program+"\x00", "A=1\x00PWD=/x\x00B=2\x00", "/", fds...)
}

func (g *guest) spawnCommand(program, argv, env, cwd string, fds ...uint64) int {
	g.t.Helper()
	var params []uint64
	at := uint64(commandAt)
	for _, s := range []string{program, argv, env, cwd} {
		copy(g.memory[at:], s)
		params = append(params, at, uint64(len(s)))
		at += uint64(len(s))
	}
	params = append(params, at, uint64(len(fds)/2))
	for _, fd := range fds {
		binary.LittleEndian.PutUint32(g.memory[at:], uint32(fd))
		at += 4
	}
	return g.call("spawn", params...)
}

// wait waits for a process and tells how it ended.
func (g *guest) wait(pid, options int) string {
	g.t.Helper()
	r := g.call("wait", uint64(uint32(pid)), resultAt, uint64(options))
	if r <= 0 {
		return errno.Errno(-r).Error()
	}
	return fmt.Sprintf("%d: %x", r, le.Uint32(g.memory[resultAt:]))
}

const noHang = 1

func TestSpawn(t *testing.T) {
	var s *stage
	s = newStage(t, map[string]actor{
		"child": func(g *guest) uint32 {
			s.note("%d of %d: %q %q", g.call("getpid"), g.call("getppid"), g.sys.args, g.sys.env)
			g.write(7, "out", 3)
			for _, fd := range []uint64{0, 1, 2, 4, 5, 6, 8} {
				g.want(fails(errno.EBADF), "fd_fdstat_get", fd, resultAt)
			}
			g.want(0, "fd_prestat_get", 3, resultAt)
			return 3
		},
		"nested": func(g *guest) uint32 {
			pid := g.spawn("child", 7, 7)
			s.note("nested: %s", g.wait(pid, 0))
			return 0x1ff
		},
	})
	g := s.first
	if got := fmt.Sprint(g.call("getpid"), g.call("getppid")); got != "42 1" {
		t.Errorf("the first process is %s", got)
	}
	fd := g.open("file")
	pid := g.spawnCommand("child", "a\x00b c\x00\x00", "A=1\x00PWD=/x\x00B=2\x00", "/.", fd, 7)
	s.said(`43 of 42: ["a" "b c" ""] ["A=1" "B=2" "PWD=/."]`)
	s.note("%s", g.wait(pid, 0))
	s.note("%s", g.wait(pid, 0))
	s.said("43: 300", errno.ECHILD.Error())

	g.spawn("nested", fd, 7)
	s.note("%s", g.wait(-1, noHang))
	s.said(`45 of 44: ["child"] ["A=1" "B=2" "PWD=/"]`, "nested: 45: 300", "44: ff00")
	g.want(0, "fd_seek", fd, 0, 0, resultAt)
	g.read(fd, 10, "outout") // the offset is shared
}

func TestSpawnRefused(t *testing.T) {
	s := newStage(t, map[string]actor{"child": func(*guest) uint32 { return 0 }})
	g := s.first
	g.open("file")
	const env = "A=1\x00"
	for _, test := range []struct {
		what                    string
		program, argv, env, cwd string
		fds                     []uint64
		want                    errno.Errno
	}{
		{"no such program", "none", "x\x00", env, "/", nil, errno.ENOENT},
		{"no arguments", "child", "", env, "/", nil, errno.EINVAL},
		{"arguments that do not end", "child", "x\x00y", env, "/", nil, errno.EINVAL},
		{"environment that does not end", "child", "x\x00", "A=1", "/", nil, errno.EINVAL},
		{"no working directory", "child", "x\x00", env, "", nil, errno.EINVAL},
		{"relative working directory", "child", "x\x00", env, "tmp", nil, errno.EINVAL},
		{"missing working directory", "child", "x\x00", env, "/none", nil, errno.ENOENT},
		{"file as working directory", "child", "x\x00", env, "/file", nil, errno.ENOTDIR},
		{"descriptor that is closed", "child", "x\x00", env, "/", []uint64{42, 1}, errno.EBADF},
		{"descriptor beyond all", "child", "x\x00", env, "/", []uint64{1, 16}, errno.EBADF},
		{"descriptor beyond counting", "child", "x\x00", env, "/", []uint64{1, 1<<32 - 1}, errno.EBADF},
		{"descriptor twice", "child", "x\x00", env, "/", []uint64{1, 1, 2, 1}, errno.EINVAL},
		{"descriptor of the root", "child", "x\x00", env, "/", []uint64{1, 3}, errno.EINVAL},
		{"many descriptors", "child", "x\x00", env, "/", make([]uint64, 34), errno.EINVAL},
	} {
		if got := g.spawnCommand(test.program, test.argv, test.env, test.cwd, test.fds...); got != fails(test.want) {
			t.Errorf("%s: %v, want %v", test.what, errno.Errno(-got), test.want)
		}
	}
	good := []uint64{commandAt, 5, commandAt + 5, 2, 0, 0, commandAt + 7, 1, 0, 0}
	copy(g.memory[commandAt:], "childx\x00/")
	for i, want := range []errno.Errno{errno.EFAULT, errno.OK, errno.EFAULT, errno.OK, errno.OK, errno.OK, errno.EFAULT, errno.OK, errno.OK, errno.OK} {
		if want != errno.OK {
			bad := append([]uint64(nil), good...)
			bad[i] = 1<<32 - 1
			g.want(fails(want), "spawn", bad...)
		}
	}
	giant := append([]uint64(nil), good...)
	giant[3] = 1<<32 - 1
	g.want(fails(errno.E2BIG), "spawn", giant...)
	giant[3], giant[5] = 1<<20, 1<<20+1
	g.want(fails(errno.E2BIG), "spawn", giant...)
	giant[5] = 1 << 20
	g.want(fails(errno.EFAULT), "spawn", giant...)
	g.want(43, "spawn", good...) // nothing was left behind
	g.want(fails(errno.EFAULT), "wait", 43, 1<<16-3, 0)
	g.want(fails(errno.EINVAL), "wait", 43, resultAt, 2)
	g.want(43, "wait", 43, resultAt, 0)
	g.want(fails(errno.ECHILD), "wait", 43, resultAt, 0)

	g.sys.launcher = nil
	g.want(fails(errno.ENOSYS), "spawn", good...)
}

func TestWait(t *testing.T) {
	var s *stage
	s = newStage(t, map[string]actor{
		"reader": func(g *guest) uint32 {
			g.read(0, 1, "x")
			return 0
		},
		"orphan": func(g *guest) uint32 {
			g.read(0, 1, "")
			s.note("the parent of %d is %d", g.call("getpid"), g.call("getppid"))
			return 0
		},
		"parent": func(g *guest) uint32 { g.spawn("orphan", 0, 0); return 5 },
		"exits":  func(g *guest) uint32 { g.call("proc_exit", 300); return 0 },
		"traps":  func(g *guest) uint32 { g.want(2, "dup2", 1, 2); panic("no reason") },
	})
	g := s.first
	if got := g.wait(-1, 0); got != errno.ECHILD.Error() {
		t.Errorf("nobody is waited for: %s", got)
	}
	r, w := g.pair("pipe")
	g.spawn("reader", r, 0)
	g.spawn("reader", r, 0)
	s.note("%s", g.wait(-1, noHang))
	g.write(w, "x", 1)
	s.note("%s", g.wait(44, noHang))
	s.note("%s", g.wait(-1, noHang))
	s.note("%s", g.wait(45, noHang))
	g.write(w, "x", 1)
	s.note("%s", g.wait(44, 0))
	none := errno.OK.Error()
	s.said(none, none, "43: 0", errno.ECHILD.Error(), "44: 0")

	g.spawn("parent", r, 0)
	s.note("%s", g.wait(-1, 0))
	g.want(0, "fd_close", w)
	s.note("%s", g.wait(-1, 0)) // not the orphan
	g.call("sched_yield")
	s.said("45: 500", errno.ECHILD.Error(), "the parent of 46 is 1")

	r, w = g.pair("pipe")
	g.spawn("exits")
	g.spawn("traps", w, 1)
	s.note("%s", g.wait(48, 0))
	s.note("%s", g.wait(47, 0))
	s.said("48: 6", "47: 2c00")
	g.read(r, 100, "no reason")
}

func TestKill(t *testing.T) {
	const term, kill = 15, 9
	var s *stage
	s = newStage(t, map[string]actor{
		"reader": func(g *guest) uint32 {
			defer s.note("%d ends", g.sys.pid)
			g.read(0, 1, "never")
			s.note("not reached")
			return 0
		},
		"parent": func(g *guest) uint32 { g.spawn("reader", 0, 0); g.read(0, 1, ""); return 0 },
		"short":  func(g *guest) uint32 { return 0 },
	})
	g := s.first
	r, w := g.pair("pipe")
	outR, outW := g.pair("pipe")
	g.spawn("reader", r, 0, outW, 1)
	g.want(0, "fd_close", outW)
	g.want(fails(errno.ESRCH), "kill", 99, term)
	g.want(fails(errno.ESRCH), "kill", 42, term)
	g.want(fails(errno.EINVAL), "kill", 43, 65)
	g.want(0, "kill", 43, 0)
	s.said()
	g.want(0, "kill", 43, term)
	s.said("43 ends")
	g.read(outR, 1, "") // what it had open is closed
	g.want(0, "kill", 43, kill)
	s.note("%s", g.wait(43, 0))
	s.said("43: f")
	g.want(fails(errno.ESRCH), "kill", 43, kill)

	g.spawn("short")
	g.want(0, "kill", 44, kill) // it has ended by itself
	s.note("%s", g.wait(44, 0))
	s.said("44: 0")

	g.spawn("parent", r, 0)
	g.want(fails(errno.ESRCH), "kill", 46, kill) // a grandchild
	g.want(0, "kill", 45, kill)
	g.want(0, "fd_close", r)
	s.note("%s", g.wait(-1, 0))
	g.sys.End() // the orphan reads still
	s.said("45: 9", "46 ends")
	g.write(w, "x", fails(errno.EPIPE))
}

func TestLimits(t *testing.T) {
	var deepest int
	s := newStage(t, map[string]actor{
		"waits": func(g *guest) uint32 { g.read(0, 1, "never"); return 0 },
		"deeper": func(g *guest) uint32 {
			deepest = max(deepest, g.sys.depth)
			if r := g.spawn("deeper"); r < 0 {
				return uint32(-r)
			}
			g.wait(-1, 0)
			return le.Uint32(g.memory[resultAt:]) >> 8
		},
	})
	g := s.first
	g.spawn("deeper")
	if got := g.wait(-1, 0); got != fmt.Sprintf("43: %x", uint32(errno.EAGAIN)<<8) || deepest != 15 {
		t.Errorf("it got %d deep and ended with %s", deepest, got)
	}
	if got := g.sys.Exceeded(); got != "16 processes inside each other" {
		t.Errorf("the limit is %q", got)
	}
	r, _ := g.pair("pipe")
	n := 0
	for ; g.spawn("waits", r, 0) > 0; n++ {
	}
	if n != 63 || g.sys.Exceeded() != "64 processes" {
		t.Errorf("%d processes were spawned; the limit is %q", n, g.sys.Exceeded())
	}
}
