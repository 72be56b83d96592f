//go:build unix

package engine

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/tetratelabs/wazero/experimental"
)

// A mapping is a linear memory that grows in place: its address space is
// reserved at once, and backed by memory as far as it is used. Growing by
// copying, as slices do, would cost far more and leave garbage behind.
type mapping struct {
	reserved []byte
	used     uint64
}

// reserve returns a memory that can grow to max bytes.
func reserve(max uint64) (experimental.LinearMemory, error) {
	m := &mapping{}
	if max == 0 {
		return m, nil
	}
	b, err := unix.Mmap(-1, 0, int(max), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|mapNoReserve)
	if err != nil {
		return nil, fmt.Errorf("reserving %d bytes of address space for a guest: %w", max, err)
	}
	m.reserved = b
	return m, nil
}

// Reallocate grows the memory to size bytes. It returns nil if that is more
// than it may have.
func (m *mapping) Reallocate(size uint64) []byte {
	if size > uint64(len(m.reserved)) {
		return nil
	}
	if size > m.used {
		if err := unix.Mprotect(m.reserved[m.used:size], unix.PROT_READ|unix.PROT_WRITE); err != nil {
			return nil
		}
		m.used = size
	}
	return m.reserved[:size:size]
}

// Free gives the memory back.
func (m *mapping) Free() {
	if m.reserved != nil {
		_ = unix.Munmap(m.reserved) // of exactly what Mmap returned: cannot fail
		m.reserved = nil
	}
}
