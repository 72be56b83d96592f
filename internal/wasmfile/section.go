package wasmfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// header starts every module: the magic number and version 1.
var header = []byte("\x00asm\x01\x00\x00\x00")

// The sections, by their numbers in the format.
const (
	SectionCustom = iota
	SectionType
	SectionImport
	SectionFunction
	SectionTable
	SectionMemory
	SectionGlobal
	SectionExport
	SectionStart
	SectionElement
	SectionCode
	SectionData
	SectionDataCount
	SectionTag
)

// order has each section's place among the others, by its number.
var order = [...]int{
	SectionType: 1, SectionImport: 2, SectionFunction: 3, SectionTable: 4, SectionMemory: 5, SectionTag: 6,
	SectionGlobal: 7, SectionExport: 8, SectionStart: 9, SectionElement: 10, SectionDataCount: 11, SectionCode: 12, SectionData: 13,
}

var sectionNames = [...]string{
	"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "data count", "tag",
}

// foreign are the beginnings of files that are mistaken for modules.
var foreign = []struct{ magic, what string }{
	{"\x7fELF", "a native library (ELF)"},
	{"\xcf\xfa\xed\xfe", "a native library (Mach-O)"},
	{"\xca\xfe\xba\xbe", "a native library (Mach-O)"},
	{"MZ", "a native library (PE)"},
	{"!<arch>\n", "a static library"},
	{"\x00asm\x0d\x00\x01\x00", "a component, not a core module"},
}

// A Section is a part of a module.
type Section struct {
	ID      byte
	Content []byte
}

// Sections takes a module apart. The sections that the format knows are in
// their order; what is in them is not looked at.
func Sections(b []byte) ([]Section, error) {
	if !bytes.HasPrefix(b, header) {
		for _, f := range foreign {
			if bytes.HasPrefix(b, []byte(f.magic)) {
				return nil, fmt.Errorf("it is %s, not a WebAssembly module", f.what)
			}
		}
		return nil, fmt.Errorf("it is not a WebAssembly module: it starts with %q", b[:min(len(b), len(header))])
	}
	var sections []Section
	r := NewReader(b[len(header):])
	last := 0
	for len(r.b) > 0 {
		id := r.Byte()
		if int(id) >= len(order) {
			return nil, fmt.Errorf("it has a section of unknown number %d", id)
		}
		content := r.Bytes(r.Uint32())
		if r.err != nil {
			return nil, fmt.Errorf("the %s section: %w", sectionNames[id], r.err)
		}
		if id != SectionCustom {
			if order[id] <= last {
				return nil, fmt.Errorf("the %s section is out of order", sectionNames[id])
			}
			last = order[id]
		}
		sections = append(sections, Section{id, content})
	}
	return sections, nil
}

// Join makes a module of sections.
func Join(sections []Section) []byte {
	size := len(header)
	for _, s := range sections {
		size += 1 + binary.MaxVarintLen32 + len(s.Content)
	}
	b := append(make([]byte, 0, size), header...)
	for _, s := range sections {
		b = append(b, s.ID)
		b = binary.AppendUvarint(b, uint64(len(s.Content)))
		b = append(b, s.Content...)
	}
	return b
}
