package wasi

import (
	"path"
	"strings"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/tree"
)

// maxCommand bounds the bytes of arguments and environment together, as Linux
// does.
const maxCommand = 2 << 20

// workingDirectory is the variable that tells a program where it is, since WASI
// has no working directory.
const workingDirectory = "PWD"

// spawn is spawn(path*, len, argv*, len, env*, len, cwd*, len, fds*, count) ->
// pid.
func spawn(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	if s.launcher == nil {
		return 0, errno.ENOSYS
	}
	p, err := text(m, a[0], a[1])
	if err != errno.OK {
		return 0, err
	}
	if a[3]+a[5] > maxCommand {
		return 0, errno.E2BIG
	}
	args, err := stringList(m, a[2], a[3])
	if err != errno.OK {
		return 0, err
	}
	env, err := stringList(m, a[4], a[5])
	if err != errno.OK {
		return 0, err
	}
	cwd, err := text(m, a[6], a[7])
	if err != errno.OK {
		return 0, err
	}
	if len(args) == 0 || !path.IsAbs(cwd) || strings.Contains(cwd, "\x00") {
		return 0, errno.EINVAL
	}
	dir, err := s.fs.Lookup(s.fs.Root(), cwd, true)
	if err != errno.OK {
		return 0, err
	}
	if dir.Stat().Kind != tree.Dir {
		return 0, errno.ENOTDIR
	}
	fds, err := s.inherited(m, a[8], a[9])
	if err != errno.OK {
		return 0, err
	}
	if p != "" && !path.IsAbs(p) {
		p = strings.TrimSuffix(cwd, "/") + "/" + p
	}
	return s.spawn(command{path: p, args: args, env: WithWorkingDirectory(env, cwd), fds: fds})
}

// WithWorkingDirectory returns an environment that tells a program where it is.
// The directory is absolute.
func WithWorkingDirectory(env []string, dir string) []string {
	list := make([]string, 0, len(env)+1)
	for _, v := range env {
		if name, _, _ := strings.Cut(v, "="); name != workingDirectory {
			list = append(list, v)
		}
	}
	return append(list, workingDirectory+"="+dir)
}

// stringList decodes strings that each end with a NUL.
func stringList(m Memory, ptr, n uint64) ([]string, errno.Errno) {
	block, err := text(m, ptr, n)
	if err != errno.OK || n == 0 {
		return nil, err
	}
	if block[n-1] != 0 {
		return nil, errno.EINVAL
	}
	return strings.Split(block[:n-1], "\x00"), errno.OK
}

// inherited decodes an array of n pairs of descriptors, of the caller and of
// the process that it spawns, and returns what the latter gets.
func (s *System) inherited(m Memory, ptr, n uint64) ([]*description, errno.Errno) {
	if n > uint64(s.maxOpen) {
		return nil, errno.EINVAL
	}
	pairs, err := view(m, ptr, 8*n)
	if err != errno.OK {
		return nil, err
	}
	fds := make([]*description, rootDescriptor)
	for ; len(pairs) > 0; pairs = pairs[8:] {
		d, err := s.get(uint64(le.Uint32(pairs)))
		if err != errno.OK {
			return nil, err
		}
		to := le.Uint32(pairs[4:])
		if d.preopen && to == rootDescriptor {
			continue // it has that anyway
		}
		for uint64(len(fds)) <= uint64(to) && int(to) < s.maxOpen {
			fds = append(fds, nil)
		}
		if int(to) >= len(fds) {
			return nil, errno.EBADF
		}
		if to == rootDescriptor || fds[to] != nil {
			return nil, errno.EINVAL
		}
		fds[to] = d
	}
	return fds, errno.OK
}

// wait is wait(pid, status*, options) -> pid.
func wait(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	const noHang = 1
	if a[2]&^noHang != 0 {
		return 0, errno.EINVAL
	}
	status, err := view(m, a[1], 4)
	if err != errno.OK {
		return 0, err
	}
	child, err := s.awaitChild(int32(a[0]), a[2] != noHang)
	if err != errno.OK || child == nil {
		return 0, err
	}
	le.PutUint32(status, child.status)
	return child.pid, errno.OK
}

// kill is kill(pid, signal).
func kill(s *System, _ Memory, a []uint64) (uint32, errno.Errno) {
	const lastSignal = 64
	if a[1] > lastSignal {
		return 0, errno.EINVAL
	}
	for _, child := range s.children {
		if uint64(child.pid) == a[0] {
			if a[1] != 0 && !child.ended {
				child.kill(uint32(a[1]))
			}
			return 0, errno.OK
		}
	}
	return 0, errno.ESRCH
}

// getpid is getpid() -> pid.
func getpid(s *System, _ Memory, _ []uint64) (uint32, errno.Errno) { return s.pid, errno.OK }

// getppid is getppid() -> pid.
func getppid(s *System, _ Memory, _ []uint64) (uint32, errno.Errno) {
	if s.parent == nil {
		return noPID, errno.OK
	}
	return s.parent.pid, errno.OK
}
