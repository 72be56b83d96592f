package dylink

import (
	"context"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// A library is a module that is linked to a guest, or the main module itself.
type library struct {
	name   string // its path, or "main"
	module *wasmfile.Module
	needs  []*library
	global bool

	// root is what was opened, for which this one was loaded: the beginning of
	// its local scope.
	root *library

	memory     uint32 // what malloc returned
	memoryBase uint32
	tableBase  uint32

	compile  func() (wazero.CompiledModule, error)
	instance api.Module
	env, got api.Module
	lazy     []lazy // functions that are looked up when they are called
	number   int    // its place among Linker.libraries
}

func (lib *library) handle(l *Linker) uint32 { return uint32(lib.number) + 1 }

// address returns where data is that the library exports.
func (lib *library) address(e wasmfile.Export) (uint32, bool) {
	g, ok := lib.module.GlobalAt(e.Index)
	if !ok || g.Mutable || g.Type != wasmfile.I32 || !g.Init.Simple {
		return 0, false
	}
	return lib.memoryBase + uint32(g.Init.Offset), true
}

// functionAt returns the function that the library put in a slot.
func (lib *library) functionAt(slot uint32) (index uint32, ok bool) {
	return lib.module.InSlot(slot - lib.tableBase)
}

// slotOf returns the first slot that the library itself gave a function.
func (lib *library) slotOf(index uint32) (slot uint32, ok bool) {
	slot, ok = lib.module.Slot(index)
	return slot + lib.tableBase, ok
}

// close gives its instances back.
func (lib *library) close(ctx context.Context) {
	for _, m := range []api.Module{lib.instance, lib.env, lib.got} {
		if m != nil {
			_ = m.Close(ctx) // it has no files that could fail to close
		}
	}
}
