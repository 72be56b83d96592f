package dylink

import (
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

const tagCPP = "__cpp_exception"

// The instructions of exceptions, and those around them.
const (
	opBlock    = 0x02
	opThrow    = 0x08
	opEnd      = 0x0b
	opReturn   = 0x0f
	opCall     = 0x10
	opTryTable = 0x1f
	typeOne    = 0x7f // i32
)

// TestExceptions throws in one side module, through the main module, to
// another side module.
func TestExceptions(t *testing.T) {
	b := newBedOf(t, mainModule(true))
	thrower := newSide(wasmfile.Dylink{}, nil, nil, nil)
	thrower.ImportTag("env", tagCPP, typeTake)
	thrower.fn("raise", supply, body().I32Const(21).Raw(opThrow, 0))
	b.files["/thrower.so"] = thrower.Bytes()
	catcher := newSide(wasmfile.Dylink{Needed: []string{"thrower.so"}}, []string{"apply"}, nil, []string{"raise"})
	catcher.ImportTag("env", tagCPP, typeTake)
	const apply, raise = 0, 2
	catcher.fn("catch", supply, body().
		Raw(opBlock, typeOne, opTryTable, typeOne, 1, 0, 0, 0).GlobalGet(raise).Call(apply).Raw(opEnd, opReturn, opEnd).
		I32Const(100).I32Add())
	b.files["/catcher.so"] = catcher.Bytes()
	if got := b.run(b.open("/catcher.so", Now), "catch"); got != 121 {
		t.Errorf("it returns %d", got)
	}
}

func TestConstructorThrows(t *testing.T) {
	b := newBedOf(t, mainModule(true))
	s := newSide(wasmfile.Dylink{Needed: []string{"good.so"}}, nil, nil, nil)
	stack := s.ImportGlobal("env", symbolStackPointer, variable)
	s.ImportTag("env", tagCPP, typeTake)
	s.fn("__wasm_call_ctors", nullary, body().I32Const(16).GlobalSet(stack).I32Const(42).Raw(opThrow, 0))
	b.files["/good.so"] = named(1, "good").Bytes()
	b.files["/bad.so"] = s.Bytes()
	for range 2 {
		_, err := b.Open("/bad.so", Now)
		if err == nil || err.Error() != "/bad.so: its constructors threw an exception: 42" {
			t.Errorf("the error is %v", err)
		}
	}
	if top := b.Main.ExportedGlobal(symbolStackPointer).(api.MutableGlobal).Get(); top != 512 {
		t.Errorf("the stack is at %d", top)
	}
	// What it needs was constructed before, and is there.
	if b.run(b.open("/good.so", Now|NoLoad), "good"); b.word(logAt) != 1 {
		t.Errorf("the constructors left %d", b.word(logAt))
	}
}

func TestNoRuntime(t *testing.T) {
	side := func(t wasmfile.FuncType) []byte {
		s := newSide(wasmfile.Dylink{}, nil, nil, nil)
		s.ImportTag("env", tagCPP, t)
		return s.Bytes()
	}
	for _, test := range []struct {
		program, side []byte
		want          string
	}{
		{mainModule(false), side(typeTake), "/side.so: it throws or catches exceptions (it imports the tag __cpp_exception), but the program has no runtime for them; link //toolchains/cxx:whole into the program"},
		{mainModule(true), side(nullary), "/side.so: its exceptions __cpp_exception are () -> (), but those of the program are (i32) -> (); it was built for another host"},
	} {
		err := Check(test.program, "/side.so", func(string) ([]byte, error) { return test.side, nil })
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("the error is %v", err)
		}
	}
}
