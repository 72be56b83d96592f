package engine

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// reserveSpace returns address space of the given size. Nothing in it can be
// used before it is committed.
func reserveSpace(size uint64) ([]byte, error) {
	address, err := windows.VirtualAlloc(0, uintptr(size), windows.MEM_RESERVE, windows.PAGE_NOACCESS)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&address)), size), nil
}

// commit makes a part of reserved space zeroed memory, which begins and ends
// with a page.
func commit(b []byte) error {
	_, err := windows.VirtualAlloc(address(b), uintptr(len(b)), windows.MEM_COMMIT, windows.PAGE_READWRITE)
	return err
}

// release gives back what reserveSpace returned, which cannot fail.
func release(b []byte) { _ = windows.VirtualFree(address(b), 0, windows.MEM_RELEASE) }

func address(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }
