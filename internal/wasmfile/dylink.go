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
func (m *Module) dylink(r *reader) error {
	m.Dylink = &Dylink{}
	for len(r.b) > 0 && r.err == nil {
		kind := r.byte()
		s := r.sub(r.uint32())
		switch kind {
		case dylinkMemInfo:
			m.Dylink.MemorySize, m.Dylink.MemoryAlign = s.uint32(), s.uint32()
			m.Dylink.TableSize, m.Dylink.TableAlign = s.uint32(), s.uint32()
		case dylinkNeeded:
			for n := s.count(); n > 0 && s.err == nil; n-- {
				m.Dylink.Needed = append(m.Dylink.Needed, s.name())
			}
		case dylinkImportInfo:
			for n := s.count(); n > 0 && s.err == nil; n-- {
				key := weakKey{s.name(), s.name()}
				if s.uint32()&bindingMask == weakBinding {
					if m.weak == nil {
						m.weak = map[weakKey]bool{}
					}
					m.weak[key] = true
				}
			}
		default:
			continue
		}
		if err := s.end(); err != nil {
			return fmt.Errorf("dylink.0, subsection %d: %w", kind, err)
		}
	}
	return r.err
}
