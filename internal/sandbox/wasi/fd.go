package wasi

import (
	"math"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
)

// fdClose is fd_close(fd).
func fdClose(s *System, _ Memory, a []uint64) errno.Errno {
	if _, err := s.get(a[0]); err != errno.OK {
		return err
	}
	s.drop(a[0])
	return errno.OK
}

// fdRenumber is fd_renumber(from, to): to becomes what from was.
func fdRenumber(s *System, _ Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	if err != errno.OK {
		return err
	}
	if _, err := s.get(a[1]); err != errno.OK {
		return err
	}
	if a[0] == a[1] {
		return errno.OK
	}
	s.drop(a[1])
	s.fds[a[0]], s.fds[a[1]] = nil, d
	return errno.OK
}

// fdRead is fd_read(fd, iovecs, count, read*).
func fdRead(s *System, m Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	if err != errno.OK {
		return err
	}
	n, err := vectors(m, a[1], a[2], func(p []byte, done int64) (int, errno.Errno) {
		if done > 0 && d.channel != nil && !d.channel.readable().ready {
			return 0, errno.OK // what there is was read
		}
		return s.read(d, p, d.offset+done)
	})
	if err != errno.OK {
		return err
	}
	d.offset += int64(n)
	return put32(m, a[3], n)
}

// fdPread is fd_pread(fd, iovecs, count, offset, read*).
func fdPread(s *System, m Memory, a []uint64) errno.Errno {
	d, off, err := s.positioned(a)
	if err != errno.OK {
		return err
	}
	n, err := vectors(m, a[1], a[2], func(p []byte, done int64) (int, errno.Errno) {
		return d.readAt(p, off+done)
	})
	if err != errno.OK {
		return err
	}
	return put32(m, a[4], n)
}

// fdWrite is fd_write(fd, iovecs, count, written*).
func fdWrite(s *System, m Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	if err != errno.OK {
		return err
	}
	if d.node != nil && d.write && d.flags&flagAppend != 0 {
		d.offset = d.size()
	}
	n, err := vectors(m, a[1], a[2], func(p []byte, done int64) (int, errno.Errno) {
		return s.write(d, p, d.offset+done)
	})
	if err != errno.OK {
		return err
	}
	d.offset += int64(n)
	return put32(m, a[3], n)
}

// fdPwrite is fd_pwrite(fd, iovecs, count, offset, written*).
func fdPwrite(s *System, m Memory, a []uint64) errno.Errno {
	d, off, err := s.positioned(a)
	if err != errno.OK {
		return err
	}
	if d.flags&flagAppend != 0 {
		off = d.size()
	}
	n, err := vectors(m, a[1], a[2], func(p []byte, done int64) (int, errno.Errno) {
		return d.writeAt(p, off+done)
	})
	if err != errno.OK {
		return err
	}
	return put32(m, a[4], n)
}

// positioned decodes the descriptor and the offset of pread and pwrite.
func (s *System) positioned(a []uint64) (*description, int64, errno.Errno) {
	d, err := s.get(a[0])
	switch {
	case err != errno.OK:
		return nil, 0, err
	case d.channel != nil:
		return nil, 0, errno.ESPIPE
	case a[3] > math.MaxInt64-1<<32:
		return nil, 0, errno.EINVAL
	}
	return d, int64(a[3]), errno.OK
}

// fdSeek is fd_seek(fd, offset, whence, new*).
func fdSeek(s *System, m Memory, a []uint64) errno.Errno {
	d, err := s.file(a[0])
	if err != errno.OK {
		return err
	}
	var from int64
	switch a[2] {
	case 0:
	case 1:
		from = d.offset
	case 2:
		from = d.size()
	default:
		return errno.EINVAL
	}
	to := from + int64(a[1])
	if to < 0 || to > math.MaxInt64-1<<32 {
		return errno.EINVAL
	}
	d.offset = to
	return put64(m, a[3], uint64(to))
}

// fdTell is fd_tell(fd, offset*).
func fdTell(s *System, m Memory, a []uint64) errno.Errno {
	d, err := s.file(a[0])
	if err != errno.OK {
		return err
	}
	return put64(m, a[1], uint64(d.offset))
}

// file returns the open file of a descriptor.
func (s *System) file(fd uint64) (*description, errno.Errno) {
	d, err := s.get(fd)
	switch {
	case err != errno.OK:
		return nil, err
	case d.channel != nil:
		return nil, errno.ESPIPE
	case d.isDir():
		return nil, errno.EISDIR
	}
	return d, errno.OK
}

// fdSync is fd_sync(fd) and fd_datasync(fd). What was written is there.
func fdSync(s *System, _ Memory, a []uint64) errno.Errno {
	_, err := s.get(a[0])
	return err
}

// fdAdvise is fd_advise(fd, offset, len, advice).
func fdAdvise(s *System, _ Memory, a []uint64) errno.Errno {
	if _, err := s.file(a[0]); err != errno.OK {
		return err
	}
	if a[3] > 5 {
		return errno.EINVAL
	}
	return errno.OK
}

