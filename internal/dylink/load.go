package dylink

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// Limits of what a side module may ask for, which none that is meant well
// reaches.
const (
	maxAlign      = 16 // as a power of two
	maxTableSlots = 1 << 20
)

// A loading is a library that is opened, with all that it needs and that is not
// linked yet, what is needed first.
type loading struct {
	*Linker
	root     *library
	added    []*library
	bindings map[*library]*bindings
}

// load links a library that is not linked yet. Nothing happens to the guest
// before it is certain that all symbols are there.
func (l *Linker) load(p string, flags uint32) (*library, error) {
	s := &loading{Linker: l, bindings: map[*library]*bindings{}}
	compiled, err := s.prepare(p, flags&Now != 0)
	if err == nil {
		err = s.place(compiled)
	}
	if err != nil {
		s.undo()
		return nil, err
	}
	for i, lib := range s.added {
		err := l.run(lib, "__wasm_call_ctors")
		var e *Exception
		if errors.As(err, &e) {
			// They stay where they are: a constructor may have told somebody of
			// them. But they are not found any more.
			for _, lib := range s.added[i:] {
				delete(s.byPath, lib.name)
			}
			return nil, fmt.Errorf("%s: its constructors threw an exception%s", lib.name, e.What)
		}
		if err != nil {
			panic(&Fault{fmt.Errorf("the constructors of %s: %w", lib.name, err)})
		}
	}
	return s.root, nil
}

// prepare does all that needs nothing of the guest.
func (s *loading) prepare(p string, now bool) ([]wazero.CompiledModule, error) {
	if _, err := s.read(p); err != nil {
		return nil, err
	}
	for _, lib := range s.added {
		b, err := s.resolve(lib, now)
		if err != nil {
			return nil, err
		}
		s.bindings[lib] = b
	}
	compiled := make([]wazero.CompiledModule, len(s.added))
	for i, lib := range s.added {
		var err error
		if compiled[i], err = lib.compile(); err != nil {
			return nil, fmt.Errorf("%s: %w", lib.name, err)
		}
	}
	return compiled, nil
}

