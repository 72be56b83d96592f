package dylink

import (
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// A library imports where it was placed as two constants. A constant is part of
// a module, so there would have to be a module, translated and kept, for every
// place. Instead it is summed up when a module is instantiated, from powers of
// two: instances of three modules, which each hold one constant, "value", that
// is zero, one, or twice another instance's.

const (
	baseModule  = "cowasm:base"
	exportValue = "value"
	twiceOf     = "half"
)

// powers makes the constants: zero, then the powers of two.
func (l *Linker) powers() ([]api.Module, error) {
	if l.bits != nil {
		return l.bits, nil
	}
	constant := wasmfile.GlobalType{Type: wasmfile.I32}
	bits := make([]api.Module, 0, 33)
	for i := range cap(bits) {
		var b wasmfile.Builder
		imports := map[string]api.Module{}
		var value uint32
		if i < 2 {
			value = b.Global(false, int32(i))
		} else {
			half := b.ImportGlobal(twiceOf, exportValue, constant)
			value = b.Sum(half, half)
			imports[twiceOf] = bits[i-1]
		}
		b.Export(exportValue, wasmfile.Global, value)
		m, err := l.make(&b, imports)
		if err != nil {
			return nil, err
		}
		bits = append(bits, m)
	}
	l.bits = bits
	return bits, nil
}

// makeBases makes the module with the constants that say where a library is.
func (l *Linker) makeBases(lib *library) (api.Module, error) {
	bits, err := l.powers()
	if err != nil {
		return nil, err
	}
	var b wasmfile.Builder
	imports := map[string]api.Module{}
	bases := []struct {
		symbol string
		value  uint32
	}{{symbolMemoryBase, lib.memoryBase}, {symbolTableBase, lib.tableBase}}
	var addends [2][]uint32
	for i, base := range bases {
		for bit := range 32 {
			name := fmt.Sprintf("%s:%d", base.symbol, bit)
			imports[name] = bits[0]
			if base.value&(1<<bit) != 0 {
				imports[name] = bits[1+bit]
			}
			addends[i] = append(addends[i], b.ImportGlobal(name, exportValue, wasmfile.GlobalType{Type: wasmfile.I32}))
		}
	}
	for i, base := range bases {
		b.Export(base.symbol, wasmfile.Global, b.Sum(addends[i]...))
	}
	return l.make(&b, imports)
}
