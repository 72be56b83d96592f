package wasi

import (
	"errors"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/tree"
)

// A Linker links side modules to a guest, while the guest waits. It may panic
// as Function.Call may.
type Linker interface {
	Open(path string, flags uint32) (handle uint32, err error)
	Symbol(handle uint32, name string) (value uint32, err error)
	Close(handle uint32) error
	Arity(function uint32) (params int, ok bool)
	Caller(function uint32, signature string) (slot uint32, err error)
	AllocateClosure() (slot uint32, err error)
	SetClosure(slot uint32, signature string, handler, data uint32) error
	FreeClosure(slot uint32) error
}

// NeedsLinker reports whether a guest that imports a function has to have a
// Linker.
func NeedsLinker(module, name string) bool {
	return module == Cowasm && (name == "dlopen" || name == "caller" || name == "closure_allocate")
}

// Link gives the guest a linker. Without one it can open no modules.
func (s *System) Link(l Linker) { s.linker = l }

// Digest returns the digest of a file that the guest sees, which counts as
// reading it.
func (s *System) Digest(p string) (digest.Digest, error) {
	n, err := s.fs.Lookup(s.fs.Root(), p, true)
	if err != errno.OK {
		return digest.Digest{}, err
	}
	if d, ok := n.Input(); ok {
		return d, nil
	}
	b, failed := s.ReadFile(p)
	return digest.Of(b), failed
}

// ReadFile returns the contents of a file that the guest sees, which must not
// be changed. The guest has read it by that.
func (s *System) ReadFile(p string) ([]byte, error) {
	n, err := s.fs.Open(s.fs.Root(), p, vfs.Follow)
	if err != errno.OK {
		return nil, err
	}
	defer n.Close()
	if n.Kind() == tree.Dir {
		return nil, errno.EISDIR
	}
	data := make([]byte, n.Stat().Size)
	for done := 0; done < len(data); {
		read, err := n.ReadAt(data[done:], int64(done))
		if err != errno.OK {
			return nil, err
		}
		if read == 0 {
			return data[:done], nil
		}
		done += read
	}
	return data, nil
}

var errNoLinker = errors.New("this program cannot open modules: it is no main module")

// dlopen is dlopen(path*, len, flags) -> handle.
func dlopen(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	p, err := text(m, a[0], a[1])
	if err != errno.OK {
		return 0, err
	}
	if s.linker == nil {
		return 0, s.linkFailed(errNoLinker)
	}
	handle, failed := s.linker.Open(p, uint32(a[2]))
	return handle, s.linkFailed(failed)
}

// dlsym is dlsym(handle, name*, len, value*).
func dlsym(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	name, err := text(m, a[1], a[2])
	if err != errno.OK {
		return 0, err
	}
	if s.linker == nil {
		return 0, s.linkFailed(errNoLinker)
	}
	value, failed := s.linker.Symbol(uint32(a[0]), name)
	if failed != nil {
		return 0, s.linkFailed(failed)
	}
	return 0, put32(m, a[3], value)
}

// dlclose is dlclose(handle).
func dlclose(s *System, _ Memory, a []uint64) (uint32, errno.Errno) {
	if s.linker == nil {
		return 0, s.linkFailed(errNoLinker)
	}
	return 0, s.linkFailed(s.linker.Close(uint32(a[0])))
}

// dlerror is dlerror(buf*, size) -> len.
func dlerror(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	b, err := view(m, a[0], a[1])
	if err != errno.OK {
		return 0, err
	}
	n := copy(b, s.linkError)
	s.linkError = ""
	return uint32(n), errno.OK
}

// arity is arity(function) -> params.
func arity(s *System, _ Memory, a []uint64) (uint32, errno.Errno) {
	if s.linker == nil {
		return 0, errno.ENOSYS
	}
	n, ok := s.linker.Arity(uint32(a[0]))
	if !ok {
		return 0, errno.EINVAL
	}
	return uint32(n), errno.OK
}

// linkFailed keeps an error of the linker for dlerror.
func (s *System) linkFailed(err error) errno.Errno {
	if err == nil {
		return errno.OK
	}
	s.linkError = err.Error()
	var e errno.Errno
	if errors.As(err, &e) {
		return e
	}
	return errno.ENOEXEC
}
