package wasi

import (
	"testing"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

func TestForeign(t *testing.T) {
	g := newGuest(t)
	n := uint64(copy(g.memory[vecAt:], "i:i"))
	g.want(fails(errno.ENOSYS), "caller", 7, vecAt, n)
	g.want(fails(errno.ENOSYS), "closure_allocate")
	g.want(fails(errno.ENOSYS), "closure_set", 9, vecAt, n, 7, 1)
	g.want(fails(errno.ENOSYS), "closure_free", 9)

	r := &recorder{}
	g.sys.Link(r)
	g.want(8, "caller", 7, vecAt, n)
	g.want(fails(errno.EINVAL), "caller", 6, vecAt, n)
	g.lastError(100, "another type")
	g.want(fails(errno.ENOMEM), "closure_allocate")
	g.lastError(100, "too many")
	r.flags = 1
	g.want(9, "closure_allocate")
	g.want(0, "closure_set", 9, vecAt, n, 7, 1)
	g.want(fails(errno.EINVAL), "closure_set", 8, vecAt, n, 7, 1)
	g.lastError(100, "no closure")
	g.want(0, "closure_free", 9)
	g.want(fails(errno.EINVAL), "closure_free", 8)

	outside := uint64(len(g.memory))
	g.want(fails(errno.EFAULT), "caller", 7, outside, 1)
	g.want(fails(errno.EFAULT), "closure_set", 9, outside, 1, 7, 1)
}
