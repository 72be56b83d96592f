//go:build !unix

package engine

import "github.com/tetratelabs/wazero/experimental"

// A growing is a linear memory that is copied when it grows.
type growing struct {
	buf []byte
	max uint64
}

// reserve returns a memory that can grow to max bytes.
func reserve(max uint64) (experimental.LinearMemory, error) { return &growing{max: max}, nil }

// Reallocate grows the memory to size bytes. It returns nil if that is more
// than it may have.
func (g *growing) Reallocate(size uint64) []byte {
	if size > g.max {
		return nil
	}
	if size > uint64(len(g.buf)) {
		g.buf = append(g.buf, make([]byte, size-uint64(len(g.buf)))...)
	}
	return g.buf[:size]
}

// Free gives the memory back.
func (g *growing) Free() { g.buf = nil }
