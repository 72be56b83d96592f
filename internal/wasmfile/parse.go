package wasmfile

import (
	"bytes"
	"errors"
	"fmt"
)

// header starts every module: the magic number and version 1.
var header = []byte("\x00asm\x01\x00\x00\x00")

// The sections, by their numbers in the format.
const (
	sectionCustom = iota
	sectionType
	sectionImport
	sectionFunction
	sectionTable
	sectionMemory
	sectionGlobal
	sectionExport
	sectionStart
	sectionElement
	sectionCode
	sectionData
	sectionDataCount
	sectionTag
)

// order has each section's place among the others, by its number.
var order = [...]int{
	sectionType: 1, sectionImport: 2, sectionFunction: 3, sectionTable: 4, sectionMemory: 5, sectionTag: 6,
	sectionGlobal: 7, sectionExport: 8, sectionStart: 9, sectionElement: 10, sectionDataCount: 11, sectionCode: 12, sectionData: 13,
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

// Parse reads a module. It takes anything: errors say what is wrong with it.
func Parse(b []byte) (*Module, error) {
	if !bytes.HasPrefix(b, header) {
		for _, f := range foreign {
			if bytes.HasPrefix(b, []byte(f.magic)) {
				return nil, fmt.Errorf("it is %s, not a WebAssembly module", f.what)
			}
		}
		return nil, fmt.Errorf("it is not a WebAssembly module: it starts with %q", b[:min(len(b), len(header))])
	}
	m := &Module{exports: map[string]int{}}
	r := &reader{b: b[len(header):]}
	last := 0
	for first := true; len(r.b) > 0; first = false {
		id := r.byte()
		if int(id) >= len(order) {
			return nil, fmt.Errorf("it has a section of unknown number %d", id)
		}
		s := r.sub(r.uint32())
		if r.err != nil {
			return nil, fmt.Errorf("the %s section: %w", sectionNames[id], r.err)
		}
		if id != sectionCustom {
			if order[id] <= last {
				return nil, fmt.Errorf("the %s section is out of order", sectionNames[id])
			}
			last = order[id]
		}
		if err := m.section(id, s, first); err != nil {
			return nil, fmt.Errorf("the %s section: %w", sectionNames[id], err)
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	m.indexSlots()
	return m, nil
}

// section reads a section.
func (m *Module) section(id byte, r *reader, first bool) error {
	switch id {
	case sectionCustom:
		// The contents of others are not ours to judge.
		if r.name() == "dylink.0" && r.err == nil {
			if !first {
				return errors.New("dylink.0 has to be the first section")
			}
			return m.dylink(r)
		}
		return r.err
	case sectionType:
		for n := r.count(); n > 0 && r.err == nil; n-- {
			if form := r.byte(); form != 0x60 {
				r.fail("a type of form 0x%02x is not known here", form)
			}
			m.Types = append(m.Types, FuncType{r.valueTypes(), r.valueTypes()})
		}
	case sectionImport:
		for n := r.count(); n > 0 && r.err == nil; n-- {
			m.addImport(r)
		}
	case sectionFunction:
		for n := r.count(); n > 0 && r.err == nil; n-- {
			m.Functions = append(m.Functions, m.typeIndex(r))
		}
	case sectionTable:
		m.tables = r.count()
		return nil // their limits matter to the engine only
	case sectionMemory:
		m.memories = r.count()
		return nil
	case sectionTag:
		m.tags = r.count()
		m.HasTags = m.HasTags || m.tags > 0
		return nil
	case sectionGlobal:
		for n := r.count(); n > 0 && r.err == nil; n-- {
			m.Globals = append(m.Globals, GlobalDef{r.globalType(), r.constExpr()})
		}
	case sectionExport:
		for n := r.count(); n > 0 && r.err == nil; n-- {
			m.addExport(r)
		}
	case sectionElement:
		for n := r.count(); n > 0 && r.err == nil; n-- {
			m.addSegment(r)
		}
	default:
		return r.err // start, code and data
	}
	return r.end()
}

// typeIndex reads the index of a type.
func (m *Module) typeIndex(r *reader) uint32 {
	i := r.uint32()
	if r.err == nil && i >= uint32(len(m.Types)) {
		r.fail("there is no type %d", i)
		return 0
	}
	return i
}

func (m *Module) addImport(r *reader) {
	i := Import{Module: r.name(), Name: r.name(), Kind: Kind(r.byte())}
	switch i.Kind {
	case Func:
		i.Type = m.typeIndex(r)
	case Table:
		if t := ValueType(r.byte()); t != FuncRef && t != ExternRef {
			r.fail("a table has elements of an unknown type")
		}
		r.limits()
	case Memory:
		r.limits()
	case Global:
		i.Global = r.globalType()
	case Tag:
		r.byte()
		i.Type = m.typeIndex(r)
		m.HasTags = true
	default:
		r.fail("the import %q is of no known kind", i.Name)
	}
	if r.err != nil {
		return
	}
	// The address of a weak symbol is weak too.
	i.Weak = m.weak[weakKey{i.Module, i.Name}] || m.weak[weakKey{"env", i.Name}]
	m.imported[i.Kind] = append(m.imported[i.Kind], len(m.Imports))
	m.Imports = append(m.Imports, i)
}

func (m *Module) addExport(r *reader) {
	e := Export{Name: r.name(), Kind: Kind(r.byte()), Index: r.uint32()}
	if r.err != nil {
		return
	}
	if _, ok := m.exports[e.Name]; ok {
		r.fail("%q is there twice", e.Name)
		return
	}
	m.exports[e.Name] = len(m.Exports)
	m.Exports = append(m.Exports, e)
}

// addSegment reads a segment of one of the eight forms that the format has.
func (m *Module) addSegment(r *reader) {
	form := r.uint32()
	if form > 7 {
		r.fail("a segment has the unknown form %d", form)
		return
	}
	passive, explicit, expressions := form&1 != 0, form&2 != 0, form&4 != 0
	var s Segment
	if !passive {
		if explicit {
			s.Table = r.uint32()
		}
		s.At = r.constExpr()
	}
	if passive || explicit {
		r.byte() // the kind or the type of the elements
	}
	for n := r.count(); n > 0 && r.err == nil; n-- {
		if expressions {
			// Compilers of C do not write these: nothing can be said about them.
			r.constExpr()
		} else {
			s.Functions = append(s.Functions, r.uint32())
		}
	}
	if !passive && !expressions {
		m.Segments = append(m.Segments, s)
	}
}

// check makes sure that what refers to something refers to what is there.
func (m *Module) check() error {
	for _, e := range m.Exports {
		if e.Kind > Tag {
			return fmt.Errorf("the export %q is of no known kind", e.Name)
		}
		if e.Index >= m.count(e.Kind) {
			return fmt.Errorf("the export %q is %s %d, which is not there", e.Name, e.Kind, e.Index)
		}
	}
	for _, s := range m.Segments {
		for _, f := range s.Functions {
			if f >= m.count(Func) {
				return fmt.Errorf("a table has function %d, which is not there", f)
			}
		}
	}
	return nil
}
