package wasi

import (
	"slices"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// dup is dup(fd) -> fd.
func dup(s *System, _ Memory, a []uint64) (uint32, errno.Errno) {
	d, err := s.get(a[0])
	if err != errno.OK {
		return 0, err
	}
	return s.add(d)
}

// dup2 is dup2(old, new) -> new.
func dup2(s *System, _ Memory, a []uint64) (uint32, errno.Errno) {
	d, err := s.get(a[0])
	switch {
	case err != errno.OK:
		return 0, err
	case a[1] >= uint64(s.maxOpen):
		return 0, errno.EBADF
	case a[0] == a[1]:
		return uint32(a[1]), errno.OK
	}
	for uint64(len(s.fds)) <= a[1] {
		s.fds = append(s.fds, nil)
	}
	d.refs++
	if s.fds[a[1]] != nil {
		s.drop(a[1])
	}
	s.fds[a[1]] = d
	return uint32(a[1]), errno.OK
}

// makePipe is pipe(fds*).
func makePipe(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	p := newPipe()
	return 0, s.addPair(m, a[0],
		&description{channel: readEnd{p}, read: true},
		&description{channel: writeEnd{p}, write: true})
}

// socketpair is socketpair(fds*).
func socketpair(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	x, y := newPipe(), newPipe()
	return 0, s.addPair(m, a[0],
		&description{channel: &socket{in: x, out: y}, read: true, write: true},
		&description{channel: &socket{in: y, out: x}, read: true, write: true})
}

// addPair opens two descriptors, or none, and writes their numbers to memory.
func (s *System) addPair(m Memory, ptr uint64, x, y *description) errno.Errno {
	b, err := view(m, ptr, 8)
	if err != errno.OK {
		return err
	}
	first, err := s.add(x)
	if err != errno.OK {
		return err
	}
	second, err := s.add(y)
	if err != errno.OK {
		s.drop(uint64(first))
		return err
	}
	le.PutUint32(b, first)
	le.PutUint32(b[4:], second)
	return errno.OK
}

// flock is flock(fd, operation): a lock on the file, held by the description,
// so shared by dup and given up when its last descriptor is closed.
func flock(s *System, _ Memory, a []uint64) (uint32, errno.Errno) {
	const shared, exclusive, nonblock, unlock = 1, 2, 4, 8
	d, err := s.get(a[0])
	if err != errno.OK {
		return 0, err
	}
	if d.node == nil {
		return 0, errno.EBADF
	}
	op := a[1] &^ nonblock
	switch op {
	case unlock:
		s.unlock(d)
		return 0, errno.OK
	case shared, exclusive:
	default:
		return 0, errno.EINVAL
	}
	free := func() bool {
		return !slices.ContainsFunc(s.locks[d.node], func(holder *description) bool {
			return holder != d && (op == exclusive || holder.locked == exclusive)
		})
	}
	if !free() && a[1]&nonblock != 0 {
		s.yield()
		if !free() {
			return 0, errno.EAGAIN
		}
	}
	if !free() {
		if err := s.wait(&waiting{ready: free}); err != errno.OK {
			return 0, err
		}
	}
	s.unlock(d)
	d.locked = op
	s.locks[d.node] = append(s.locks[d.node], d)
	return 0, errno.OK
}

// unlock gives up the lock that d holds, if it does.
func (s *System) unlock(d *description) {
	if d.locked == 0 {
		return
	}
	d.locked = 0
	holders := slices.DeleteFunc(s.locks[d.node], func(h *description) bool { return h == d })
	if s.locks[d.node] = holders; len(holders) == 0 {
		delete(s.locks, d.node)
	}
}
