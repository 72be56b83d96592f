package lower

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// features are those of the engine that lowered modules are for.
const features = api.CoreFeaturesV2 | experimental.CoreFeaturesTailCall | experimental.CoreFeaturesExtendedConst

const (
	i32 = byte(wasmfile.I32)
	i64 = byte(wasmfile.I64)
	exn = byte(wasmfile.ExnRef)

	opElse   = 0x05
	opDrop   = 0x1a
	opI32Add = 0x6a
	opI32Mul = 0x6c

	catchTag, catchTagRef, catchAll, catchAllRef = 0, 1, 2, 3
)

var (
	number  = []wasmfile.ValueType{wasmfile.I32}
	carries = wasmfile.FuncType{Params: number}
	unary   = wasmfile.FuncType{Params: number, Results: number}
	nothing = wasmfile.FuncType{}
)

func code(instructions ...byte) *wasmfile.Code { return new(wasmfile.Code).Raw(instructions...) }

// A sample is a program with two tags and a function that throws the first one
// with its parameter, if that is not zero, and returns 7 otherwise.
type sample struct {
	wasmfile.Builder
	maybe byte
}

func newSample() *sample {
	s := &sample{}
	s.Export("__cpp_exception", wasmfile.Tag, s.Tag(carries))
	s.Export("__c_longjmp", wasmfile.Tag, s.Tag(carries))
	s.maybe = byte(s.Func(unary, code(opLocalGet, 0, opIf, noValue, opLocalGet, 0, opThrow, 0, opEnd, opI32Const, 7)))
	return s
}

// instance makes an instance of a program, lowered.
func instance(t *testing.T, module []byte) api.Module {
	t.Helper()
	ctx := context.Background()
	lowered, err := Program(module)
	if err != nil {
		t.Fatal(err)
	}
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCoreFeatures(features))
	t.Cleanup(func() { r.Close(ctx) })
	m, err := r.Instantiate(ctx, lowered)
	if err != nil {
		t.Fatalf("%v\n% x", err, lowered)
	}
	return m
}

