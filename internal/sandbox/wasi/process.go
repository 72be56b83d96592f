package wasi

import "github.com/cowasm/cowasm/internal/sandbox/errno"

// argsSizesGet is args_sizes_get(count*, bytes*).
func argsSizesGet(s *System, m Memory, a []uint64) errno.Errno { return putSizes(m, a, s.args) }

// argsGet is args_get(argv*, bytes*).
func argsGet(s *System, m Memory, a []uint64) errno.Errno { return putStrings(m, a, s.args) }

// environSizesGet is environ_sizes_get(count*, bytes*).
func environSizesGet(s *System, m Memory, a []uint64) errno.Errno { return putSizes(m, a, s.env) }

// environGet is environ_get(environ*, bytes*).
func environGet(s *System, m Memory, a []uint64) errno.Errno { return putStrings(m, a, s.env) }

func putSizes(m Memory, a []uint64, list []string) errno.Errno {
	size := 0
	for _, v := range list {
		size += len(v) + 1
	}
	if err := put32(m, a[0], uint32(len(list))); err != errno.OK {
		return err
	}
	return put32(m, a[1], uint32(size))
}

func putStrings(m Memory, a []uint64, list []string) errno.Errno {
	ptrs, at := a[0], a[1]
	for i, v := range list {
		if err := put32(m, ptrs+4*uint64(i), uint32(at)); err != errno.OK {
			return err
		}
		b, err := view(m, at, uint64(len(v)+1))
		if err != errno.OK {
			return err
		}
		copy(b, v)
		b[len(v)] = 0
		at += uint64(len(v) + 1)
	}
	return errno.OK
}

// randomGet is random_get(buf, len).
func randomGet(s *System, m Memory, a []uint64) errno.Errno {
	b, err := view(m, a[0], a[1])
	if err != errno.OK {
		return err
	}
	_, _ = s.random.Read(b) // never fails
	return errno.OK
}

// procExit is proc_exit(code), which does not return.
func procExit(_ *System, _ Memory, a []uint64) errno.Errno { panic(&Exit{uint32(a[0])}) }

// schedYield is sched_yield().
func schedYield(s *System, _ Memory, _ []uint64) errno.Errno {
	s.yield()
	return errno.OK
}

// unsupported stands for a call that no guest here can have a use for.
func unsupported(*System, Memory, []uint64) errno.Errno { return errno.ENOSYS }
