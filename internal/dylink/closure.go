package dylink

import (
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// maxClosures is how many closures a guest may have at a time.
const maxClosures = 1 << 16

const (
	exportHandler = "handler"
	exportData    = "data"
	exportClear   = "clear"
)

// A stub is the code of a closure. It outlives it, for the next one of its type.
type stub struct {
	typ      wasmfile.FuncType
	key      string // the signature
	instance api.Module
}

// AllocateClosure returns a slot of the table for a closure, which is empty
// until SetClosure.
func (l *Linker) AllocateClosure() (slot uint32, err error) {
	if len(l.closures) >= maxClosures {
		return 0, fmt.Errorf("there are %d closures already", maxClosures)
	}
	if n := len(l.vacant); n > 0 {
		slot, l.vacant = l.vacant[n-1], l.vacant[:n-1]
	} else if slot, err = l.growTable(1, 0); err != nil {
		return 0, err
	}
	if l.closures == nil {
		l.closures, l.idle = map[uint32]*stub{}, map[string][]*stub{}
	}
	l.closures[slot] = nil
	return slot, nil
}

// SetClosure puts a function of a type into a slot of AllocateClosure. When it
// is called it calls the one in the slot handler with data, where its arguments
// are, and where the result is to be put.
func (l *Linker) SetClosure(slot uint32, signature string, handler, data uint32) error {
	old, ok := l.closures[slot]
	if !ok {
		return notAllocated(slot)
	}
	if t, ok := l.typeAt(handler); !ok || !t.Equal(typeHandler) {
		return fmt.Errorf("%#x is not a pointer to a function that is %s", handler, typeHandler)
	}
	s, err := l.stub(signature)
	if err != nil {
		return err
	}
	s.set(exportHandler, handler)
	s.set(exportData, data)
	if _, err := l.call(s.instance, exportRun, uint64(slot)); err != nil {
		return fmt.Errorf("putting a closure into the table: %w", err)
	}
	l.retire(old)
	l.closures[slot] = s
	return nil
}

// FreeClosure empties a slot of AllocateClosure and gives it back.
func (l *Linker) FreeClosure(slot uint32) error {
	s, ok := l.closures[slot]
	if !ok {
		return notAllocated(slot)
	}
	if s != nil {
		if _, err := l.call(s.instance, exportClear, uint64(slot)); err != nil {
			return fmt.Errorf("taking a closure out of the table: %w", err)
		}
		l.retire(s)
	}
	delete(l.closures, slot)
	l.vacant = append(l.vacant, slot)
	return nil
}

func notAllocated(slot uint32) error {
	return fmt.Errorf("%#x is not a pointer to a closure", slot)
}

// stub returns code that no closure uses.
func (l *Linker) stub(signature string) (*stub, error) {
	if idle := l.idle[signature]; len(idle) > 0 {
		n := len(idle) - 1
		l.idle[signature] = idle[:n]
		return idle[n], nil
	}
	t, err := parseSignature(signature)
	if err != nil {
		return nil, err
	}
	m, err := l.makeStub(t)
	if err != nil {
		return nil, err
	}
	l.glue = append(l.glue, m)
	return &stub{t, signature, m}, nil
}

// retire keeps code for the next closure.
func (l *Linker) retire(s *stub) {
	if s != nil {
		l.idle[s.key] = append(l.idle[s.key], s)
	}
}

// set sets what the code is for.
func (s *stub) set(name string, value uint32) {
	s.instance.ExportedGlobal(name).(api.MutableGlobal).Set(uint64(value))
}

// makeStub makes the module of a closure. Arguments and result are on the
// guest's stack.
func (l *Linker) makeStub(t wasmfile.FuncType) (api.Module, error) {
	stackType := wasmfile.GlobalType{Type: wasmfile.I32, Mutable: true}
	e, ok := l.main.module.Export(symbolStackPointer)
	if g, own := l.main.module.GlobalAt(e.Index); !ok || e.Kind != wasmfile.Global || !own || g.GlobalType != stackType {
		return nil, errors.New("the main module does not export its stack pointer")
	}
	var b wasmfile.Builder
	b.ImportTable(l.main.name, symbolTable)
	b.ImportMemory(l.main.name, symbolMemory)
	stack := b.ImportGlobal(l.main.name, symbolStackPointer, stackType)
	handler, data := b.Global(true, 0), b.Global(true, 0)
	b.Export(exportHandler, wasmfile.Global, handler)
	b.Export(exportData, wasmfile.Global, data)

	frame := uint32(len(t.Params)) // the local variable after the parameters
	result := int32(8 * len(t.Params))
	size := (result + 8 + 15) &^ 15 // the stack stays aligned
	code := new(wasmfile.Code).
		GlobalGet(stack).I32Const(-size).I32Add().LocalSet(frame).
		LocalGet(frame).GlobalSet(stack)
	for i, v := range t.Params {
		code.LocalGet(frame).LocalGet(uint32(i)).Store(v, uint32(8*i))
	}
	code.GlobalGet(data).LocalGet(frame).LocalGet(frame).I32Const(result).I32Add().
		GlobalGet(handler).CallIndirect(b.Type(typeHandler)).
		LocalGet(frame).I32Const(size).I32Add().GlobalSet(stack)
	for _, v := range t.Results {
		code.LocalGet(frame).Load(v, uint32(result))
	}
	closure := b.Func(t, code, wasmfile.I32)
	b.Refer(closure)
	b.Export(exportRun, wasmfile.Func, b.Func(typeTake, new(wasmfile.Code).LocalGet(0).RefFunc(closure).TableSet()))
	b.Export(exportClear, wasmfile.Func, b.Func(typeTake, new(wasmfile.Code).LocalGet(0).RefNull().TableSet()))
	return l.make(&b, nil)
}
