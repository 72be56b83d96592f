package wasmfile

import (
	"encoding/binary"
	"slices"
)

// A Builder makes a module. Imports of a kind have to be added before anything
// of the module's own of that kind, since they are counted first. Mistakes are
// found by whoever reads the module.
type Builder struct {
	types    [][]byte // encoded
	imports  vector
	funcs    vector
	tables   vector
	memories vector
	tags     vector
	globals  vector
	exports  vector
	elements vector
	codes    vector
	datas    vector
	custom   []byte // the section dylink.0, whole

	counts [Tag + 1]uint32
}

// A vector is a list in the making.
type vector struct {
	n uint32
	b []byte
}

func (v *vector) add(parts ...[]byte) {
	v.n++
	for _, p := range parts {
		v.b = append(v.b, p...)
	}
}

// Type returns the index of a type.
func (b *Builder) Type(t FuncType) uint32 {
	list := func(types []ValueType) []byte {
		return append(uleb(uint32(len(types))), string(types)...)
	}
	encoded := slices.Concat([]byte{0x60}, list(t.Params), list(t.Results))
	i := slices.IndexFunc(b.types, func(u []byte) bool { return slices.Equal(u, encoded) })
	if i < 0 {
		i = len(b.types)
		b.types = append(b.types, encoded)
	}
	return uint32(i)
}

// add counts something of a kind and returns its index.
func (b *Builder) add(k Kind) uint32 {
	b.counts[k]++
	return b.counts[k] - 1
}

// ImportFunc imports a function and returns its index.
func (b *Builder) ImportFunc(module, name string, t FuncType) uint32 {
	b.imports.add(text(module), text(name), []byte{byte(Func)}, uleb(b.Type(t)))
	return b.add(Func)
}

// ImportTable imports a table of functions.
func (b *Builder) ImportTable(module, name string) uint32 {
	b.imports.add(text(module), text(name), []byte{byte(Table), byte(FuncRef), 0, 0})
	return b.add(Table)
}

// ImportMemory imports the memory.
func (b *Builder) ImportMemory(module, name string) uint32 {
	b.imports.add(text(module), text(name), []byte{byte(Memory), 0, 0})
	return b.add(Memory)
}

// ImportGlobal imports a global and returns its index.
func (b *Builder) ImportGlobal(module, name string, t GlobalType) uint32 {
	b.imports.add(text(module), text(name), []byte{byte(Global)}, globalType(t))
	return b.add(Global)
}

// ImportTag imports a tag and returns its index.
func (b *Builder) ImportTag(module, name string, t FuncType) uint32 {
	b.imports.add(text(module), text(name), []byte{byte(Tag), 0}, uleb(b.Type(t)))
	return b.add(Tag)
}

// Table makes a table of functions with the given number of empty slots.
func (b *Builder) Table(slots uint32) uint32 {
	b.tables.add([]byte{byte(FuncRef), 0}, uleb(slots))
	return b.add(Table)
}

// Memory makes a memory of the given number of pages of 64 KiB.
func (b *Builder) Memory(pages uint32) uint32 {
	b.memories.add([]byte{0}, uleb(pages))
	return b.add(Memory)
}

// Tag makes a tag and returns its index.
func (b *Builder) Tag(t FuncType) uint32 {
	b.tags.add([]byte{0}, uleb(b.Type(t)))
	return b.add(Tag)
}

// Global makes a global of type i32 and returns its index.
func (b *Builder) Global(mutable bool, init int32) uint32 {
	b.globals.add(globalType(GlobalType{I32, mutable}), []byte{opI32Const}, sleb(init), []byte{opEnd})
	return b.add(Global)
}

// Sum makes a global of type i32 that never changes: the sum of imported ones.
func (b *Builder) Sum(globals ...uint32) uint32 {
	var init []byte
	for i, g := range globals {
		init = append(append(init, opGlobalGet), uleb(g)...)
		if i > 0 {
			init = append(init, opI32Add)
		}
	}
	b.globals.add(globalType(GlobalType{I32, false}), init, []byte{opEnd})
	return b.add(Global)
}

