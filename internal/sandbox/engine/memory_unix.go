//go:build unix

package engine

import "golang.org/x/sys/unix"

// reserveSpace returns address space of the given size. Nothing in it can be
// used before it is committed.
func reserveSpace(size uint64) ([]byte, error) {
	return unix.Mmap(-1, 0, int(size), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|mapNoReserve)
}

// commit makes a part of reserved space zeroed memory, which begins and ends
// with a page.
func commit(b []byte) error { return unix.Mprotect(b, unix.PROT_READ|unix.PROT_WRITE) }

// release gives back what reserveSpace returned, which cannot fail.
func release(b []byte) { _ = unix.Munmap(b) }
