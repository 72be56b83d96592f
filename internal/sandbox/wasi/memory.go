package wasi

import (
	"encoding/binary"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

var le = binary.LittleEndian

// view returns n bytes of memory at ptr.
func view(m Memory, ptr, n uint64) ([]byte, errno.Errno) {
	if ptr < 1<<32 && n < 1<<32 {
		if b, ok := m.Read(uint32(ptr), uint32(n)); ok {
			return b, errno.OK
		}
	}
	return nil, errno.EFAULT
}

// text returns a copy of n bytes of memory at ptr.
func text(m Memory, ptr, n uint64) (string, errno.Errno) {
	b, err := view(m, ptr, n)
	return string(b), err
}

func put32(m Memory, ptr uint64, v uint32) errno.Errno {
	b, err := view(m, ptr, 4)
	if err == errno.OK {
		le.PutUint32(b, v)
	}
	return err
}

func put64(m Memory, ptr uint64, v uint64) errno.Errno {
	b, err := view(m, ptr, 8)
	if err == errno.OK {
		le.PutUint64(b, v)
	}
	return err
}

// maxVectors is the largest number of buffers in one call, as on Linux.
const maxVectors = 1024

// vectors calls do for each buffer that an array of n iovecs at ptr describes,
// until one is not used whole, and returns how many bytes were used. An error
// after the first byte is not told.
func vectors(m Memory, ptr, n uint64, do func(p []byte, done int64) (int, errno.Errno)) (uint32, errno.Errno) {
	if n > maxVectors {
		return 0, errno.EINVAL
	}
	list, err := view(m, ptr, 8*n)
	if err != errno.OK {
		return 0, err
	}
	var total int64
	for ; len(list) > 0; list = list[8:] {
		p, err := view(m, uint64(le.Uint32(list)), uint64(le.Uint32(list[4:])))
		if err == errno.OK && total+int64(len(p)) >= 1<<32 {
			err = errno.EINVAL
		}
		if err != errno.OK {
			return 0, err
		}
		if len(p) == 0 {
			continue
		}
		used, err := do(p, total)
		total += int64(used)
		if err != errno.OK && total == 0 {
			return 0, err
		}
		if err != errno.OK || used < len(p) {
			break
		}
	}
	return uint32(total), errno.OK
}
