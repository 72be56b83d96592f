package wasmfile

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	unary  = FuncType{[]ValueType{I32}, []ValueType{I32}}
	sizes  = Dylink{MemorySize: 16, MemoryAlign: 4, TableSize: 2, TableAlign: 1, Needed: []string{"libz.so"}}
	offset = GlobalType{I32, false}
)

// sample returns a side module with something of everything.
func sample() []byte {
	var b Builder
	b.Dylink(sizes, "maybe")
	puts := b.ImportFunc("env", "puts", unary)
	b.ImportFunc("env", "maybe", FuncType{})
	b.ImportTable("env", "__indirect_function_table")
	b.ImportMemory("env", "memory")
	memoryBase := b.ImportGlobal("env", "__memory_base", offset)
	tableBase := b.ImportGlobal("env", "__table_base", offset)
	b.ImportGlobal("GOT.mem", "errno", GlobalType{I32, true})
	b.ImportGlobal("GOT.func", "maybe", GlobalType{I32, true})
	f := b.Func(unary, new(Code).LocalGet(0).Call(puts).I32Const(-70000).I32Add())
	b.Export("f", Func, f)
	b.Export("data", Global, b.Global(false, 8))
	b.Export("sum", Global, b.Sum(memoryBase, tableBase))
	b.Segment(&tableBase, 1, f, puts)
	b.Refer(f)
	b.Data(&memoryBase, 4, []byte("text"))
	return b.Bytes()
}

func TestParse(t *testing.T) {
	got, err := Parse(sample())
	if err != nil {
		t.Fatal(err)
	}
	want := &Module{
		Types: []FuncType{unary, {Params: []ValueType{}, Results: []ValueType{}}},
		Imports: []Import{
			{Module: "env", Name: "puts"},
			{Module: "env", Name: "maybe", Type: 1, Weak: true},
			{Module: "env", Name: "__indirect_function_table", Kind: Table},
			{Module: "env", Name: "memory", Kind: Memory},
			{Module: "env", Name: "__memory_base", Kind: Global, Global: offset},
			{Module: "env", Name: "__table_base", Kind: Global, Global: offset},
			{Module: "GOT.mem", Name: "errno", Kind: Global, Global: GlobalType{I32, true}},
			{Module: "GOT.func", Name: "maybe", Kind: Global, Global: GlobalType{I32, true}, Weak: true},
		},
		Functions: []uint32{0},
		Globals: []GlobalDef{
			{offset, ConstExpr{Offset: 8, Simple: true}},
			{offset, ConstExpr{HasGlobal: true, Global: 1}},
		},
		Exports:  []Export{{"f", Func, 2}, {"data", Global, 4}, {"sum", Global, 5}},
		Segments: []Segment{{At: ConstExpr{HasGlobal: true, Global: 1, Offset: 1, Simple: true}, Functions: []uint32{2, 0}}},
		Dylink:   &sizes,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Module{})); diff != "" {
		t.Error(diff)
	}
	if got, want := got.FuncType(0).String()+got.FuncType(2).String(), "(i32) -> i32(i32) -> i32"; got != want {
		t.Errorf("the types are %s", got)
	}
	if e, ok := got.Export("data"); !ok || e.Index != 4 {
		t.Errorf("data is %v", e)
	}
	if slot, ok := got.Slot(0); !ok || slot != 2 {
		t.Errorf("puts is in slot %d", slot)
	}
	if f, ok := got.InSlot(1); !ok || f != 2 {
		t.Errorf("in slot 1 is function %d", f)
	}
	if _, ok := got.InSlot(0); ok {
		t.Error("there is something in slot 0")
	}
	if _, ok := got.GlobalAt(3); ok {
		t.Error("an imported global passes for the module's own")
	}
}