// read reads a library and what it needs.
func (s *loading) read(p string) (*library, error) {
	if lib, ok := s.byPath[p]; ok {
		return lib, nil
	}
	if len(s.libraries)+len(s.added) > maxLibraries {
		return nil, fmt.Errorf("%s: there are %d modules already", p, maxLibraries)
	}
	side, err := s.File(p)
	if err == nil {
		err = check(side.Module)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	lib := &library{name: p, module: side.Module, compile: side.Compile, root: s.root}
	if s.root == nil {
		s.root, lib.root = lib, lib
	}
	s.byPath[p] = lib // before what it needs, which may need it
	for _, name := range lib.module.Dylink.Needed {
		need, err := s.read(s.locate(lib, name))
		if err != nil {
			delete(s.byPath, p)
			return nil, fmt.Errorf("needed by %s: %w", p, err)
		}
		lib.needs = append(lib.needs, need)
	}
	s.added = append(s.added, lib)
	return lib, nil
}

// locate returns the path of what a library needs: one of that name that is
// linked already, or a file beside the library.
func (s *loading) locate(lib *library, name string) string {
	if strings.Contains(name, "/") {
		return path.Join("/", name)
	}
	for _, x := range s.libraries {
		if path.Base(x.name) == name {
			return x.name
		}
	}
	return path.Join(path.Dir(lib.name), name)
}

// check reports why a module cannot be linked to a running guest.
func check(m *wasmfile.Module) error {
	d := m.Dylink
	switch {
	case d == nil:
		return errors.New("it is not a side module: it has no section dylink.0; link it with -shared")
	case d.MemoryAlign > maxAlign || d.TableAlign > maxAlign || d.TableSize > maxTableSlots:
		return fmt.Errorf("it asks for memory aligned to 2^%d bytes and %d slots of the table aligned to 2^%d, which is too much", d.MemoryAlign, d.TableSize, d.TableAlign)
	}
	return nil
}

// place gives the libraries memory and slots, makes instances of them and fills
// in addresses.
func (s *loading) place(compiled []wazero.CompiledModule) error {
	for _, lib := range s.added {
		lib.number = len(s.libraries)
		s.libraries = append(s.libraries, lib)
		s.byPath[lib.name] = lib
		if err := s.allocate(lib); err != nil {
			return fmt.Errorf("%s: %w", lib.name, err)
		}
	}
	for i, lib := range s.added {
		if err := s.instantiate(lib, s.bindings[lib], compiled[i]); err != nil {
			return fmt.Errorf("%s: %w", lib.name, err)
		}
	}
	for _, lib := range s.added {
		if err := s.fill(lib, s.bindings[lib].got); err != nil {
			return fmt.Errorf("%s: %w", lib.name, err)
		}
	}
	for _, lib := range s.added {
		if err := s.run(lib, "__wasm_apply_data_relocs"); err != nil {
			return fmt.Errorf("%s: filling in addresses: %w", lib.name, err)
		}
	}
	return nil
}

// allocate gives a library its part of the memory, zeroed, and of the table.
func (l *Linker) allocate(lib *library) error {
	d := lib.module.Dylink
	if d.MemorySize > 0 {
		align := max(uint64(1)<<d.MemoryAlign, 16)
		r, err := l.call(l.Main, "malloc", min(uint64(d.MemorySize)+align, 1<<32-1))
		if err != nil {
			return fmt.Errorf("asking the main module's malloc for memory: %w", err)
		}
		if len(r) != 1 || uint32(r[0]) == 0 {
			return fmt.Errorf("it needs %d bytes of memory, more than there are", d.MemorySize)
		}
		lib.memory = uint32(r[0])
		lib.memoryBase = uint32((uint64(lib.memory) + align - 1) &^ (align - 1))
		b, ok := l.Main.Memory().Read(lib.memoryBase, d.MemorySize)
		if !ok {
			return errors.New("the main module's malloc returned what is not memory")
		}
		clear(b)
	}
	var err error
	lib.tableBase, err = l.growTable(d.TableSize, d.TableAlign)
	return err
}

// instantiate makes the instance of a library.
func (l *Linker) instantiate(lib *library, b *bindings, compiled wazero.CompiledModule) (err error) {
	if lib.env, err = l.makeEnv(lib, b); err != nil {
		return err
	}
	if lib.got, err = l.makeGOT(b.got); err != nil {
		return err
	}
	lib.instance, err = l.instance(compiled, map[string]api.Module{moduleEnv: lib.env, moduleGOTMem: lib.got, moduleGOTFunc: lib.got})
	return err
}

// fill sets the addresses that a library wants.
func (l *Linker) fill(lib *library, got []binding) error {
	var functions []placement
	for _, g := range got {
		if g.provider != nil && g.Module == moduleGOTFunc {
			functions = append(functions, placement{g.provider, g.export})
		}
	}
	if err := l.placeFunctions(functions); err != nil {
		return err
	}
	for _, g := range got {
		if g.provider == nil {
			continue // the address of what is missing is zero
		}
		value, _ := g.provider.address(g.export)
		if g.Module == moduleGOTFunc {
			var err error
			if value, err = l.slot(g.provider, g.export); err != nil {
				return err
			}
		}
		lib.got.ExportedGlobal(g.Name).(api.MutableGlobal).Set(uint64(value))
	}
	return nil
}

// run calls a function that a library has for the linker, if it has it.
func (l *Linker) run(lib *library, name string) error {
	e, ok := lib.module.Export(name)
	if !ok || e.Kind != wasmfile.Func {
		return nil
	}
	if t := lib.module.FuncType(e.Index); len(t.Params)+len(t.Results) != 0 {
		return fmt.Errorf("%s is %s, but it should take and return nothing", name, t)
	}
	_, err := l.call(lib.instance, name)
	return err
}

// undo forgets libraries that could not be linked. Their slots of the table
// stay empty.
func (s *loading) undo() {
	for _, lib := range s.added {
		delete(s.byPath, lib.name)
		for f, slot := range s.slots {
			if f.library == lib {
				delete(s.slots, f)
				delete(s.inSlots, slot)
			}
		}
		// To close an instance would give back the memory that it imports: the guest's.
		s.failed = append(s.failed, lib)
		if lib.memory != 0 {
			// Without a free that works the memory is lost, which is no harm.
			_, _ = s.call(s.Main, "free", uint64(lib.memory))
		}
	}
	for i, lib := range s.libraries {
		if len(s.added) > 0 && lib == s.added[0] {
			s.libraries = s.libraries[:i]
			break
		}
	}
}
