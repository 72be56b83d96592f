package wasi

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// A recorder is a linker that has one module, with one symbol.
type recorder struct{ flags uint32 }

func (r *recorder) Open(p string, flags uint32) (uint32, error) {
	r.flags = flags
	switch p {
	case "/x.so":
		return 2, nil
	case "/gone.so":
		return 0, fmt.Errorf("%s: %w", p, errno.ENOENT)
	}
	return 0, errors.New("it is no module")
}

func (*recorder) Symbol(handle uint32, name string) (uint32, error) {
	if handle != 2 || name != "f" {
		return 0, errors.New("undefined symbol " + name)
	}
	return 0xfffffff0, nil // which is no error
}

func (*recorder) Close(handle uint32) error {
	if handle != 2 {
		return errors.New("no handle")
	}
	return nil
}

func (*recorder) Arity(function uint32) (int, bool) { return 3, function == 7 }

func (*recorder) Caller(function uint32, signature string) (uint32, error) {
	if function != 7 || signature != "i:i" {
		return 0, errors.New("another type")
	}
	return 8, nil
}

func (r *recorder) AllocateClosure() (uint32, error) {
	if r.flags == 0 {
		return 0, errors.New("too many")
	}
	return 9, nil
}

func (*recorder) SetClosure(slot uint32, signature string, handler, data uint32) error {
	if slot != 9 || signature != "i:i" || handler != 7 || data != 1 {
		return errors.New("no closure")
	}
	return nil
}

func (*recorder) FreeClosure(slot uint32) error {
	if slot != 9 {
		return errors.New("no closure")
	}
	return nil
}

// lastError checks what dlerror returns, of at most size bytes.
func (g *guest) lastError(size int, want string) {
	g.t.Helper()
	n := g.call("dlerror", dataAt, uint64(size))
	if got := string(g.memory[dataAt : dataAt+max(n, 0)]); got != want {
		g.t.Errorf("the error is %q, want %q", got, want)
	}
}

func TestLink(t *testing.T) {
	g := newGuest(t)
	name := func(s string) uint64 {
		copy(g.memory[vecAt:], s)
		return uint64(len(s))
	}
	g.want(fails(errno.ENOEXEC), "dlopen", vecAt, name("/x.so"), 2)
	g.lastError(100, "this program cannot open modules: it is no main module")
	g.want(fails(errno.ENOSYS), "arity", 7)

	r := &recorder{}
	g.sys.Link(r)
	g.want(2, "dlopen", vecAt, name("/x.so"), 0x102)
	if r.flags != 0x102 {
		t.Errorf("the flags are %x", r.flags)
	}
	g.lastError(100, "")
	g.want(fails(errno.ENOENT), "dlopen", vecAt, name("/gone.so"), 2)
	g.lastError(100, "/gone.so: no such file or directory")
	g.lastError(100, "")
	g.want(fails(errno.ENOEXEC), "dlopen", vecAt, name("/bad.so"), 2)
	g.lastError(5, "it is")

	g.want(0, "dlsym", 2, vecAt, name("f"), resultAt)
	if got := le.Uint32(g.memory[resultAt:]); got != 0xfffffff0 {
		t.Errorf("the symbol is at %x", got)
	}
	g.want(fails(errno.ENOEXEC), "dlsym", 2, vecAt, name("g"), resultAt)
	g.lastError(100, "undefined symbol g")
	g.want(0, "dlclose", 2)
	g.want(fails(errno.ENOEXEC), "dlclose", 3)
	g.want(3, "arity", 7)
	g.want(fails(errno.EINVAL), "arity", 8)

	outside := uint64(len(g.memory))
	g.want(fails(errno.EFAULT), "dlopen", outside, 1, 2)
	g.want(fails(errno.EFAULT), "dlsym", 2, outside, 1, resultAt)
	g.want(fails(errno.EFAULT), "dlsym", 2, vecAt, name("f"), outside)
	g.want(fails(errno.EFAULT), "dlerror", outside, 1)
}

func TestReadFile(t *testing.T) {
	g := newGuest(t)
	fd := g.open("f")
	g.write(fd, "text", 4)
	if got, err := g.sys.ReadFile("/f"); string(got) != "text" || err != nil {
		t.Errorf("it is %q, %v", got, err)
	}
	if _, err := g.sys.ReadFile("/none"); !errors.Is(err, errno.ENOENT) {
		t.Errorf("the error is %v", err)
	}
	if _, err := g.sys.ReadFile("/"); err == nil {
		t.Error("a directory can be read")
	}
}
