package wasmfile

import (
	"errors"
	"fmt"
)

// Parse reads a module. It takes anything: errors say what is wrong with it.
func Parse(b []byte) (*Module, error) {
	sections, err := Sections(b)
	if err != nil {
		return nil, err
	}
	m := &Module{exports: map[string]int{}}
	for i, s := range sections {
		if err := m.section(s.ID, NewReader(s.Content), i == 0); err != nil {
			return nil, fmt.Errorf("the %s section: %w", sectionNames[s.ID], err)
		}
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	m.indexSlots()
	return m, nil
}

// section reads a section.
func (m *Module) section(id byte, r *Reader, first bool) error {
	switch id {
	case SectionCustom:
		// The contents of others are not ours to judge.
		if r.Name() == "dylink.0" && r.err == nil {
			if !first {
				return errors.New("dylink.0 has to be the first section")
			}
			return m.dylink(r)
		}
		return r.err
	case SectionType:
		for n := r.Count(); n > 0 && r.err == nil; n-- {
			if form := r.Byte(); form != 0x60 {
				r.Failf("a type of form 0x%02x is not known here", form)
			}
			m.Types = append(m.Types, FuncType{r.ValueTypes(), r.ValueTypes()})
		}
	case SectionImport:
		for n := r.Count(); n > 0 && r.err == nil; n-- {
			m.addImport(r)
		}
	case SectionFunction:
		for n := r.Count(); n > 0 && r.err == nil; n-- {
			m.Functions = append(m.Functions, m.typeIndex(r))
		}
	case SectionTable:
		m.tables = r.Count()
		return nil // their limits matter to the engine only
	case SectionMemory:
		m.memories = r.Count()
		return nil
	case SectionTag:
		for n := r.Count(); n > 0 && r.err == nil; n-- {
			r.tagAttribute()
			m.Tags = append(m.Tags, m.typeIndex(r))
		}
	case SectionGlobal:
		for n := r.Count(); n > 0 && r.err == nil; n-- {
			m.Globals = append(m.Globals, GlobalDef{r.globalType(), r.constExpr()})
		}
	case SectionExport:
		for n := r.Count(); n > 0 && r.err == nil; n-- {
			m.addExport(r)
		}
	case SectionElement:
		for n := r.Count(); n > 0 && r.err == nil; n-- {
			m.addSegment(r)
		}
	default:
		return r.err // start, code and data
	}
	return r.End()
}

// typeIndex reads the index of a type.
func (m *Module) typeIndex(r *Reader) uint32 {
	i := r.Uint32()
	if r.err == nil && i >= uint32(len(m.Types)) {
		r.Failf("there is no type %d", i)
		return 0
	}
	return i
}

func (m *Module) addImport(r *Reader) {
	i := r.Import()
	if (i.Kind == Func || i.Kind == Tag) && i.Type >= uint32(len(m.Types)) {
		r.Failf("there is no type %d", i.Type)
	}
	if r.err != nil {
		return
	}
	// The address of a weak symbol is weak too.
	i.Weak = m.weak[weakKey{i.Module, i.Name}] || m.weak[weakKey{"env", i.Name}]
	m.imported[i.Kind] = append(m.imported[i.Kind], len(m.Imports))
	m.Imports = append(m.Imports, i)
}

func (m *Module) addExport(r *Reader) {
	e := Export{Name: r.Name(), Kind: Kind(r.Byte()), Index: r.Uint32()}
	if r.err != nil {
		return
	}
	if _, ok := m.exports[e.Name]; ok {
		r.Failf("%q is there twice", e.Name)
		return
	}
	m.exports[e.Name] = len(m.Exports)
	m.Exports = append(m.Exports, e)
}

// addSegment reads a segment of one of the eight forms that the format has.
func (m *Module) addSegment(r *Reader) {
	form := r.Uint32()
	if form > 7 {
		r.Failf("a segment has the unknown form %d", form)
		return
	}
	passive, explicit, expressions := form&1 != 0, form&2 != 0, form&4 != 0
	var s Segment
	if !passive {
		if explicit {
			s.Table = r.Uint32()
		}
		s.At = r.constExpr()
	}
	if passive || explicit {
		r.Byte() // the kind or the type of the elements
	}
	for n := r.Count(); n > 0 && r.err == nil; n-- {
		if expressions {
			// Compilers of C do not write these: nothing can be said about them.
			r.constExpr()
		} else {
			s.Functions = append(s.Functions, r.Uint32())
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
