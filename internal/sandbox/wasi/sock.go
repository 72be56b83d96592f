package wasi

import "github.com/cowasm/cowasm/internal/sandbox/errno"

// end returns the socket behind a descriptor.
func (s *System) end(fd uint64) (*description, *socket, errno.Errno) {
	d, err := s.get(fd)
	if err != errno.OK {
		return nil, nil, err
	}
	if d.socket() == nil {
		return nil, nil, errno.ENOTSOCK
	}
	return d, d.socket(), errno.OK
}

// sockAccept is sock_accept(fd, flags, opened*). No socket listens here.
func sockAccept(s *System, _ Memory, a []uint64) errno.Errno {
	if _, _, err := s.end(a[0]); err != errno.OK {
		return err
	}
	return errno.EINVAL
}

// sockRecv is sock_recv(fd, iovecs, count, riflags, received*, roflags*).
func sockRecv(s *System, m Memory, a []uint64) errno.Errno {
	const peek, waitAll = 1, 2
	d, sock, err := s.end(a[0])
	if err != errno.OK {
		return err
	}
	if a[3]&^(peek|waitAll) != 0 {
		return errno.EINVAL
	}
	n, err := vectors(m, a[1], a[2], func(p []byte, done int64) (int, errno.Errno) {
		if done == 0 {
			if err := s.awaitReadable(d, sock); err != errno.OK {
				return 0, err
			}
		}
		if a[3]&peek == 0 {
			return sock.in.read(p)
		}
		if done > int64(len(sock.in.data)) {
			return 0, errno.OK
		}
		ahead := *sock.in
		ahead.data = ahead.data[done:]
		return ahead.read(p)
	})
	if err != errno.OK {
		return err
	}
	if b, err := view(m, a[5], 2); err != errno.OK {
		return err
	} else {
		clear(b)
	}
	return put32(m, a[4], n)
}

// sockSend is sock_send(fd, iovecs, count, siflags, sent*).
func sockSend(s *System, m Memory, a []uint64) errno.Errno {
	d, _, err := s.end(a[0])
	if err != errno.OK {
		return err
	}
	if a[3] != 0 {
		return errno.EINVAL
	}
	n, err := vectors(m, a[1], a[2], func(p []byte, _ int64) (int, errno.Errno) {
		return s.write(d, p, 0)
	})
	if err != errno.OK {
		return err
	}
	return put32(m, a[4], n)
}

// sockShutdown is sock_shutdown(fd, how).
func sockShutdown(s *System, _ Memory, a []uint64) errno.Errno {
	const receive, send = 1, 2
	_, sock, err := s.end(a[0])
	if err != errno.OK {
		return err
	}
	if a[1] == 0 || a[1]&^(receive|send) != 0 {
		return errno.EINVAL
	}
	if a[1]&receive != 0 {
		sock.in.readers = false
		sock.in.writers = false
	}
	if a[1]&send != 0 {
		sock.out.writers = false
	}
	return errno.OK
}
