package dylink

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// Where arguments and results are in the tests' memory.
const (
	argumentsAt = 256
	resultAt    = 320
)

// foreignModule is the main module with functions of further types:
//
//	mix(i32, i64, f32, f64) -> f64  returns the last
//	long(i64) -> i64                returns it
//	pass(data, args, result)        copies the second argument, an i64, to the result,
//	                                and data to where log keeps its number
//	two() -> (i32, i32)
//	call(caller, f, args, result)   calls f by its caller
//	call2(f, a, b) -> i64           calls a function (i32, i64) -> i64
func foreignModule() []byte {
	i64 := []wasmfile.ValueType{wasmfile.I64}
	return mainModuleWith(false, func(b *wasmfile.Builder) {
		export := func(name string, t wasmfile.FuncType, code *wasmfile.Code) {
			b.Export(name, wasmfile.Func, b.Func(t, code))
		}
		export("mix", wasmfile.FuncType{
			Params:  []wasmfile.ValueType{wasmfile.I32, wasmfile.I64, wasmfile.F32, wasmfile.F64},
			Results: []wasmfile.ValueType{wasmfile.F64},
		}, body().LocalGet(3))
		export("long", wasmfile.FuncType{Params: i64, Results: i64}, body().LocalGet(0))
		export("two", wasmfile.FuncType{Results: []wasmfile.ValueType{wasmfile.I32, wasmfile.I32}}, body().I32Const(1).I32Const(2))
		export("pass", typeHandler, body().
			LocalGet(2).LocalGet(1).Load(wasmfile.I64, 8).Store(wasmfile.I64, 0).
			I32Const(0).LocalGet(0).I32Store(logAt))
		export("call2", wasmfile.FuncType{Params: []wasmfile.ValueType{wasmfile.I32, wasmfile.I32, wasmfile.I64}, Results: i64},
			body().LocalGet(1).LocalGet(2).LocalGet(0).
				CallIndirect(b.Type(wasmfile.FuncType{Params: []wasmfile.ValueType{wasmfile.I32, wasmfile.I64}, Results: i64})))
		export("call", wasmfile.FuncType{Params: []wasmfile.ValueType{wasmfile.I32, wasmfile.I32, wasmfile.I32, wasmfile.I32}},
			body().LocalGet(1).LocalGet(2).LocalGet(3).LocalGet(0).CallIndirect(b.Type(typeHandler)))
	})
}

// through calls a function by its caller.
func (b *bed) through(f uint32, signature string, arguments ...uint64) uint64 {
	b.t.Helper()
	slot, err := b.Caller(f, signature)
	if err != nil {
		b.t.Fatal(err)
	}
	for i, a := range arguments {
		b.Main.Memory().WriteUint64Le(argumentsAt+8*uint32(i), a)
	}
	b.Main.Memory().WriteUint64Le(resultAt, 0)
	if _, err := b.Main.ExportedFunction("call").Call(b.ctx, uint64(slot), uint64(f), argumentsAt, resultAt); err != nil {
		b.t.Fatal(err)
	}
	v, _ := b.Main.Memory().ReadUint64Le(resultAt)
	return v
}

func TestCaller(t *testing.T) {
	b := newBedOf(t, foreignModule())
	tests := []struct {
		name, signature string
		arguments       []uint64
		want            uint64
	}{
		{"add1", "i:i", []uint64{41}, 42},
		{"add1", "i:", []uint64{41}, 42}, // the result is there, wanted or not
		{"plain", "i:i", []uint64{1}, 8},
		{"long", "I:I", []uint64{1 << 40}, 1 << 40},
		{"mix", "iIfF:F", []uint64{1, 2, 3, math.Float64bits(0.5)}, math.Float64bits(0.5)},
		{"log", "i:i", []uint64{7}, 0}, // a result that is not there is left alone
	}
	for _, test := range tests {
		if got := b.through(b.symbol(1, test.name), test.signature, test.arguments...); got != test.want {
			t.Errorf("%s as %s is %#x, want %#x", test.name, test.signature, got, test.want)
		}
	}
	one, err := b.Caller(b.symbol(1, "add1"), "i:i")
	if err != nil {
		t.Fatal(err)
	}
	if two, err := b.Caller(b.symbol(1, "plain"), "i:i"); err != nil || one != two {
		t.Errorf("functions of one type have the callers %d and %d, %v", one, two, err)
	}
}