// TestReduced compares what is left of a module with the whole.
func TestReduced(t *testing.T) {
	outline, err := Outline(sample())
	if err != nil {
		t.Fatal(err)
	}
	want, _ := Parse(sample())
	got, err := Parse(outline)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Module{})); diff != "" {
		t.Error(diff)
	}
	if bytes.Contains(outline, []byte("text")) || !bytes.Contains(sample(), []byte("text")) {
		t.Error("the outline has the data")
	}
	one, err := Hollow(sample(), "one")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(one, []byte("\x01\x03\x00\x00\x0b")) || !bytes.Contains(one, []byte("text")) {
		t.Errorf("it has no function that traps, or no data: %x", one)
	}
	if two, _ := Hollow(sample(), "two"); bytes.Equal(one, two) {
		t.Error("the mark makes no difference")
	}
	if _, err := Hollow([]byte("\x7fELF"), ""); err == nil {
		t.Error("something else is hollowed out")
	}
}

// TestTruncated cuts a module at every byte.
func TestTruncated(t *testing.T) {
	b := sample()
	for n := range b {
		if _, err := Parse(b[:n]); err == nil && !boundary(b, n) {
			t.Errorf("the first %d of %d bytes pass for a module", n, len(b))
		}
	}
}

// boundary reports whether a section ends after n bytes.
func boundary(b []byte, n int) bool {
	r := NewReader(b[len(header):])
	for at := len(header); at <= n; {
		if at == n {
			return true
		}
		r.Byte()
		r.Bytes(r.Uint32())
		at = len(b) - len(r.b)
	}
	return false
}

func TestBad(t *testing.T) {
	module := func(s string) string { return string(header) + s }
	for _, test := range []struct{ in, want string }{
		{"", `it starts with ""`},
		{"\x7fELF\x02\x01\x01", "a native library (ELF)"},
		{"\x00asm\x0d\x00\x01\x00", "a component"},
		{"\x00asm\x02\x00\x00\x00", "not a WebAssembly module"},
		{module("\x63\x00"), "unknown number 99"},
		{module("\x03\x01\x00\x01\x01\x00"), "the type section is out of order"},
		{module("\x01\x01\x00\x01\x01\x00"), "the type section is out of order"},
		{module("\x01\x05\x01\x60\x00\x00\x00"), "1 bytes are left over"},
		{module("\x01\xff\xff\xff\xff\x0f"), "the type section: it ends too early"},
		{module("\x01\xff\xff\xff\xff\x1f"), "a number is too large"},
		{module("\x01\x02\x7f\x60"), "it ends too early"},
		{module("\x01\x02\x01\x5f"), "form 0x5f"},
		{module("\x01\x04\x01\x60\x01\x55"), "0x55 is not a type"},
		{module("\x03\x02\x01\x00"), "there is no type 0"},
		{module("\x07\x05\x01\x01x\x00\x00"), `the export "x" is function 0, which is not there`},
		{module("\x05\x03\x01\x00\x01\x07\x09\x02\x01x\x02\x00\x01x\x02\x00"), `"x" is there twice`},
		{module("\x09\x07\x01\x00\x41\x00\x0b\x01\x05"), "a table has function 5"},
		{module("\x09\x02\x01\x09"), "unknown form 9"},
		{module("\x06\x04\x01\x7f\x02\x0b"), "whether a global is mutable"},
		{module("\x06\x05\x01\x7f\x00\x01\x0b"), "the instruction 0x01"},
		{module("\x00\x03\x02\xff\xff"), "not valid UTF-8"},
		{module("\x00\x02\x01a\x00\x09\x08dylink.0"), "has to be the first section"},
		{module("\x00\x0b\x08dylink.0\x01\x00"), "dylink.0, subsection 1: it ends too early"},
		{module("\x02\x07\x01\x01a\x01b\x03\x7f"), "it ends too early"},
		{module("\x02\x06\x01\x01a\x01b\x07"), "of no known kind"},
	} {
		if _, err := Parse([]byte(test.in)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: the error is %v, not %q", test.in, err, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample())
	f.Add(header)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		for _, e := range m.Exports {
			if e.Kind == Func {
				_ = m.FuncType(e.Index).String()
			}
			m.GlobalAt(e.Index)
		}
		for _, s := range m.Segments {
			for _, fn := range s.Functions {
				_ = m.FuncType(fn).String()
			}
		}
	})
}
