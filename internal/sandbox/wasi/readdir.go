package wasi

import "github.com/cowasm/cowasm/internal/sandbox/errno"

const direntSize = 24

// fdReaddir is fd_readdir(fd, buf, len, cookie, used*). Cookie n stands for
// the nth entry of the directory as it was when it was last read from the
// start.
func fdReaddir(s *System, m Memory, a []uint64) errno.Errno {
	d, err := s.get(a[0])
	switch {
	case err != errno.OK:
		return err
	case !d.isDir():
		return errno.ENOTDIR
	}
	buf, err := view(m, a[1], a[2])
	if err != errno.OK {
		return err
	}
	if a[3] == 0 || d.listing == nil {
		if err := s.list(d); err != errno.OK {
			return err
		}
	}
	used := 0
	for next := a[3]; next < uint64(len(d.listing)) && used < len(buf); next++ {
		e := d.listing[next]
		var head [direntSize]byte
		le.PutUint64(head[0:], next+1)
		le.PutUint64(head[8:], e.Ino)
		le.PutUint32(head[16:], uint32(len(e.Name)))
		head[20] = filetype(e.Kind, e.Null)
		// An entry that does not fit is cut off, which tells the guest to come
		// again with this entry's cookie.
		used += copy(buf[used:], head[:])
		used += copy(buf[used:], e.Name)
	}
	return put32(m, a[4], uint32(used))
}

// maxListed bounds the entries of all listings that are kept for guests that
// have begun to read directories.
const maxListed = 1 << 20

// list reads a directory. If too much is kept, others are read again when the
// guest goes on with them.
func (s *System) list(d *description) errno.Errno {
	entries, err := d.node.List()
	if err != errno.OK {
		return err
	}
	d.listing = nil
	kept := len(entries)
	for _, other := range s.fds {
		if other != nil {
			if kept += len(other.listing); kept > maxListed {
				other.listing = nil
			}
		}
	}
	d.listing = entries
	return errno.OK
}
