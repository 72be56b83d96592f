package wasi

import (
	"fmt"
	"io"
	"slices"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
)

const (
	maxProcesses = 64 // that have not ended
	maxDepth     = 16 // processes, each of which spawned the next

	// firstPID is the number of the first process: what wasi-libc says that
	// every process has.
	firstPID = 42
	// noPID is the number of a parent that is not among the processes.
	noPID = 1
)

// A group is what the processes share that come from the same guest.
type group struct {
	scheduler
	fs       *vfs.FS
	launcher Launcher
	maxOpen  int
	locks    map[*vfs.Node][]*description
	exceeded string
	lastPID  uint32
	running  int // processes that have not ended
	pause    func()
	calls    uint
}

// callsPerPause is how many calls there are from one pause to the next.
const callsPerPause = 1 << 10

// count counts a call.
func (g *group) count() {
	if g.calls++; g.pause != nil && g.calls%callsPerPause == 0 {
		g.pause()
	}
}

// A process is a System's place among others.
type process struct {
	pid      uint32
	depth    int
	task     *task     // of its first thread
	parent   *System   // nil: there is none, or it has ended
	children []*System // that have not been waited for, the oldest first

	ended  bool
	killed uint32 // the signal by which, or 0
	status uint32 // once it has ended, as wait tells it
}

// A Launcher loads the programs of processes that guests spawn.
type Launcher interface {
	// Launch loads the program at an absolute path for a process with the
	// given arguments and environment. It counts as read.
	Launch(path string, args, env []string) (Image, errno.Errno)
}

// An Image is a program that was loaded for a process.
type Image struct {
	Args []string // of the process: others than it was given if that is a script

	// Run runs the process to its end. Stderr is that of the process, for what
	// its program cannot tell any more. It returns a status as wait tells it.
	Run func(s *System, stderr io.Writer) (status uint32)
}

// ExitStatus returns the status of a process that has exited.
func ExitStatus(code uint32) uint32 { return code & 0xff << 8 }

// Aborted is the status of a process that trapped.
const Aborted = 6

// A command is what a new process is to be.
type command struct {
	path string
	args []string
	env  []string
	fds  []*description
}

// spawn starts a process, and returns when that has to wait or has ended.
func (s *System) spawn(c command) (pid uint32, err errno.Errno) {
	switch {
	case s.running >= maxProcesses:
		s.exceeded = fmt.Sprintf("%d processes", maxProcesses)
		return 0, errno.EAGAIN
	case s.depth+1 >= maxDepth:
		s.exceeded = fmt.Sprintf("%d processes inside each other", maxDepth)
		return 0, errno.EAGAIN
	}
	image, err := s.launcher.Launch(c.path, c.args, c.env)
	if err != errno.OK {
		return 0, err
	}
	child := s.newSystem(image.Args, c.env, c.fds)
	child.depth, child.parent = s.depth+1, s
	s.children = append(s.children, child)
	child.task = s.newTask()
	s.running++
	s.start(child.task, func() {
		child.finish(image.Run(child, stderr{child}))
	})
	return child.pid, errno.OK
}

// finish ends a process: what it had open is closed, those that it spawned go on
// without a parent.
func (s *System) finish(status uint32) {
	for fd, d := range s.fds {
		if d != nil {
			s.drop(uint64(fd))
		}
	}
	for _, child := range s.children {
		child.parent = nil
	}
	if s.killed != 0 {
		status = s.killed
	}
	s.ended, s.status = true, status
	s.running--
}

// kill ends another process.
func (s *System) kill(signal uint32) {
	s.killed = signal
	s.group.kill(s.task)
}

// End ends all processes but the first, which has ended by itself.
func (s *System) End() {
	for len(s.tasks) > 1 {
		s.group.kill(s.tasks[1])
	}
}

// awaitChild waits for the end of a process that s spawned, any of them if pid is
// -1. It returns nil if none has ended and patient is not set.
func (s *System) awaitChild(pid int32, patient bool) (*System, errno.Errno) {
	among := func(c *System) bool { return pid == -1 || pid == int32(c.pid) }
	if !slices.ContainsFunc(s.children, among) {
		return nil, errno.ECHILD
	}
	ended := func() int {
		return slices.IndexFunc(s.children, func(c *System) bool { return c.ended && among(c) })
	}
	if ended() < 0 {
		if !patient {
			s.yield()
		} else if err := s.wait(&waiting{ready: func() bool { return ended() >= 0 }}); err != errno.OK {
			return nil, err
		}
	}
	at := ended()
	if at < 0 {
		return nil, errno.OK
	}
	child := s.children[at]
	s.children = slices.Delete(s.children, at, at+1)
	return child, errno.OK
}