// Func makes a function, which may have local variables, and returns its index.
func (b *Builder) Func(t FuncType, body *Code, locals ...ValueType) uint32 {
	b.funcs.add(uleb(b.Type(t)))
	code := uleb(uint32(len(locals)))
	for _, l := range locals {
		code = append(code, 1, byte(l))
	}
	code = append(append(code, body.b...), opEnd)
	b.codes.add(uleb(uint32(len(code))), code)
	return b.add(Func)
}

// Export exports something under a name.
func (b *Builder) Export(name string, k Kind, index uint32) {
	b.exports.add(text(name), []byte{byte(k)}, uleb(index))
}

// Segment puts functions into the first table from a place on: the value of a
// global, if one is given, plus an offset.
func (b *Builder) Segment(global *uint32, offset int32, functions ...uint32) {
	b.elements.add([]byte{0}, place(global, offset), list(functions))
}

// Refer allows the code to refer to functions that are in no segment.
func (b *Builder) Refer(functions ...uint32) {
	const declarative, ofFunctions = 3, 0
	b.elements.add([]byte{declarative, ofFunctions}, list(functions))
}

// Data puts bytes into the memory, at a place as of Segment.
func (b *Builder) Data(global *uint32, offset int32, data []byte) {
	b.datas.add([]byte{0}, place(global, offset), uleb(uint32(len(data))), data)
}

// Dylink makes it a side module. Weak has the names of those imports of env
// that may be missing.
func (b *Builder) Dylink(d Dylink, weak ...string) {
	sub := func(id byte, content []byte) {
		b.custom = slices.Concat(b.custom, []byte{id}, uleb(uint32(len(content))), content)
	}
	b.custom = text("dylink.0")
	sub(dylinkMemInfo, slices.Concat(uleb(d.MemorySize), uleb(d.MemoryAlign), uleb(d.TableSize), uleb(d.TableAlign)))
	if len(d.Needed) > 0 {
		needed := uleb(uint32(len(d.Needed)))
		for _, name := range d.Needed {
			needed = append(needed, text(name)...)
		}
		sub(dylinkNeeded, needed)
	}
	if len(weak) > 0 {
		flags := uleb(uint32(len(weak)))
		for _, name := range weak {
			flags = slices.Concat(flags, text("env"), text(name), uleb(weakBinding))
		}
		sub(dylinkImportInfo, flags)
	}
}

// Bytes returns the module.
func (b *Builder) Bytes() []byte {
	var sections []Section
	if b.custom != nil {
		sections = append(sections, Section{SectionCustom, b.custom})
	}
	types := vector{uint32(len(b.types)), slices.Concat(b.types...)}
	for _, s := range []struct {
		id byte
		vector
	}{
		{SectionType, types}, {SectionImport, b.imports}, {SectionFunction, b.funcs}, {SectionTable, b.tables},
		{SectionMemory, b.memories}, {SectionTag, b.tags}, {SectionGlobal, b.globals}, {SectionExport, b.exports},
		{SectionElement, b.elements}, {SectionCode, b.codes}, {SectionData, b.datas},
	} {
		if s.n > 0 {
			sections = append(sections, Section{s.id, append(uleb(s.n), s.b...)})
		}
	}
	return Join(sections)
}

// Instructions that are written here.
const (
	opUnreachable  = 0x00
	opIf           = 0x04
	opEnd          = 0x0b
	opCall         = 0x10
	opCallIndirect = 0x11
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opTableSet     = 0x26
	opI32Load      = 0x28
	opI32Store     = 0x36
	opI32Const     = 0x41
	opI32Eqz       = 0x45
	opI32Add       = 0x6a
	opRefNull      = 0xd0
	opRefFunc      = 0xd2
	opTable        = 0xfc
	noResult       = 0x40
	tableGrow      = 15
)

// Code is the body of a function in the making. Each method adds the
// instruction of its name.
type Code struct{ b []byte }

func (c *Code) op(op byte, operands ...[]byte) *Code {
	c.b = append(c.b, op)
	for _, o := range operands {
		c.b = append(c.b, o...)
	}
	return c
}