// fdAllocate is fd_allocate(fd, offset, len).
func fdAllocate(s *System, _ Memory, a []uint64) errno.Errno {
	d, err := s.file(a[0])
	end := a[1] + a[2]
	switch {
	case err != errno.OK:
		return err
	case !d.write:
		return errno.EBADF
	case a[2] == 0 || end < a[1] || end > math.MaxInt64:
		return errno.EINVAL
	case int64(end) <= d.size():
		return errno.OK
	}
	return d.node.Truncate(int64(end))
}

// fdFdstatGet is fd_fdstat_get(fd, fdstat*).
func fdFdstatGet(s *System, m Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	if err != errno.OK {
		return err
	}
	b, err := view(m, a[1], 24)
	if err != errno.OK {
		return err
	}
	clear(b)
	b[0] = d.filetype()
	le.PutUint16(b[2:], d.flags)
	base, inheriting := d.rights()
	le.PutUint64(b[8:], base)
	le.PutUint64(b[16:], inheriting)
	return errno.OK
}

// fdFdstatSetFlags is fd_fdstat_set_flags(fd, fdflags).
func fdFdstatSetFlags(s *System, _ Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	if err != errno.OK {
		return err
	}
	if a[1] > allFlags {
		return errno.EINVAL
	}
	d.flags = uint16(a[1])
	return errno.OK
}

// fdFdstatSetRights is fd_fdstat_set_rights(fd, base, inheriting). Rights can
// only be given up.
func fdFdstatSetRights(s *System, _ Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	if err != errno.OK {
		return err
	}
	base, inheriting := d.rights()
	if a[1]&^base != 0 || a[2]&^inheriting != 0 {
		return errno.ENOTCAPABLE
	}
	if d.node != nil && !d.isDir() {
		d.read = d.read && a[1]&rightRead != 0
		d.write = d.write && a[1]&rightWrite != 0
	}
	return errno.OK
}

// fdFilestatGet is fd_filestat_get(fd, filestat*).
func fdFilestatGet(s *System, m Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	if err != errno.OK {
		return err
	}
	if d.node != nil {
		return putFilestat(m, a[1], d.node)
	}
	b, err := view(m, a[1], filestatSize)
	if err != errno.OK {
		return err
	}
	clear(b)
	b[16] = d.filetype()
	le.PutUint64(b[24:], 1)
	for at := 40; at < filestatSize; at += 8 {
		le.PutUint64(b[at:], vfs.FileTime)
	}
	return errno.OK
}

const (
	filestatSize = 64
	device       = 1 // of all files
)

func putFilestat(m Memory, ptr uint64, n *vfs.Node) errno.Errno {
	b, err := view(m, ptr, filestatSize)
	if err != errno.OK {
		return err
	}
	st := n.Stat()
	clear(b)
	le.PutUint64(b, device)
	le.PutUint64(b[8:], st.Ino)
	b[16] = filetype(st.Kind, st.Null)
	le.PutUint64(b[24:], st.Links)
	le.PutUint64(b[32:], uint64(st.Size))
	le.PutUint64(b[40:], st.Atim)
	le.PutUint64(b[48:], st.Mtim)
	le.PutUint64(b[56:], vfs.FileTime)
	return errno.OK
}

// fdFilestatSetSize is fd_filestat_set_size(fd, size).
func fdFilestatSetSize(s *System, _ Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	switch {
	case err != errno.OK:
		return err
	case d.node == nil || !d.write || a[1] > math.MaxInt64:
		return errno.EINVAL
	}
	return d.node.Truncate(int64(a[1]))
}

// fdFilestatSetTimes is fd_filestat_set_times(fd, atim, mtim, fstflags).
func fdFilestatSetTimes(s *System, _ Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	if err != errno.OK {
		return err
	}
	if d.node == nil {
		return errno.EINVAL
	}
	return s.setTimes(d.node, a[1], a[2], a[3])
}

// setTimes sets times as the fstflags say.
func (s *System) setTimes(n *vfs.Node, atim, mtim, flags uint64) errno.Errno {
	const setAtim, nowAtim, setMtim, nowMtim = 1, 2, 4, 8
	now := uint64(s.clock.Now())
	pick := func(value, set, useNow uint64) *uint64 {
		switch {
		case flags&set != 0:
			return &value
		case flags&useNow != 0:
			return &now
		}
		return nil
	}
	if flags&(setAtim|nowAtim) == setAtim|nowAtim || flags&(setMtim|nowMtim) == setMtim|nowMtim || flags > 15 {
		return errno.EINVAL
	}
	return n.SetTimes(pick(atim, setAtim, nowAtim), pick(mtim, setMtim, nowMtim))
}

// fdPrestatGet is fd_prestat_get(fd, prestat*).
func fdPrestatGet(s *System, m Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	if err != errno.OK {
		return err
	}
	if !d.preopen {
		return errno.EBADF
	}
	return put64(m, a[1], uint64(len(rootName))<<32)
}

// rootName is the name of the only preopened directory, and rootDescriptor
// stands for it.
const (
	rootName       = "/"
	rootDescriptor = 3
)

// fdPrestatDirName is fd_prestat_dir_name(fd, name*, len).
func fdPrestatDirName(s *System, m Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	switch {
	case err != errno.OK:
		return err
	case !d.preopen:
		return errno.EBADF
	case a[2] < uint64(len(rootName)):
		return errno.ENAMETOOLONG
	}
	b, err := view(m, a[1], uint64(len(rootName)))
	if err != errno.OK {
		return err
	}
	copy(b, rootName)
	return errno.OK
}
