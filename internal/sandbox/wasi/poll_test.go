package wasi

import (
	"fmt"
	"testing"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// subscribe puts subscriptions into memory.
func (g *guest) subscribe(subs ...[4]uint64) (n uint64) {
	clear(g.memory[4096:8192])
	for i, s := range subs {
		b := g.memory[4096+subscriptionSize*i:]
		le.PutUint64(b, uint64(100+i))
		b[8] = byte(s[0])
		le.PutUint32(b[16:], uint32(s[1]))
		le.PutUint64(b[24:], s[2])
		le.PutUint16(b[40:], uint16(s[3]))
	}
	return uint64(len(subs))
}

// poll returns the events of subscriptions.
func (g *guest) poll(subs ...[4]uint64) string {
	g.t.Helper()
	n := g.subscribe(subs...)
	if r := g.call("poll_oneoff", 4096, 8192, n, resultAt); r != 0 {
		return errno.Errno(-r).Error()
	}
	text := ""
	for i := range le.Uint32(g.memory[resultAt:]) {
		b := g.memory[8192+eventSize*i:]
		text += fmt.Sprintf("%d:%v:%d:%d:%d ", le.Uint64(b), le.Uint16(b[8:]), b[10], le.Uint64(b[16:]), le.Uint16(b[24:]))
	}
	return text
}

func TestPoll(t *testing.T) {
	g := newGuest(t)
	r, w := g.pair("pipe")
	file := g.open("f")
	g.write(file, "12345", 5)
	g.want(0, "fd_seek", file, 2, 0, resultAt)
	const second, absolute = 1e9, 1
	in, out := uint64(eventFdRead), uint64(eventFdWrite)
	for _, test := range []struct {
		what string
		subs [][4]uint64
		want string
	}{
		{"a time", [][4]uint64{{0, 1, second, 0}}, "100:0:0:0:0 "},
		{"the earlier of two", [][4]uint64{{0, 1, 2 * second, 0}, {0, 0, second, 0}}, "101:0:0:0:0 "},
		{"a time that is over", [][4]uint64{{0, 0, second, absolute}, {0, 1, second, 0}}, "100:0:0:0:0 "},
		{"an empty pipe", [][4]uint64{{in, r, 0, 0}}, errno.EDEADLK.Error()},
		{"an empty pipe, for some time", [][4]uint64{{in, r, 0, 0}, {0, 1, second, 0}}, "101:0:0:0:0 "},
		{"room in a pipe", [][4]uint64{{in, r, 0, 0}, {out, w, 0, 0}}, "101:0:2:65536:0 "},
		{"a file", [][4]uint64{{in, file, 0, 0}}, "100:0:1:3:0 "},
		{"what is not open", [][4]uint64{{in, 42, 0, 0}, {0, 1, 0, 0}}, "100:8:1:0:0 101:0:0:0:0 "},
		{"the wrong ends", [][4]uint64{{out, r, 0, 0}, {in, w, 0, 0}}, errno.EDEADLK.Error()},
		{"stdin and stdout", [][4]uint64{{in, 0, 0, 0}, {out, 1, 0, 0}}, "100:0:1:0:0 101:0:2:65536:0 "},
		{"a strange clock", [][4]uint64{{0, 9, 0, 0}}, errno.EINVAL.Error()},
		{"a strange event", [][4]uint64{{3, 0, 0, 0}}, errno.EINVAL.Error()},
		{"nothing", nil, errno.EINVAL.Error()},
	} {
		if got := g.poll(test.subs...); got != test.want {
			t.Errorf("%s: %q, want %q", test.what, got, test.want)
		}
	}
	g.write(w, "abc", 3)
	if got := g.poll([4]uint64{in, r}); got != "100:0:1:3:0 " {
		t.Errorf("a full pipe: %q", got)
	}
	g.want(0, "fd_close", w)
	if got := g.poll([4]uint64{in, r}); got != "100:0:1:3:1 " {
		t.Errorf("a pipe that ends: %q", got)
	}
	r, w = g.pair("pipe")
	g.want(0, "fd_close", r)
	if got := g.poll([4]uint64{in, w}, [4]uint64{out, w}); got != "100:0:1:0:1 101:0:2:65536:0 " {
		t.Errorf("a pipe that nobody reads: %q", got)
	}
}
