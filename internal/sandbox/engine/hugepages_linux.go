package engine

import "golang.org/x/sys/unix"

// hugePages asks the kernel to back memory that was mapped, and that nothing was
// written to yet, by huge pages. It is no matter if it does not.
func hugePages(b []byte) { _ = unix.Madvise(b, unix.MADV_HUGEPAGE) }
