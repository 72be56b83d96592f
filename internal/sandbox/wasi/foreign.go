package wasi

import "github.com/cowasm/cowasm/internal/sandbox/errno"

// caller is caller(function, signature*, len) -> slot.
func caller(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	signature, err := text(m, a[1], a[2])
	if err != errno.OK {
		return 0, err
	}
	if s.linker == nil {
		return 0, errno.ENOSYS
	}
	slot, failed := s.linker.Caller(uint32(a[0]), signature)
	return slot, s.foreignFailed(failed)
}

// closureAllocate is closure_allocate() -> slot.
func closureAllocate(s *System, _ Memory, _ []uint64) (uint32, errno.Errno) {
	if s.linker == nil {
		return 0, errno.ENOSYS
	}
	slot, failed := s.linker.AllocateClosure()
	if failed != nil {
		s.linkError = failed.Error()
		return 0, errno.ENOMEM
	}
	return slot, errno.OK
}

// closureSet is closure_set(slot, signature*, len, handler, data).
func closureSet(s *System, m Memory, a []uint64) (uint32, errno.Errno) {
	signature, err := text(m, a[1], a[2])
	if err != errno.OK {
		return 0, err
	}
	if s.linker == nil {
		return 0, errno.ENOSYS
	}
	return 0, s.foreignFailed(s.linker.SetClosure(uint32(a[0]), signature, uint32(a[3]), uint32(a[4])))
}

// closureFree is closure_free(slot).
func closureFree(s *System, _ Memory, a []uint64) (uint32, errno.Errno) {
	if s.linker == nil {
		return 0, errno.ENOSYS
	}
	return 0, s.foreignFailed(s.linker.FreeClosure(uint32(a[0])))
}

// foreignFailed keeps why there is no such call or closure for dlerror.
func (s *System) foreignFailed(err error) errno.Errno {
	if err == nil {
		return errno.OK
	}
	s.linkError = err.Error()
	return errno.EINVAL
}
