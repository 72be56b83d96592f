package wasi

import "github.com/cowasm/cowasm/internal/sandbox/errno"

const (
	// pipeSize is how much a pipe takes before a writer has to wait, as on
	// Linux.
	pipeSize = 64 << 10

	// pipeMax is how much a pipe takes if waiting would last for ever, since
	// nobody else goes on who could empty it.
	pipeMax = 1 << 20

	// pipeAtomic is how much is written to a pipe either at once or not yet.
	pipeAtomic = 4 << 10
)

// A pipe holds what was written to it and not yet read.
type pipe struct {
	data    []byte
	readers bool // the end to read from is open
	writers bool // the end to write to is open
}

func newPipe() *pipe { return &pipe{readers: true, writers: true} }

func (p *pipe) read(b []byte) (int, errno.Errno) {
	switch {
	case len(b) == 0:
		return 0, errno.OK
	case len(p.data) > 0:
		n := copy(b, p.data)
		if p.data = p.data[n:]; len(p.data) == 0 {
			p.data = nil
		}
		return n, errno.OK
	case !p.writers:
		return 0, errno.OK
	}
	return 0, errno.EAGAIN
}

func (p *pipe) write(b []byte, most int) (int, errno.Errno) {
	if !p.readers {
		return 0, errno.EPIPE
	}
	room := most - len(p.data)
	if room <= 0 && len(b) > 0 {
		return 0, errno.EAGAIN
	}
	n := min(room, len(b))
	p.data = append(p.data, b[:n]...)
	return n, errno.OK
}

func (p *pipe) readable() readiness {
	return readiness{len(p.data) > 0 || !p.writers, uint64(len(p.data)), !p.writers}
}

// writable is also true if nobody reads on: a write fails then, but at once. It
// is no hangup, which for wasi-libc's select would be all that there is to tell.
func (p *pipe) writable() readiness {
	room := max(0, pipeSize-len(p.data))
	return readiness{ready: room > 0 || !p.readers, bytes: uint64(room)}
}

// readEnd and writeEnd are the two ends of a pipe.
type (
	readEnd  struct{ *pipe }
	writeEnd struct{ *pipe }
)

func (readEnd) write([]byte, int) (int, errno.Errno) { return 0, errno.EBADF }
func (readEnd) writable() readiness                  { return readiness{} }
func (e readEnd) close()                             { e.readers = false }

func (writeEnd) read([]byte) (int, errno.Errno) { return 0, errno.EBADF }
func (e writeEnd) close()                       { e.writers = false }

// readable is how a program that only writes learns that nobody reads on.
func (e writeEnd) readable() readiness { return readiness{ready: !e.readers, hangup: !e.readers} }

// A socket is one end of a pair that is connected: a pipe each way.
type socket struct{ in, out *pipe }

func (s *socket) read(b []byte) (int, errno.Errno)            { return s.in.read(b) }
func (s *socket) write(b []byte, most int) (int, errno.Errno) { return s.out.write(b, most) }
func (s *socket) readable() readiness                         { return s.in.readable() }
func (s *socket) writable() readiness                         { return s.out.writable() }
func (s *socket) close()                                      { s.in.readers, s.out.writers = false, false }
