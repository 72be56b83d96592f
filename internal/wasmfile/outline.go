package wasmfile

import "encoding/binary"

// Outline returns a module that Parse takes for the given one, but without its
// code and data.
func Outline(b []byte) ([]byte, error) {
	return reduce(b, func(s Section) (Section, bool) {
		switch s.ID {
		case SectionCode, SectionData, SectionDataCount:
			return s, false
		case SectionCustom:
			return s, NewReader(s.Content).Name() == "dylink.0"
		}
		return s, true
	})
}

// Hollow returns a module that differs from the given one in that all of its
// functions trap, and in a section that has a mark and means nothing: by that,
// modules differ which have the same outside.
func Hollow(b []byte, mark string) ([]byte, error) {
	trap := []byte{3, 0, opUnreachable, opEnd} // with its size, and no locals
	hollow, err := reduce(b, func(s Section) (Section, bool) {
		switch s.ID {
		case SectionCode:
			n := NewReader(s.Content).Count()
			s.Content = binary.AppendUvarint(nil, uint64(n))
			for range n {
				s.Content = append(s.Content, trap...)
			}
		case SectionCustom:
			return s, NewReader(s.Content).Name() == "name"
		}
		return s, true
	})
	if err != nil {
		return nil, err
	}
	content := append(text("mark"), mark...)
	hollow = append(append(hollow, SectionCustom), uleb(uint32(len(content)))...)
	return append(hollow, content...), nil
}

// reduce returns the module of what is kept of the sections of another one.
func reduce(b []byte, keep func(Section) (Section, bool)) ([]byte, error) {
	sections, err := Sections(b)
	if err != nil {
		return nil, err
	}
	kept := sections[:0]
	for _, s := range sections {
		if s, ok := keep(s); ok {
			kept = append(kept, s)
		}
	}
	return Join(kept), nil
}
