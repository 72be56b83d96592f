package lower

import (
	"bytes"
	"encoding/binary"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// order is the order of the sections, but for those of no use here.
var order = []byte{
	wasmfile.SectionType, wasmfile.SectionImport, wasmfile.SectionFunction, wasmfile.SectionTable, wasmfile.SectionMemory,
	wasmfile.SectionGlobal, wasmfile.SectionExport, wasmfile.SectionStart, wasmfile.SectionElement,
	wasmfile.SectionDataCount, wasmfile.SectionCode, wasmfile.SectionData,
}

// assemble makes the new module of its code and the other sections.
//
// What is not decoded here has no index that changes: constant expressions can
// use imported globals only.
func (m *module) assemble(code []byte) ([]byte, error) {
	content := map[byte][]byte{}
	var first, last []wasmfile.Section
	for _, s := range m.sections {
		if s.ID != wasmfile.SectionCustom {
			content[s.ID] = s.Content
			continue
		}
		// The others describe code that is no more.
		switch wasmfile.NewReader(s.Content).Name() {
		case "dylink.0":
			first = append(first, s)
		case "name":
			last = append(last, s)
		}
	}
	imports, err := m.newImports(content[wasmfile.SectionImport])
	if err != nil {
		return nil, err
	}
	content[wasmfile.SectionType] = m.newTypes()
	content[wasmfile.SectionImport] = imports
	if !m.side {
		content[wasmfile.SectionGlobal] = m.newGlobals(content[wasmfile.SectionGlobal])
	}
	content[wasmfile.SectionExport] = m.newExports()
	content[wasmfile.SectionCode] = code
	sections := first
	for _, id := range order {
		if c, ok := content[id]; ok {
			sections = append(sections, wasmfile.Section{ID: id, Content: c})
		}
	}
	return wasmfile.Join(append(sections, last...)), nil
}

func (m *module) newTypes() []byte {
	out := appendIndex(nil, uint32(len(m.types)))
	for _, t := range m.types {
		out = append(out, 0x60)
		for _, list := range [][]wasmfile.ValueType{t.Params, t.Results} {
			out = appendIndex(out, uint32(len(list)))
			out = append(out, string(list)...)
		}
	}
	return out
}

// newImports returns the imports without the tags. Those of a side module have
// the globals, as the last ones of all.
func (m *module) newImports(old []byte) ([]byte, error) {
	var out []byte
	n := uint32(0)
	if len(old) > 0 {
		r := wasmfile.NewReader(old)
		r.Uint32()
		for range m.Imports {
			before := r.Rest()
			i := r.Import()
			if i.Kind != wasmfile.Tag {
				out = append(out, before[:len(before)-len(r.Rest())]...)
				n++
			}
		}
		if err := r.End(); err != nil {
			return nil, err
		}
	}
	if m.side {
		for _, name := range []string{TagGlobal, ValueGlobal} {
			out = append(appendName(appendName(out, env), name), byte(wasmfile.Global), byte(wasmfile.I32), 1)
			n++
		}
	}
	return append(appendIndex(nil, n), out...), nil
}

// newGlobals returns the globals of a program: the old ones and the two that
// hold an exception.
func (m *module) newGlobals(old []byte) []byte {
	r := wasmfile.NewReader(old)
	n := r.Uint32() // zero if there are none
	zero := []byte{byte(wasmfile.I32), 1, opI32Const, 0, opEnd}
	return append(append(appendIndex(nil, n+2), r.Rest()...), bytes.Repeat(zero, 2)...)
}

func (m *module) newExports() []byte {
	var out []byte
	n := uint32(0)
	add := func(e wasmfile.Export) {
		out = appendIndex(append(appendName(out, e.Name), byte(e.Kind)), e.Index)
		n++
	}
	for _, e := range m.Exports {
		switch e.Kind {
		case wasmfile.Tag:
			continue
		case wasmfile.Global:
			e.Index = m.global(e.Index)
		}
		add(e)
	}
	if !m.side {
		add(wasmfile.Export{Name: TagGlobal, Kind: wasmfile.Global, Index: m.tagGlobal})
		add(wasmfile.Export{Name: ValueGlobal, Kind: wasmfile.Global, Index: m.valueGlobal})
	}
	return append(appendIndex(nil, n), out...)
}

func appendName(b []byte, name string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(name))), name...)
}
