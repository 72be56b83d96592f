package engine

import (
	"fmt"

	"github.com/tetratelabs/wazero/experimental"
)

// A mapping is a linear memory that grows in place: its address space is
// reserved at once, and backed by memory as far as it is used. Growing by
// copying, as slices do, would cost far more and leave garbage behind. And a
// thread of the guest may wait in a call that has a view of the memory while
// another one has it grow.
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
	b, err := reserveSpace(max)
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
		if err := commit(m.reserved[m.used:size]); err != nil {
			return nil
		}
		m.used = size
	}
	return m.reserved[:size:size]
}

// Free gives the memory back.
func (m *mapping) Free() {
	if m.reserved != nil {
		release(m.reserved)
		m.reserved = nil
	}
}