// Raw adds instructions as they are encoded.
func (c *Code) Raw(instructions ...byte) *Code {
	c.b = append(c.b, instructions...)
	return c
}

func (c *Code) Unreachable() *Code            { return c.op(opUnreachable) }
func (c *Code) If() *Code                     { return c.op(opIf, []byte{noResult}) }
func (c *Code) End() *Code                    { return c.op(opEnd) }
func (c *Code) Call(function uint32) *Code    { return c.op(opCall, uleb(function)) }
func (c *Code) CallIndirect(t uint32) *Code   { return c.op(opCallIndirect, uleb(t), uleb(0)) }
func (c *Code) LocalGet(local uint32) *Code   { return c.op(opLocalGet, uleb(local)) }
func (c *Code) LocalSet(local uint32) *Code   { return c.op(opLocalSet, uleb(local)) }
func (c *Code) GlobalGet(global uint32) *Code { return c.op(opGlobalGet, uleb(global)) }
func (c *Code) GlobalSet(global uint32) *Code { return c.op(opGlobalSet, uleb(global)) }
func (c *Code) TableSet() *Code               { return c.op(opTableSet, uleb(0)) }
func (c *Code) TableGrow() *Code              { return c.op(opTable, uleb(tableGrow), uleb(0)) }
func (c *Code) I32Const(v int32) *Code        { return c.op(opI32Const, sleb(v)) }
func (c *Code) I32Eqz() *Code                 { return c.op(opI32Eqz) }
func (c *Code) I32Add() *Code                 { return c.op(opI32Add) }
func (c *Code) RefNull() *Code                { return c.op(opRefNull, []byte{byte(FuncRef)}) }
func (c *Code) RefFunc(function uint32) *Code { return c.op(opRefFunc, uleb(function)) }
func (c *Code) I32Load(offset uint32) *Code   { return c.op(opI32Load, uleb(2), uleb(offset)) }
func (c *Code) I32Store(offset uint32) *Code  { return c.op(opI32Store, uleb(2), uleb(offset)) }

// accesses are the instructions that load and store values of a type, and its
// size as a power of two.
var accesses = map[ValueType]struct{ load, store, size byte }{
	I32: {opI32Load, opI32Store, 2},
	I64: {0x29, 0x37, 3},
	F32: {0x2a, 0x38, 2},
	F64: {0x2b, 0x39, 3},
}

// Size returns how many bytes of memory a number has, 0 for what is no number.
func Size(t ValueType) uint32 {
	if a, ok := accesses[t]; ok {
		return 1 << a.size
	}
	return 0
}

// Load adds the load of a number.
func (c *Code) Load(t ValueType, offset uint32) *Code {
	a := accesses[t]
	return c.op(a.load, uleb(uint32(a.size)), uleb(offset))
}

// Store adds the store of a number.
func (c *Code) Store(t ValueType, offset uint32) *Code {
	a := accesses[t]
	return c.op(a.store, uleb(uint32(a.size)), uleb(offset))
}

// uleb returns an unsigned LEB128 number.
func uleb(v uint32) []byte { return binary.AppendUvarint(nil, uint64(v)) }

// sleb returns a signed LEB128 number.
func sleb(v int32) []byte { return AppendSigned(nil, int64(v)) }

// AppendSigned appends a signed LEB128 number.
func AppendSigned(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

// text returns a name.
func text(s string) []byte { return append(uleb(uint32(len(s))), s...) }

// list returns a vector of indices.
func list(indices []uint32) []byte {
	b := uleb(uint32(len(indices)))
	for _, i := range indices {
		b = append(b, uleb(i)...)
	}
	return b
}

// place returns the expression for where a segment goes.
func place(global *uint32, offset int32) []byte {
	e := slices.Concat([]byte{opI32Const}, sleb(offset))
	if global != nil {
		e = slices.Concat(e, []byte{opGlobalGet}, uleb(*global), []byte{opI32Add})
	}
	return append(e, opEnd)
}

func globalType(t GlobalType) []byte {
	if t.Mutable {
		return []byte{byte(t.Type), 1}
	}
	return []byte{byte(t.Type), 0}
}