// TestRun runs functions of one parameter. What is thrown out of them is
// negative in the results.
func TestRun(t *testing.T) {
	for _, test := range []struct {
		name   string
		code   func(s *sample) []byte
		locals []wasmfile.ValueType
		want   map[int32]int32
	}{
		{"nothing is caught", func(s *sample) []byte {
			return []byte{opLocalGet, 0, opCall, s.maybe, opI32Const, 1, opI32Add}
		}, nil, map[int32]int32{0: 8, 5: -5}},
		{"operands are on the stack", func(s *sample) []byte {
			return []byte{opI32Const, 3, opI32Const, 4, opLocalGet, 0, opCall, s.maybe, opI32Mul, opI32Add}
		}, nil, map[int32]int32{0: 31, 5: -5}},
		{"a catch gets what was carried", func(s *sample) []byte {
			return []byte{opBlock, i32, opTryTable, i32, 1, catchTag, 0, 0,
				opLocalGet, 0, opCall, s.maybe, opEnd, opReturn, opEnd, opI32Const, 10, opI32Mul}
		}, nil, map[int32]int32{0: 7, 5: 50}},
		{"another tag is not caught", func(s *sample) []byte {
			return []byte{opBlock, i32, opTryTable, i32, 1, catchTag, 1, 0,
				opLocalGet, 0, opCall, s.maybe, opEnd, opReturn, opEnd}
		}, nil, map[int32]int32{0: 7, 5: -5}},
		{"the clauses are tried in order", func(s *sample) []byte {
			return []byte{opBlock, noValue, opBlock, i32, opTryTable, i32, 3, catchTag, 1, 0, catchTag, 0, 0, catchAll, 1,
				opLocalGet, 0, opCall, s.maybe, opEnd, opReturn, opEnd, opReturn, opEnd, opI32Const, 9}
		}, nil, map[int32]int32{0: 7, 5: 5}},
		{"everything is caught", func(s *sample) []byte {
			return []byte{opBlock, noValue, opTryTable, noValue, 1, catchAll, 0,
				opLocalGet, 0, opCall, s.maybe, opDrop, opEnd, opI32Const, 1, opReturn, opEnd, opI32Const, 2}
		}, nil, map[int32]int32{0: 1, 5: 2}},
		{"locals have their values in a handler", func(s *sample) []byte {
			return []byte{opBlock, noValue, opTryTable, noValue, 1, catchAll, 0,
				opI32Const, 42, 0x21, 1, opLocalGet, 0, opCall, s.maybe, 0x21, 1, opEnd, opEnd, opLocalGet, 1}
		}, number, map[int32]int32{0: 7, 5: 42}},
		{"an exception is thrown again", func(s *sample) []byte {
			return []byte{opBlock, exn, opTryTable, i32, 1, catchAllRef, 0,
				opLocalGet, 0, opCall, s.maybe, opEnd, opReturn, opEnd, opThrowRef}
		}, nil, map[int32]int32{0: 7, 5: -5}},
		{"it is caught again, from a variable", func(s *sample) []byte {
			return []byte{opBlock, i32, opTryTable, noValue, 1, catchTag, 0, 0,
				opBlock, exn, opTryTable, i32, 1, catchAllRef, 0, opLocalGet, 0, opCall, s.maybe, opEnd, opReturn, opEnd,
				0x21, 1, opLocalGet, 1, opThrowRef,
				opEnd, opUnreachable, opEnd, opI32Const, 2, opI32Mul}
		}, []wasmfile.ValueType{wasmfile.ExnRef}, map[int32]int32{0: 7, 5: 10}},
		{"a catch with a reference gets both", func(s *sample) []byte {
			pair := byte(s.Type(wasmfile.FuncType{Results: []wasmfile.ValueType{wasmfile.I32, wasmfile.ExnRef}}))
			return []byte{opBlock, pair, opTryTable, i32, 1, catchTagRef, 0, 0,
				opLocalGet, 0, opCall, s.maybe, opEnd, opReturn, opEnd, opDrop, opI32Const, 1, opI32Add}
		}, nil, map[int32]int32{0: 7, 5: 6}},
		{"a throw in a try", func(s *sample) []byte {
			return []byte{opBlock, i32, opTryTable, noValue, 1, catchTag, 1, 0,
				opLocalGet, 0, opThrow, 1, opEnd, opUnreachable, opEnd}
		}, nil, map[int32]int32{0: 0, 5: 5}},
		{"a try takes values from the stack", func(s *sample) []byte {
			return []byte{opBlock, i32, opLocalGet, 0, opTryTable, byte(s.Type(unary)), 1, catchTag, 0, 0,
				opCall, s.maybe, opEnd, opReturn, opEnd, opI32Const, 3, opI32Mul}
		}, nil, map[int32]int32{0: 7, 5: 15}},
		{"branches leave a try", func(s *sample) []byte {
			return []byte{opBlock, noValue, opBlock, noValue, opTryTable, noValue, 1, catchAll, 1,
				opLocalGet, 0, opBrTable, 2, 0, 1, 2, opEnd, opI32Const, 10, opReturn, opEnd, opI32Const, 11, opReturn, opEnd, opI32Const, 12}
		}, nil, map[int32]int32{0: 10, 1: 11, 2: 12}},
		{"an if in a try", func(s *sample) []byte {
			return []byte{opBlock, noValue, opTryTable, i32, 1, catchAll, 0,
				opLocalGet, 0, opIf, i32, opLocalGet, 0, opCall, s.maybe, opElse, opI32Const, 3, opEnd, opEnd, opReturn, opEnd, opI32Const, 4}
		}, nil, map[int32]int32{0: 3, 5: 4}},
		{"calls through the table", func(s *sample) []byte {
			s.Table(1)
			s.Segment(nil, 0, uint32(s.maybe))
			return []byte{opBlock, noValue, opTryTable, i32, 1, catchAll, 0,
				opLocalGet, 0, opI32Const, 0, opCallIndirect, byte(s.Type(unary)), 0, opEnd, opReturn, opEnd, opI32Const, 4}
		}, nil, map[int32]int32{0: 7, 5: 4}},
		{"a tail call", func(s *sample) []byte {
			return []byte{opLocalGet, 0, opReturnCall, s.maybe}
		}, nil, map[int32]int32{0: 7, 5: -5}},
		{"no reference", func(s *sample) []byte {
			return []byte{opRefNull, exn, opDrop, opLocalGet, 0, opCall, s.maybe}
		}, nil, map[int32]int32{0: 7}},
	} {
		s := newSample()
		body := test.code(s)
		s.Export("f", wasmfile.Func, s.Func(unary, code(body...), test.locals...))
		m := instance(t, s.Bytes())
		got := map[int32]int32{}
		for x := range test.want {
			r, err := m.ExportedFunction("f").Call(context.Background(), api.EncodeI32(x))
			if err != nil {
				t.Errorf("%s: f(%d): %v", test.name, x, err)
				continue
			}
			got[x] = api.DecodeI32(r[0])
			if tag := m.ExportedGlobal(TagGlobal).(api.MutableGlobal); tag.Get() != 0 {
				if got[x] != 0 || tag.Get() != TagCPP {
					t.Errorf("%s: f(%d) throws tag %d and returns %d", test.name, x, tag.Get(), got[x])
				}
				got[x] = -api.DecodeI32(m.ExportedGlobal(ValueGlobal).Get())
				tag.Set(0)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// TestNullReference throws no exception, which is a trap.
func TestNullReference(t *testing.T) {
	s := newSample()
	s.Export("f", wasmfile.Func, s.Func(nothing, code(opRefNull, exn, opThrowRef)))
	_, err := instance(t, s.Bytes()).ExportedFunction("f").Call(context.Background())
	if err == nil || !strings.Contains(err.Error(), "unreachable") {
		t.Errorf("the error is %v", err)
	}
}

// TestResults throws through functions with results of each type.
func TestResults(t *testing.T) {
	s := newSample()
	for _, v := range []wasmfile.ValueType{wasmfile.I32, wasmfile.I64, wasmfile.F32, wasmfile.F64, wasmfile.V128, wasmfile.FuncRef, wasmfile.ExternRef, wasmfile.ExnRef} {
		s.Func(wasmfile.FuncType{Results: []wasmfile.ValueType{v, wasmfile.I32, v}}, code(opI32Const, 1, opThrow, 0))
	}
	instance(t, s.Bytes())
}

// TestUnchanged has modules that are left alone.
func TestUnchanged(t *testing.T) {
	var program wasmfile.Builder
	callee := program.Func(nothing, code())
	program.Func(nothing, new(wasmfile.Code).Call(callee))
	var side wasmfile.Builder
	side.Dylink(wasmfile.Dylink{})
	write := side.ImportFunc("wasi_snapshot_preview1", "sched_yield", wasmfile.FuncType{Results: number})
	side.Func(wasmfile.FuncType{Results: number}, new(wasmfile.Code).Call(write))
	for _, test := range []struct {
		name   string
		lower  func([]byte) ([]byte, error)
		module []byte
	}{
		{"a program without tags", Program, program.Bytes()},
		{"a side module that calls only the host", Side, side.Bytes()},
	} {
		got, err := test.lower(test.module)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if &got[0] != &test.module[0] {
			t.Errorf("%s is changed", test.name)
		}
	}
}

// TestSide has a side module of C, which passes on what others throw.
func TestSide(t *testing.T) {
	var b wasmfile.Builder
	b.Dylink(wasmfile.Dylink{MemorySize: 8})
	other := b.ImportFunc("env", "other", unary)
	b.ImportMemory("env", "memory")
	b.ImportTag("env", "__cpp_exception", carries)
	b.ImportGlobal("env", "__memory_base", wasmfile.GlobalType{Type: wasmfile.I32})
	own := b.Global(true, 5)
	b.Export("own", wasmfile.Global, own)
	b.Export("f", wasmfile.Func, b.Func(unary, new(wasmfile.Code).LocalGet(0).Call(other).GlobalSet(own).GlobalGet(own)))
	b.Func(wasmfile.FuncType{Results: number}, new(wasmfile.Code).GlobalGet(own))
	lowered, err := Side(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	m, err := wasmfile.Parse(lowered)
	if err != nil {
		t.Fatal(err)
	}
	var imports []string
	for _, i := range m.Imports {
		imports = append(imports, i.Kind.String()+" "+i.Name)
	}
	want := []string{"function other", "memory memory", "global __memory_base", "global " + TagGlobal, "global " + ValueGlobal}
	if diff := cmp.Diff(want, imports); diff != "" {
		t.Error(diff)
	}
	if e, _ := m.Export("own"); e.Index != 3 {
		t.Errorf("own is global %d", e.Index)
	}
	if m.Dylink == nil || m.Dylink.MemorySize != 8 {
		t.Errorf("dylink.0 is %v", m.Dylink)
	}
}

// TestAcross throws from one module through another into a third.
func TestAcross(t *testing.T) {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCoreFeatures(features))
	defer r.Close(ctx)
	instantiate := func(name string, module []byte, env api.Module) api.Module {
		t.Helper()
		compiled, err := r.CompileModule(ctx, module)
		if err != nil {
			t.Fatal(err)
		}
		ctx := experimental.WithImportResolver(ctx, func(string) api.Module { return env })
		m, err := r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName(name))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	s := newSample()
	s.Export("next", wasmfile.Func, uint32(s.maybe))
	program, err := Program(s.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	main := instantiate("main", program, nil)
	side := func(instructions ...byte) []byte {
		var b wasmfile.Builder
		b.Dylink(wasmfile.Dylink{})
		next := b.ImportFunc("env", "next", unary)
		b.ImportTag("env", "__cpp_exception", carries)
		call := []byte{opLocalGet, 0, opCall, byte(next)}
		for i, c := range instructions {
			if c == opCall {
				instructions = append(instructions[:i:i], append(call, instructions[i+1:]...)...)
				break
			}
		}
		b.Export("next", wasmfile.Func, b.Func(unary, code(instructions...)))
		lowered, err := Side(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return lowered
	}
	// The glue between modules hands the globals of the program on.
	glue := func(from string) api.Module {
		var b wasmfile.Builder
		b.Export("next", wasmfile.Func, b.ImportFunc(from, "next", unary))
		for _, name := range []string{TagGlobal, ValueGlobal} {
			b.Export(name, wasmfile.Global, b.ImportGlobal("main", name, wasmfile.GlobalType{Type: wasmfile.I32, Mutable: true}))
		}
		compiled, err := r.CompileModule(ctx, b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		m, err := r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName("glue of "+from))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	instantiate("through", side(opCall, opI32Const, 1, opI32Add), glue("main"))
	top := instantiate("top", side(opBlock, i32, opTryTable, i32, 1, catchTag, 0, 0, opCall, opEnd, opReturn, opEnd, opI32Const, 2, opI32Mul), glue("through"))
	for x, want := range map[int32]int32{0: 8, 5: 10} {
		got, err := top.ExportedFunction("next").Call(ctx, api.EncodeI32(x))
		if err != nil || api.DecodeI32(got[0]) != want {
			t.Errorf("next(%d) is %v, %v", x, got, err)
		}
	}
	if tag := main.ExportedGlobal(TagGlobal).Get(); tag != 0 {
		t.Errorf("tag %d is in flight at the end", tag)
	}
}

func TestBad(t *testing.T) {
	with := func(build func(b *wasmfile.Builder)) []byte {
		var b wasmfile.Builder
		b.Dylink(wasmfile.Dylink{})
		build(&b)
		return b.Bytes()
	}
	body := func(instructions ...byte) []byte {
		return with(func(b *wasmfile.Builder) {
			b.Export("__cpp_exception", wasmfile.Tag, b.Tag(carries))
			b.Func(nothing, code(instructions...))
		})
	}
	for _, test := range []struct {
		lower  func([]byte) ([]byte, error)
		module []byte
		want   string
	}{
		{Program, []byte("\x7fELF"), "a native library"},
		{Side, nil, "it is not a WebAssembly module"},
		{Program, body(0x06, noValue, opEnd), "function 0: it has exceptions in the old form (instruction 0x06); compile it with -mllvm -wasm-use-legacy-eh=false"},
		{Program, body(0xfe, 0), "unknown instruction 0xfe"},
		{Program, body(prefixVector, 0x80, 0x7f), "unknown instruction 0xfd"},
		{Program, body(opI32Const, 0, opThrow, 9), "it uses a tag that is not there"},
		{Program, body(opI32Const, 0, opThrow, 0, opBr, 9), "a label that is not there"},
		{Program, body(opTryTable, noValue, 1, catchAll, 9, opEnd), "a label that is not there"},
		{Program, body(opTryTable, noValue, 1, 7, 9, opEnd), "the unknown kind 7"},
		{Program, body(opTryTable, 0x20, 0, opEnd), "a type that is not there"},
		{Program, body(opI32Const, 0, opThrow, 0, opEnd, opEnd), "bytes are left over"},
		{Program, body(opI32Const, 0, opThrow, 0, opBlock, noValue), "its code ends too early"},
		{Program, body(opCall, 5), "it calls function 5, which is not there"},
		{Program, with(func(b *wasmfile.Builder) {
			b.Tag(wasmfile.FuncType{Params: []wasmfile.ValueType{wasmfile.F64}})
		}), "it has a tag of the type (f64) -> ()"},
		{Program, with(func(b *wasmfile.Builder) { b.ImportTag("env", "other", carries) }), `it has a tag named "other"`},
		{Side, with(func(b *wasmfile.Builder) { b.Tag(carries) }), "a tag that no other module can have"},
	} {
		_, err := test.lower(test.module)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("% x: the error is %v, not %q", test.module, err, test.want)
		}
	}
}

// FuzzLower lowers anything. What the engine takes with exceptions, it has to
// take lowered without them.
func FuzzLower(f *testing.F) {
	s := newSample()
	s.Func(unary, code(opBlock, exn, opTryTable, i32, 1, catchAllRef, 0, opLocalGet, 0, opCall, s.maybe, opEnd, opReturn, opEnd, opThrowRef))
	f.Add(s.Bytes())
	ctx := context.Background()
	valid := func(module []byte, features api.CoreFeatures) error {
		r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(features))
		defer r.Close(ctx)
		_, err := r.CompileModule(ctx, module)
		return err
	}
	f.Fuzz(func(t *testing.T, module []byte) {
		for _, lower := range []func([]byte) ([]byte, error){Program, Side} {
			lowered, err := lower(module)
			if err != nil || valid(module, features|experimental.CoreFeaturesExceptionHandling) != nil {
				continue
			}
			if err := valid(lowered, features); err != nil {
				t.Errorf("%v\n% x\n% x", err, module, lowered)
			}
		}
	})
}
