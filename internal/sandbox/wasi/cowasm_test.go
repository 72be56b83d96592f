package wasi

import (
	"testing"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

func TestDup(t *testing.T) {
	g := newGuest(t)
	fd := g.open("f")
	g.want(5, "dup", fd)
	g.write(fd, "hello ", 6)
	g.write(5, "world", 5) // the offset is shared
	g.want(0, "fd_seek", fd, 6, 0, resultAt)
	g.read(5, 10, "world")
	g.want(0, "fd_close", fd)
	g.want(fails(errno.EBADF), "dup", fd)
	g.want(4, "dup", 5) // the lowest that is free
	g.want(9, "dup2", 5, 9)
	g.want(9, "dup2", 9, 9)
	g.want(1, "dup2", 5, 1) // stdout
	g.write(1, "!", 1)
	g.want(0, "fd_seek", 9, 0, 0, resultAt)
	g.read(9, 20, "hello world!")
	g.want(fails(errno.EBADF), "dup2", 42, 1)
	g.want(fails(errno.EBADF), "dup2", 1, 16)
	for range 16 {
		g.call("dup", 9)
	}
	g.want(fails(errno.EMFILE), "dup", 9)
	if got := g.sys.Exceeded(); got != "16 open files" {
		t.Errorf("the limit is %q", got)
	}
}

func TestPipe(t *testing.T) {
	g := newGuest(t)
	r, w := g.pair("pipe")
	g.read(r, 10, errno.EDEADLK)
	g.want(0, "fd_fdstat_set_flags", r, flagNonblock)
	g.read(r, 10, errno.EAGAIN)
	g.write(w, "abc", 3)
	g.read(r, 2, "ab")
	g.read(r, 2, "c")
	g.read(w, 1, errno.EBADF)
	g.write(r, "x", fails(errno.EBADF))
	g.want(fails(errno.ESPIPE), "fd_seek", r, 0, 0, resultAt)
	g.want(fails(errno.ESPIPE), "fd_pread", r, vecAt, 1, 0, resultAt)
	g.want(fails(errno.ENOTSOCK), "sock_shutdown", r, 1)

	another := uint64(g.call("dup", w))
	g.write(w, "end", 3)
	g.want(0, "fd_close", w)
	g.read(r, 10, "end")
	g.read(r, 10, errno.EAGAIN) // the other descriptor is still open
	g.want(0, "fd_close", another)
	g.read(r, 10, "")

	r, w = g.pair("pipe")
	g.want(0, "fd_close", r)
	g.write(w, "x", fails(errno.EPIPE))
	g.want(fails(errno.EFAULT), "pipe", 1<<16-4)
}

func TestFullPipe(t *testing.T) {
	g := newGuest(t)
	r, w := g.pair("pipe")
	block := string(make([]byte, 32<<10))
	g.want(0, "fd_fdstat_set_flags", w, flagNonblock)
	g.write(w, block, len(block))
	g.write(w, block, len(block))
	g.write(w, "x", fails(errno.EAGAIN))
	g.want(0, "fd_fdstat_set_flags", w, 0)
	g.write(w, "x", 1) // nobody else could make room
	g.read(r, 10, block[:10])
	for range pipeMax/len(block) - 2 {
		g.write(w, block, len(block))
	}
	g.write(w, block, 9) // what is left of the room
	g.write(w, "x", fails(errno.EDEADLK))
}

func TestSocketpair(t *testing.T) {
	g := newGuest(t)
	x, y := g.pair("socketpair")
	g.write(x, "ping", 4)
	g.vector("pong", 4)
	g.want(0, "sock_send", y, vecAt, 1, 0, resultAt)
	const peek = 1
	g.vector("", 10)
	g.want(0, "sock_recv", y, vecAt, 1, peek, resultAt, resultAt+8)
	if got := string(g.memory[dataAt : dataAt+4]); got != "ping" || le.Uint32(g.memory[resultAt:]) != 4 {
		t.Errorf("peeked at %q", got)
	}
	g.want(0, "sock_recv", y, vecAt, 1, 0, resultAt, resultAt+8)
	g.read(x, 10, "pong")
	g.want(fails(errno.EDEADLK), "sock_recv", y, vecAt, 1, 0, resultAt, resultAt+8)
	g.want(fails(errno.EINVAL), "sock_accept", x, 0, resultAt)
	g.want(fails(errno.EINVAL), "sock_shutdown", x, 4)
	g.want(0, "fd_fdstat_get", x, resultAt)
	if got := g.memory[resultAt]; got != typeSocket {
		t.Errorf("the file type is %d", got)
	}
	g.want(0, "sock_shutdown", x, 2)
	g.read(y, 10, "")
	g.write(y, "still", 5)
	g.want(0, "fd_close", x)
	g.write(y, "x", fails(errno.EPIPE))
}

func TestFlock(t *testing.T) {
	g := newGuest(t)
	const shared, exclusive, nonblock, unlock = 1, 2, 4, 8
	x, y := g.open("f"), g.open("f")
	twin := uint64(g.call("dup", x))
	g.want(0, "flock", x, exclusive)
	g.want(0, "flock", twin, exclusive|nonblock)
	g.want(fails(errno.EAGAIN), "flock", y, shared|nonblock)
	g.want(fails(errno.EDEADLK), "flock", y, exclusive)
	g.want(0, "flock", x, shared)
	g.want(0, "flock", y, shared)
	g.want(fails(errno.EAGAIN), "flock", x, exclusive|nonblock)
	g.want(0, "flock", y, unlock)
	g.want(0, "flock", x, exclusive)
	g.want(0, "fd_close", x)
	g.want(fails(errno.EAGAIN), "flock", y, exclusive|nonblock)
	g.want(0, "fd_close", twin)
	g.want(0, "flock", y, exclusive|nonblock)
	g.want(fails(errno.EINVAL), "flock", y, 3)
	g.want(fails(errno.EBADF), "flock", 1, exclusive)
	g.want(fails(errno.EBADF), "flock", 42, exclusive)
}
