// Package wasmfile reads and writes the parts of a WebAssembly module that
// linking is about: types, imports, exports, globals, the contents of tables
// and the dylink.0 section. Code and data are passed over; whether they are
// valid is for the engine to say.
//
// The formats are those of https://webassembly.github.io/spec/core/binary/ and
// https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md.
package wasmfile

import "strings"

// A Kind is a kind of thing that is imported and exported.
type Kind byte

// The kinds, by their numbers in the format.
const (
	Func Kind = iota
	Table
	Memory
	Global
	Tag
)

func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return "unknown kind"
}

var kinds = []string{"function", "table", "memory", "global", "tag"}

// A ValueType is the type of a value, by its number in the format.
type ValueType byte

// The value types. Further reference types stand for themselves.
const (
	I32       ValueType = 0x7f
	I64       ValueType = 0x7e
	F32       ValueType = 0x7d
	F64       ValueType = 0x7c
	V128      ValueType = 0x7b
	FuncRef   ValueType = 0x70
	ExternRef ValueType = 0x6f
	ExnRef    ValueType = 0x69
)

func (t ValueType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	case ExternRef:
		return "externref"
	case ExnRef:
		return "exnref"
	}
	return "unknown type"
}

// A FuncType is the type of a function.
type FuncType struct{ Params, Results []ValueType }

// String returns a type as in "(i32, f64) -> i32".
func (t FuncType) String() string {
	list := func(types []ValueType) string {
		names := make([]string, len(types))
		for i, v := range types {
			names[i] = v.String()
		}
		return strings.Join(names, ", ")
	}
	result := list(t.Results)
	if len(t.Results) != 1 {
		result = "(" + result + ")"
	}
	return "(" + list(t.Params) + ") -> " + result
}

// Equal reports whether two types are the same.
func (t FuncType) Equal(u FuncType) bool {
	return string(t.Params) == string(u.Params) && string(t.Results) == string(u.Results)
}

// A GlobalType is the type of a global.
type GlobalType struct {
	Type    ValueType
	Mutable bool
}

// An Import is something that a module wants of another.
type Import struct {
	Module, Name string
	Kind         Kind
	Type         uint32     // of a function or a tag: an index of Module.Types
	Global       GlobalType // of a global
	Weak         bool       // it may be missing
}

// An Export is something that a module offers.
type Export struct {
	Name  string
	Kind  Kind
	Index uint32 // among all of its kind, the imported ones first
}

// A ConstExpr is the value with which a global starts or at which a segment is
// placed: Offset, plus the value of an imported global if HasGlobal is set.
type ConstExpr struct {
	HasGlobal bool
	Global    uint32
	Offset    int32
	// Simple reports that the fields above say it all; if not, the expression
	// computes something else, such as a floating point number.
	Simple bool
}

// A Segment is a part of a table: functions from a place on.
type Segment struct {
	Table     uint32
	At        ConstExpr
	Functions []uint32
}

// A Dylink is the contents of the dylink.0 section, which makes a module a
// side module: one that is linked to a running program.
type Dylink struct {
	MemorySize  uint32 // bytes of memory that it needs
	MemoryAlign uint32 // as a power of two
	TableSize   uint32 // slots of the table that it needs
	TableAlign  uint32 // as a power of two
	Needed      []string
}

// A Module is what a module says about itself.
type Module struct {
	Types     []FuncType
	Imports   []Import
	Functions []uint32 // types of the module's own functions
	Globals   []GlobalDef
	Exports   []Export
	Segments  []Segment // those whose place is fixed
	Dylink    *Dylink   // nil: it is no side module
	Tags      []uint32  // types of the module's own tags

	exports  map[string]int
	slots    map[uint32]uint32 // see Slot
	inSlots  map[uint32]uint32 // see InSlot
	imported [Tag + 1][]int    // by kind, indices of Imports
	tables   uint32
	memories uint32
	weak     map[weakKey]bool
}

// A GlobalDef is a global of a module's own.
type GlobalDef struct {
	GlobalType
	Init ConstExpr
}

// Export returns the export of the given name.
func (m *Module) Export(name string) (Export, bool) {
	i, ok := m.exports[name]
	if !ok {
		return Export{}, false
	}
	return m.Exports[i], true
}

// FuncType returns the type of the function with the given index, which is one
// that the module uses itself.
func (m *Module) FuncType(index uint32) FuncType {
	if imported := m.imported[Func]; index < uint32(len(imported)) {
		return m.Types[m.Imports[imported[index]].Type]
	}
	return m.Types[m.Functions[index-uint32(len(m.imported[Func]))]]
}

// TagType returns the type of the tag with the given index, which is one that
// the module uses itself.
func (m *Module) TagType(index uint32) FuncType {
	if imported := m.imported[Tag]; index < uint32(len(imported)) {
		return m.Types[m.Imports[imported[index]].Type]
	}
	return m.Types[m.Tags[index-uint32(len(m.imported[Tag]))]]
}

// HasTags reports whether the module throws or catches exceptions.
func (m *Module) HasTags() bool { return len(m.imported[Tag])+len(m.Tags) > 0 }

// GlobalAt returns the global with the given index if it is the module's own.
func (m *Module) GlobalAt(index uint32) (GlobalDef, bool) {
	n := uint32(len(m.imported[Global]))
	if index < n || index-n >= uint32(len(m.Globals)) {
		return GlobalDef{}, false
	}
	return m.Globals[index-n], true
}

// ImportedGlobal returns the import that the global with the given index is,
// if it is one.
func (m *Module) ImportedGlobal(index uint32) (Import, bool) {
	if imported := m.imported[Global]; index < uint32(len(imported)) {
		return m.Imports[imported[index]], true
	}
	return Import{}, false
}

// Imported reports whether the function with the given index is an import.
func (m *Module) Imported(function uint32) bool {
	return function < uint32(len(m.imported[Func]))
}

// Slot returns the first slot of the table that the module itself gives a
// function, counted from the global that its segments are placed at, if they
// are.
func (m *Module) Slot(function uint32) (uint32, bool) {
	slot, ok := m.slots[function]
	return slot, ok
}

// InSlot returns the function that the module puts into a slot, counted as by
// Slot.
func (m *Module) InSlot(slot uint32) (function uint32, ok bool) {
	function, ok = m.inSlots[slot]
	return function, ok
}

// indexSlots fills slots and inSlots.
func (m *Module) indexSlots() {
	m.slots, m.inSlots = map[uint32]uint32{}, map[uint32]uint32{}
	for _, s := range m.Segments {
		if s.Table != 0 || !s.At.Simple {
			continue
		}
		for i, f := range s.Functions {
			slot := uint32(s.At.Offset) + uint32(i)
			m.inSlots[slot] = f
			if _, ok := m.slots[f]; !ok {
				m.slots[f] = slot
			}
		}
	}
}

// count returns how many of a kind there are.
func (m *Module) count(k Kind) uint32 {
	n := uint32(len(m.imported[k]))
	switch k {
	case Func:
		n += uint32(len(m.Functions))
	case Table:
		n += m.tables
	case Memory:
		n += m.memories
	case Global:
		n += uint32(len(m.Globals))
	case Tag:
		n += uint32(len(m.Tags))
	}
	return n
}
