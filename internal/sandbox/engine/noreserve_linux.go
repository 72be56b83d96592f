package engine

import "golang.org/x/sys/unix"

// mapNoReserve keeps reserved address space out of the kernel's accounting.
const mapNoReserve = unix.MAP_NORESERVE
