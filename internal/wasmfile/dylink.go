package wasmfile

import "fmt"

// The subsections of dylink.0 that are read; others are passed over, as the
// convention wants it.
const (
	dylinkMemInfo    = 1
	dylinkNeeded     = 2
	dylinkImportInfo = 4
)

// weakBinding is the binding of a symbol that may be missing, of the flags in
// dylinkImportInfo.
const (
	bindingMask = 3
	weakBinding = 1
)

// weakKey names an import whose flags are read before the import itself.
type weakKey struct{ module, name string }

// dylink reads a dylink.0 section after its name.
func (m *Module) dylink(r *Reader) error {
	m.Dylink = &Dylink{}
	for len(r.b) > 0 && r.err == nil {
		kind := r.Byte()
		s := r.Sub(r.Uint32())
		switch kind {
		case dylinkMemInfo:
			m.Dylink.MemorySize, m.Dylink.MemoryAlign = s.Uint32(), s.Uint32()
			m.Dylink.TableSize, m.Dylink.TableAlign = s.Uint32(), s.Uint32()
		case dylinkNeeded:
			for n := s.Count(); n > 0 && s.err == nil; n-- {
				m.Dylink.Needed = append(m.Dylink.Needed, s.Name())
			}
		case dylinkImportInfo:
			for n := s.Count(); n > 0 && s.err == nil; n-- {
				key := weakKey{s.Name(), s.Name()}
				if s.Uint32()&bindingMask == weakBinding {
					if m.weak == nil {
						m.weak = map[weakKey]bool{}
					}
					m.weak[key] = true
				}
			}
		default:
			continue
		}
		if err := s.End(); err != nil {
			return fmt.Errorf("dylink.0, subsection %d: %w", kind, err)
		}
	}
	return r.err
}
