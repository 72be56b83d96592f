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
// All that a guest can observe is a function of its inputs, unless the
// configuration says otherwise: the clock only moves when it is read or slept
// on, random bytes come from a fixed seed, and nothing waits for anything
// outside. A call that could only be ended by another thread, of which there
// are none, fails with EDEADLK.
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

	// Terminal tells which of the three standard streams are terminals.
	Terminal [3]bool

	Clock   Clock // nil: a VirtualClock
	MaxOpen int   // descriptors open at any one time
}

// A System is what one guest's calls act on. It is not safe for concurrent
// use.
type System struct {
	fs       *vfs.FS
	args     []string
	env      []string
	clock    Clock
	random   *rand.ChaCha8
	fds      []*description // nil: closed
	maxOpen  int
	exceeded string
	locks    map[*vfs.Node][]*description

	linker    Linker // nil: no modules can be opened
	linkError string // what dlerror has to tell
}

// seed starts the random stream of every guest. Any value would do as well.
var seed = [32]byte([]byte("cowasm: every guest's random seed"[:32]))

// New returns a System for a guest that has not started yet.
func New(c Config) *System {
	s := &System{
		fs:      c.FS,
		args:    c.Args,
		env:     c.Env,
		clock:   c.Clock,
		random:  rand.NewChaCha8(seed),
		maxOpen: c.MaxOpen,
		locks:   map[*vfs.Node][]*description{},
	}
	if s.clock == nil {
		s.clock = &VirtualClock{}
	}
	stdin := c.Stdin
	if stdin == nil {
		stdin = eof{}
	}
	root, _ := s.fs.Open(s.fs.Root(), "/", vfs.Directory)
	s.fds = []*description{
		{refs: 1, channel: &input{stdin}, terminal: c.Terminal[0], read: true},
		{refs: 1, channel: &output{c.Stdout}, terminal: c.Terminal[1], write: true},
		{refs: 1, channel: &output{c.Stderr}, terminal: c.Terminal[2], write: true},
		{refs: 1, node: root, preopen: true, read: true},
	}
	return s
}

// Exceeded names the limit that the guest ran into, or is empty.
func (s *System) Exceeded() string { return s.exceeded }

// An Exit is the panic value by which the proc_exit call leaves the guest.
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
