package dylink

import (
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/cowasm/cowasm/internal/lower"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// WebAssembly has no instructions for what a linker does, so it is done by
// little modules that are made here. Each is made of what a library says of
// itself and of nothing that differs from run to run, so that its machine code
// can be kept.

const (
	// hostModule has the function by which they ask for the slot of a function
	// that is called for the first time.
	hostModule = "cowasm:dylink"
	hostBind   = "bind"

	// exportNumber is the global that tells a module for whom it asks, and
	// exportRun the one function of a module that has one.
	exportNumber = "cowasm:number"
	exportRun    = "run"
)

var (
	typeI32    = []wasmfile.ValueType{wasmfile.I32}
	typeTake   = wasmfile.FuncType{Params: typeI32}
	typeUnary  = wasmfile.FuncType{Params: typeI32, Results: typeI32}
	typeBinary = wasmfile.FuncType{Params: []wasmfile.ValueType{wasmfile.I32, wasmfile.I32}, Results: typeI32}
)

// make makes an instance of a module of ours.
func (l *Linker) make(b *wasmfile.Builder, imports map[string]api.Module) (api.Module, error) {
	compiled, err := l.Compile(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("linking: %w", err)
	}
	return l.instance(compiled, imports)
}

// instance makes an instance of a module that imports from the given ones, from
// other libraries by their names, and from the host.
func (l *Linker) instance(compiled wazero.CompiledModule, imports map[string]api.Module) (api.Module, error) {
	ctx := experimental.WithImportResolver(l.ctx, func(name string) api.Module {
		if m, ok := imports[name]; ok {
			return m
		}
		if name == l.main.name {
			return l.Main
		}
		if lib, ok := l.byPath[name]; ok {
			return lib.instance
		}
		return nil
	})
	return l.Runtime.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
}

// makeEnv makes the module env of a library: the definitions that were found,
// under the names by which the library wants them.
func (l *Linker) makeEnv(lib *library, bound *bindings) (api.Module, error) {
	var b wasmfile.Builder
	var lazyFunctions []binding
	for _, f := range bound.functions {
		// A provider that is not there yet is one that needs this library.
		if f.provider == nil || f.provider.instance == nil {
			lazyFunctions = append(lazyFunctions, f)
			continue
		}
		i := b.ImportFunc(f.provider.name, f.Name, lib.module.Types[f.Type])
		b.Export(f.Name, wasmfile.Func, i)
	}
	var bind uint32
	if lazyFunctions != nil {
		bind = b.ImportFunc(hostModule, hostBind, typeBinary)
	}
	if bound.table || lazyFunctions != nil {
		b.ImportTable(l.main.name, symbolTable)
	}
	if bound.table {
		b.Export(symbolTable, wasmfile.Table, 0)
	}
	if bound.memory {
		b.ImportMemory(l.main.name, symbolMemory)
		b.Export(symbolMemory, wasmfile.Memory, 0)
	}
	for _, g := range bound.globals {
		from := l.main.name
		if g.Name == symbolMemoryBase || g.Name == symbolTableBase {
			from = baseModule
		}
		b.Export(g.Name, wasmfile.Global, b.ImportGlobal(from, g.Name, g.Global))
	}
	if l.main.module.HasTags() {
		for _, name := range []string{lower.TagGlobal, lower.ValueGlobal} {
			b.Export(name, wasmfile.Global, b.ImportGlobal(l.main.name, name, wasmfile.GlobalType{Type: wasmfile.I32, Mutable: true}))
		}
	}
	if lazyFunctions != nil {
		number := b.Global(true, int32(lib.number))
		b.Export(exportNumber, wasmfile.Global, number)
		for _, f := range lazyFunctions {
			b.Export(f.Name, wasmfile.Func, lib.addLazy(&b, f, bind, number))
		}
	}
	bases, err := l.makeBases(lib)
	if err != nil {
		return nil, err
	}
	defer bases.Close(l.ctx)
	return l.make(&b, map[string]api.Module{baseModule: bases})
}

// addLazy adds a function that finds out at its first call what it stands for.
func (lib *library) addLazy(b *wasmfile.Builder, f binding, bind, number uint32) uint32 {
	t := lib.module.Types[f.Type]
	slot := b.Global(true, 0)
	code := new(wasmfile.Code).GlobalGet(slot).I32Eqz().If().
		GlobalGet(number).I32Const(int32(len(lib.lazy))).Call(bind).GlobalSet(slot).End()
	for p := range t.Params {
		code.LocalGet(uint32(p))
	}
	code.GlobalGet(slot).CallIndirect(b.Type(t))
	lib.lazy = append(lib.lazy, lazy{f.Name, t})
	return b.Func(t, code)
}

// makeGOT makes the module with the addresses that a library wants, all zero.
func (l *Linker) makeGOT(got []binding) (api.Module, error) {
	var b wasmfile.Builder
	for _, g := range got {
		b.Export(g.Name, wasmfile.Global, b.Global(true, 0))
	}
	return l.make(&b, nil)
}

// growTable adds empty slots to the main module's table and returns the first,
// which is aligned to a power of two.
func (l *Linker) growTable(slots, align uint32) (uint32, error) {
	if l.grow == nil {
		var b wasmfile.Builder
		b.ImportTable(l.main.name, symbolTable)
		b.Export(exportRun, wasmfile.Func, b.Func(typeUnary, new(wasmfile.Code).RefNull().LocalGet(0).TableGrow()))
		m, err := l.make(&b, nil)
		if err != nil {
			return 0, err
		}
		l.glue = append(l.glue, m)
		l.grow = m.ExportedFunction(exportRun)
	}
	// How large the table is shows only when it grows.
	add := func(n uint32) (uint32, error) {
		r, err := l.grow.Call(l.ctx, uint64(n))
		if err != nil {
			return 0, fmt.Errorf("growing the table: %w", err)
		}
		old := uint32(r[0])
		if old == 1<<32-1 || old > maxTable {
			return 0, fmt.Errorf("the table has no room for %d more functions", n)
		}
		return old, nil
	}
	old, err := add(0)
	if err != nil {
		return 0, err
	}
	mask := uint32(1)<<align - 1
	first := (old + mask) &^ mask
	_, err = add(first - old + slots)
	return first, err
}

// maxTable is how large a table may become.
const maxTable = 1 << 22

// A placement is a function that needs a slot.
type placement struct {
	library *library
	export  wasmfile.Export
}

// slot returns the one slot of a function that is exported. If it has none yet,
// it gets one.
func (l *Linker) slot(lib *library, e wasmfile.Export) (uint32, error) {
	if s, ok := lib.slotOf(e.Index); ok {
		return s, nil
	}
	if s, ok := l.slots[function{lib, e.Index}]; ok {
		return s, nil
	}
	if err := l.placeFunctions([]placement{{lib, e}}); err != nil {
		return 0, err
	}
	return l.slots[function{lib, e.Index}], nil
}

// placeFunctions gives slots to those functions that have none.
func (l *Linker) placeFunctions(functions []placement) error {
	var need []placement
	asked := map[function]bool{}
	for _, p := range functions {
		f := function{p.library, p.export.Index}
		_, own := p.library.slotOf(p.export.Index)
		if _, placed := l.slots[f]; !own && !placed && !asked[f] {
			asked[f] = true
			need = append(need, p)
		}
	}
	if need == nil {
		return nil
	}
	first, err := l.growTable(uint32(len(need)), 0)
	if err != nil {
		return err
	}
	var b wasmfile.Builder
	b.ImportTable(l.main.name, symbolTable)
	var indices []uint32
	code := new(wasmfile.Code)
	for i, p := range need {
		f := b.ImportFunc(p.library.name, p.export.Name, p.library.module.FuncType(p.export.Index))
		indices = append(indices, f)
		code.LocalGet(0).I32Const(int32(i)).I32Add().RefFunc(f).TableSet()
	}
	b.Refer(indices...)
	b.Export(exportRun, wasmfile.Func, b.Func(typeTake, code))
	m, err := l.make(&b, nil)
	if err != nil {
		return err
	}
	l.glue = append(l.glue, m)
	if _, err := l.call(m, exportRun, uint64(first)); err != nil {
		return fmt.Errorf("putting functions into the table: %w", err)
	}
	for i, p := range need {
		f, slot := function{p.library, p.export.Index}, first+uint32(i)
		l.slots[f], l.inSlots[slot] = slot, f
	}
	return nil
}
