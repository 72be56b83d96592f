package dylink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/cowasm/cowasm/internal/lower"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// A bed is a guest with files, to which they can be linked.
type bed struct {
	*Linker
	t     testing.TB
	files map[string][]byte
	ctx   context.Context
}

var (
	nullary  = wasmfile.FuncType{}
	supply   = wasmfile.FuncType{Results: typeI32}
	constant = wasmfile.GlobalType{Type: wasmfile.I32}
	variable = wasmfile.GlobalType{Type: wasmfile.I32, Mutable: true}
)

// Where the main module has its data, and where its heap begins.
const (
	sharedAt  = 16
	logAt     = 32 // the number that log keeps
	heapStart = 1024
)

// mainModule returns a main module. It has, besides what every one has:
//
//	add1(x)  x + 1, in slot 1 of the table
//	plain(x) x + 7, in no slot
//	log(d)   appends a digit to the number at logAt
//	apply(f) calls the function in a slot
//	shared   data
//
// One with exceptions has the tag of C++.
func mainModule(exceptions bool) []byte {
	return mainModuleWith(exceptions, func(*wasmfile.Builder) {})
}

// mainModuleWith returns a main module that has more.
func mainModuleWith(exceptions bool, more func(*wasmfile.Builder)) []byte {
	var b wasmfile.Builder
	if exceptions {
		b.Export(tagCPP, wasmfile.Tag, b.Tag(typeTake))
	}
	b.Memory(4)
	b.Table(2)
	heap := b.Global(true, heapStart)
	b.Export("heap", wasmfile.Global, heap)
	b.Export("__stack_pointer", wasmfile.Global, b.Global(true, 512))
	b.Export("memory", wasmfile.Memory, 0)
	b.Export("__indirect_function_table", wasmfile.Table, 0)
	b.Export("shared", wasmfile.Global, b.Global(false, sharedAt))
	export := func(name string, t wasmfile.FuncType, code *wasmfile.Code) uint32 {
		f := b.Func(t, code)
		b.Export(name, wasmfile.Func, f)
		return f
	}
	code := func() *wasmfile.Code { return new(wasmfile.Code) }
	export("malloc", typeUnary, code().GlobalGet(heap).GlobalGet(heap).LocalGet(0).I32Add().GlobalSet(heap))
	export("free", typeTake, code())
	add1 := export("add1", typeUnary, code().LocalGet(0).I32Const(1).I32Add())
	export("plain", typeUnary, code().LocalGet(0).I32Const(7).I32Add())
	export("apply", typeUnary, code().LocalGet(0).CallIndirect(b.Type(supply)))
	ten := code().I32Const(0).LocalGet(0)
	for range 10 {
		ten.I32Const(0).I32Load(logAt).I32Add()
	}
	export("log", typeTake, ten.I32Store(logAt))
	b.Segment(nil, 1, add1)
	more(&b)
	return b.Bytes()
}

// A side is a side module in the making.
type side struct {
	wasmfile.Builder
	memoryBase, tableBase uint32
}

// newSide starts a side module that imports functions and the addresses of
// data and of functions. Their indices count from zero, those of the addresses
// from 2, data first.
func newSide(d wasmfile.Dylink, functions []string, data, pointers []string) *side {
	s := &side{}
	s.Dylink(d)
	for _, name := range functions {
		t := typeUnary
		if name == "log" {
			t = typeTake
		}
		s.ImportFunc("env", name, t)
	}
	s.ImportMemory("env", "memory")
	s.ImportTable("env", "__indirect_function_table")
	s.memoryBase = s.ImportGlobal("env", "__memory_base", constant)
	s.tableBase = s.ImportGlobal("env", "__table_base", constant)
	for _, name := range data {
		s.ImportGlobal("GOT.mem", name, variable)
	}
	for _, name := range pointers {
		s.ImportGlobal("GOT.func", name, variable)
	}
	return s
}

// fn exports a function.
func (s *side) fn(name string, t wasmfile.FuncType, code *wasmfile.Code) uint32 {
	f := s.Func(t, code)
	s.Export(name, wasmfile.Func, f)
	return f
}

func body() *wasmfile.Code { return new(wasmfile.Code) }

func newBed(t testing.TB) *bed { return newBedOf(t, mainModule(false)) }

// newBedOf returns a guest that runs a main module, lowered.
func newBedOf(t testing.TB, program []byte) *bed {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesExtendedConst))
	t.Cleanup(func() { r.Close(ctx) })
	if err := InstantiateHost(ctx, r); err != nil {
		t.Fatal(err)
	}
	module, err := wasmfile.Parse(program)
	if err != nil {
		t.Fatal(err)
	}
	lowered, err := lower.Program(program)
	if err != nil {
		t.Fatal(err)
	}
	main, err := r.InstantiateWithConfig(ctx, lowered, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{t: t, files: map[string][]byte{}}
	b.Linker = New(Config{
		Runtime: r, Main: main, Module: module,
		File: func(p string) (Side, error) {
			c, ok := b.files[p]
			if !ok {
				return Side{}, fs.ErrNotExist
			}
			m, err := wasmfile.Parse(c)
			return Side{m, func() (wazero.CompiledModule, error) { return b.compileSide(c) }}, err
		},
		Compile: func(module []byte) (wazero.CompiledModule, error) { return r.CompileModule(ctx, module) },
		Caught:  b.caught,
	})
	b.ctx = WithLinker(ctx, b.Linker)
	t.Cleanup(func() { b.Finish(ctx) })
	return b
}

// compileSide translates the side module of a file.
func (b *bed) compileSide(module []byte) (wazero.CompiledModule, error) {
	if b.Module.HasTags() {
		var err error
		if module, err = lower.Side(module); err != nil {
			return nil, err
		}
	}
	return b.Compile(module)
}

// caught ends an exception. What it was is the number that it carries.
func (b *bed) caught() *Exception {
	tag, ok := b.Main.ExportedGlobal(lower.TagGlobal).(api.MutableGlobal)
	if !ok || tag.Get() == 0 {
		return nil
	}
	tag.Set(0)
	return &Exception{fmt.Sprintf(": %d", b.Main.ExportedGlobal(lower.ValueGlobal).Get())}
}

// open opens a library that has to be there.
func (b *bed) open(p string, flags uint32) uint32 {
	b.t.Helper()
	h, err := b.Open(p, flags)
	if err != nil {
		b.t.Fatal(err)
	}
	return h
}

// symbol returns the value of a symbol that has to be there.
func (b *bed) symbol(h uint32, name string) uint32 {
	b.t.Helper()
	v, err := b.Symbol(h, name)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// run calls a function without parameters by its pointer.
func (b *bed) run(h uint32, name string) uint32 {
	b.t.Helper()
	r, err := b.Main.ExportedFunction("apply").Call(b.ctx, uint64(b.symbol(h, name)))
	if err != nil {
		b.t.Fatal(err)
	}
	return uint32(r[0])
}

// word returns a number in memory.
func (b *bed) word(at uint32) uint32 {
	b.t.Helper()
	v, ok := b.Main.Memory().ReadUint32Le(at)
	if !ok {
		b.t.Fatalf("%d is outside the memory", at)
	}
	return v
}

// fault runs f and returns the fault that it panics with, nil if it does not.
func fault(f func()) (found *Fault) {
	defer func() {
		if r := recover(); r != nil {
			if err, ok := r.(error); !ok || !errors.As(err, &found) {
				panic(r)
			}
		}
	}()
	f()
	return nil
}