func TestCallerRefuses(t *testing.T) {
	b := newBedOf(t, foreignModule())
	tests := []struct {
		function        uint32
		signature, want string
	}{
		{0, "i:i", "the pointer to a function is null"},
		{1 << 30, "i:i", "0x40000000 is not a pointer to a function"},
		{b.symbol(1, "add1"), "I:i", "the function is (i32) -> i32, but it is called as (i64) -> i32"},
		{b.symbol(1, "add1"), ":i", "the function is (i32) -> i32, but it is called as () -> i32"},
		{b.symbol(1, "add1"), "i:F", "the function is (i32) -> i32, but it is called as (i32) -> f64"},
		{b.symbol(1, "two"), ":", "the function is () -> (i32, i32), but it is called as () -> ()"},
		{b.symbol(1, "add1"), "i", `"i" is not the signature of a function`},
		{b.symbol(1, "add1"), "x:", `'x' is none of i, I, f and F`},
		{b.symbol(1, "add1"), ":ii", "at most one more"},
		{b.symbol(1, "add1"), strings.Repeat("i", maxParams+1) + ":", "up to 1024 letters"},
	}
	for _, test := range tests {
		if _, err := b.Caller(test.function, test.signature); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("the error of %.20q is %v, want %q", test.signature, err, test.want)
		}
	}
}

// closure makes a closure that calls pass.
func (b *bed) closure(data uint32) uint32 {
	b.t.Helper()
	slot, err := b.AllocateClosure()
	if err == nil {
		err = b.SetClosure(slot, "iI:I", b.symbol(1, "pass"), data)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return slot
}

func TestClosure(t *testing.T) {
	b := newBedOf(t, foreignModule())
	first, second := b.closure(11), b.closure(22)
	for slot, data := range map[uint32]uint32{first: 11, second: 22} {
		r, err := b.Main.ExportedFunction("call2").Call(b.ctx, uint64(slot), 5, 1<<40)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]uint64{1 << 40, uint64(data)}, append(r, uint64(b.word(logAt)))); diff != "" {
			t.Error(diff)
		}
		if got := b.through(slot, "iI:I", 5, 77); got != 77 {
			t.Errorf("by its caller it is %d", got)
		}
	}
	if got := b.Main.ExportedGlobal("__stack_pointer").Get(); got != 512 {
		t.Errorf("the stack is at %d afterwards", got)
	}
	if _, ok := b.Arity(first); ok {
		t.Error("a closure is counted")
	}

	if err := b.FreeClosure(first); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Caller(first, "iI:I"); err == nil {
		t.Error("a closure that was freed can be called")
	}
	if _, err := b.Main.ExportedFunction("call2").Call(b.ctx, uint64(first), 5, 6); err == nil {
		t.Error("a closure that was freed is in its slot")
	}
	glue := len(b.glue)
	if again := b.closure(33); again != first || len(b.glue) != glue {
		t.Errorf("the slot is %d after %d, with %d modules after %d", again, first, len(b.glue), glue)
	}
}

func TestClosureRefuses(t *testing.T) {
	b := newBedOf(t, foreignModule())
	slot, err := b.AllocateClosure()
	if err != nil {
		t.Fatal(err)
	}
	pass := b.symbol(1, "pass")
	for want, f := range map[string]func() error{
		"0x3 is not a pointer to a closure":                                func() error { return b.SetClosure(3, "i:", pass, 0) },
		"0x4 is not a pointer to a closure":                                func() error { return b.FreeClosure(4) },
		"0x0 is not a pointer to a function that is (i32, i32, i32) -> ()": func() error { return b.SetClosure(slot, "i:", 0, 0) },
		"is not a pointer to a function that is":                           func() error { return b.SetClosure(slot, "i:", b.symbol(1, "add1"), 0) },
		"is not the signature of a function":                               func() error { return b.SetClosure(slot, "?", pass, 0) },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
	if err := b.FreeClosure(slot); err != nil {
		t.Errorf("one that was never set: %v", err)
	}
	if err := b.FreeClosure(slot); err == nil {
		t.Error("it can be freed twice")
	}
	for range maxClosures {
		b.Linker.closures[uint32(1<<20+len(b.Linker.closures))] = nil
	}
	if _, err := b.AllocateClosure(); err == nil {
		t.Error("there is no limit")
	}
}

func FuzzSignature(f *testing.F) {
	for _, s := range []string{"iIfF:i", ":", "i", "ii:FF", "", "\xff:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		typ, err := parseSignature(s)
		if err == nil && len(typ.Params)+len(typ.Results)+1 != len(s) {
			t.Errorf("%q is %s", s, typ)
		}
	})
}
