package wasi

import "github.com/cowasm/cowasm/internal/sandbox/errno"

// read reads from the given offset of a file, or from a channel, for which it
// waits unless the descriptor says not to.
func (s *System) read(d *description, p []byte, off int64) (int, errno.Errno) {
	if d.channel == nil || !d.read {
		return d.readAt(p, off)
	}
	if err := s.awaitReadable(d, d.channel); err != errno.OK {
		return 0, err
	}
	return d.channel.read(p)
}

// awaitReadable lets others go on until c, which d is a descriptor of, has
// something to read. If d must not wait, they have one turn.
func (s *System) awaitReadable(d *description, c channel) errno.Errno {
	switch {
	case c.readable().ready:
		return errno.OK
	case d.nonblocking():
		s.yield()
		return errno.OK
	}
	return s.wait(&waiting{ready: func() bool { return c.readable().ready }, stdin: d.waiter()})
}

// write writes to the given offset of a file, or to a channel, for which it
// waits unless the descriptor says not to.
func (s *System) write(d *description, p []byte, off int64) (int, errno.Errno) {
	if d.channel == nil || !d.write {
		return d.writeAt(p, off)
	}
	if d.nonblocking() {
		n, err := d.channel.write(p, pipeSize)
		if err == errno.EAGAIN {
			s.yield()
			n, err = d.channel.write(p, pipeSize)
		}
		return n, err
	}
	most := pipeSize
	for done := 0; ; {
		room := func() bool {
			w := d.channel.writable()
			return w.hangup || w.bytes >= uint64(min(len(p)-done, pipeAtomic))
		}
		if most == pipeSize && !room() {
			switch err := s.wait(&waiting{ready: room}); err {
			case errno.OK:
			case errno.EDEADLK:
				most = pipeMax
			default:
				return done, err
			}
		}
		n, err := d.channel.write(p[done:], most)
		if err == errno.EAGAIN {
			err = errno.EDEADLK
		}
		if done += n; done == len(p) || err != errno.OK {
			return done, err
		}
	}
}

// stderr is the standard error of a process, for what the host has to say.
type stderr struct{ *System }

// Write implements io.Writer, as fd_write does.
func (s stderr) Write(p []byte) (int, error) {
	d, err := s.get(2)
	if err != errno.OK {
		return 0, err
	}
	if d.node != nil && d.flags&flagAppend != 0 {
		d.offset = d.size()
	}
	n, err := s.write(d, p, d.offset)
	d.offset += int64(n)
	if err != errno.OK {
		return n, err
	}
	return n, nil
}
