// Package wasi is the host side of WASI preview 1 for one guest: descriptors,
// clock, random source, arguments and environment, over a vfs.FS that is its
// only preopened directory, "/", descriptor 3.
//
// It is written against a small memory interface and knows no engine;
// Functions lists what an engine must offer to a guest as imports. The calls
// are those of
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md, with
// the meaning that wasi-libc gives them where that text is silent. A second
// module of imports, "cowasm", holds what preview 1 lacks; see Functions.
//
// A guest may spawn others, and have threads. All are coroutines: exactly one
// runs at any time, until it ends or has to wait for another one, in an order
// that is the same each time.
//
// All that a guest can observe is a function of its inputs, unless the
// configuration says otherwise: the clock only moves when it is read or slept
// on or a file is changed, random bytes come from a fixed seed, and nothing
// waits for anything outside. A call that nobody is left to end fails with
// EDEADLK.
package wasi

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
)

// Memory is the linear memory of a guest.
type Memory interface {
	// Read returns a view of n bytes at offset, valid until the memory grows,
	// or false if they are not all inside the memory. Writing to the view
	// writes to the memory.
	Read(offset, n uint32) ([]byte, bool)
}

// Config is what a guest is started with.
type Config struct {
	FS   *vfs.FS
	Args []string
	Env  []string // "NAME=value"

	Stdin  io.Reader // nil: empty
	Stdout io.Writer
	Stderr io.Writer

	// Terminal has, for each of the three standard streams that is a terminal,
	// its control.
	Terminal [3]Terminal

	Clock   Clock // nil: a VirtualClock
	MaxOpen int   // descriptors open at any one time, of each process

	Launcher Launcher // nil: the guest cannot spawn any others

	// Pause, if it is not nil, is called now and then by a guest's calls, so
	// while none of the processes and threads is in code of its own.
	Pause func()
}

// A System is what the calls of one process act on, a guest or one that it
// spawned. It is not safe for concurrent use.
type System struct {
	*group
	process
	args   []string
	env    []string
	random *rand.ChaCha8
	fds    []*description // nil: closed
	threads

	linker    Linker // nil: no modules can be opened
	linkError string // what dlerror has to tell
}

// seed starts the random stream of every process. Any value would do as well.
var seed = [32]byte([]byte("cowasm: every guest's random seed"[:32]))

// New returns a System for a guest that has not started yet.
func New(c Config) *System {
	g := &group{
		scheduler: scheduler{clock: c.Clock},
		fs:        c.FS,
		launcher:  c.Launcher,
		maxOpen:   c.MaxOpen,
		pause:     c.Pause,
		locks:     map[*vfs.Node][]*description{},
		running:   1,
	}
	if g.clock == nil {
		g.clock = &VirtualClock{}
	}
	g.fs.SetClock(func() uint64 { return uint64(g.clock.Now()) })
	stdin := c.Stdin
	if stdin == nil {
		stdin = eof{}
	}
	s := g.newSystem(c.Args, c.Env, []*description{
		{channel: &input{stdin}, terminal: c.Terminal[0], read: true},
		{channel: &output{c.Stdout}, terminal: c.Terminal[1], write: true},
		{channel: &output{c.Stderr}, terminal: c.Terminal[2], write: true},
	})
	s.task = g.first()
	return s
}

// newSystem returns a System with the given descriptors, to which it adds that
// of the root.
func (g *group) newSystem(args, env []string, fds []*description) *System {
	root, _ := g.fs.Open(g.fs.Root(), rootName, vfs.Directory) // which is one
	for len(fds) <= rootDescriptor {
		fds = append(fds, nil)
	}
	fds[rootDescriptor] = &description{node: root, preopen: true, read: true}
	for _, d := range fds {
		if d != nil {
			d.refs++
		}
	}
	s := &System{group: g, args: args, env: env, random: rand.NewChaCha8(seed), fds: fds}
	g.lastPID++
	s.pid = firstPID + g.lastPID - 1
	return s
}

// Exceeded names the limit that the guest or a process that it spawned ran
// into, or is empty.
func (s *System) Exceeded() string { return s.exceeded }

// Exceed notes that the process ran into a limit that is not kept here.
func (s *System) Exceed(limit string) { s.exceeded = limit }

// An Exit is the panic value by which a process leaves the guest: through the
// proc_exit call, or since it was killed.
type Exit struct{ Code uint32 }

func (e *Exit) Error() string { return fmt.Sprintf("the guest exited with code %d", e.Code) }

// add opens a descriptor, the lowest that is free.
func (s *System) add(d *description) (uint32, errno.Errno) {
	fd, err := s.free()
	if err != errno.OK {
		return 0, err
	}
	d.refs++
	s.fds[fd] = d
	return uint32(fd), errno.OK
}

// free returns the lowest descriptor that is free.
func (s *System) free() (int, errno.Errno) {
	for fd, d := range s.fds {
		if d == nil {
			return fd, errno.OK
		}
	}
	if len(s.fds) >= s.maxOpen {
		s.exceeded = fmt.Sprintf("%d open files", s.maxOpen)
		return 0, errno.EMFILE
	}
	s.fds = append(s.fds, nil)
	return len(s.fds) - 1, errno.OK
}

// get returns what a descriptor stands for.
func (s *System) get(fd uint64) (*description, errno.Errno) {
	if fd < uint64(len(s.fds)) && s.fds[fd] != nil {
		return s.fds[fd], errno.OK
	}
	return nil, errno.EBADF
}

// drop closes a descriptor that is open.
func (s *System) drop(fd uint64) {
	d := s.fds[fd]
	s.fds[fd] = nil
	if d.refs--; d.refs > 0 {
		return
	}
	if d.channel != nil {
		d.channel.close()
		return
	}
	s.unlock(d)
	d.node.Close()
}
