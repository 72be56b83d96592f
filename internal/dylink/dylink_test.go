package dylink

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tetratelabs/wazero"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// simple returns a side module that does a bit of everything: it calls a
// function, has data with a relocation in it, reads other data through its
// address and takes addresses of functions.
func simple() []byte {
	s := newSide(wasmfile.Dylink{MemorySize: 32, MemoryAlign: 5, TableSize: 1, TableAlign: 3}, []string{"plain", "log"},
		[]string{"shared", "own"}, []string{"plain", "add1", "local"})
	const shared, own, plain, add1, local = 2, 3, 4, 5, 6
	s.Export("own", wasmfile.Global, s.Global(false, 8))
	s.Data(&s.memoryBase, 8, []byte("\x2a\x00\x00\x00"))
	l := s.fn("local", supply, body().I32Const(3))
	s.fn("called", supply, body().I32Const(1).Call(0))
	s.fn("shared_value", supply, body().GlobalGet(shared).I32Load(0))
	s.fn("own_value", supply, body().GlobalGet(own).I32Load(0))
	s.fn("plain_pointer", supply, body().GlobalGet(plain))
	s.fn("add1_pointer", supply, body().GlobalGet(add1))
	s.fn("local_pointer", supply, body().GlobalGet(local))
	s.fn("bss", supply, body().GlobalGet(s.memoryBase).I32Load(16))
	s.fn("__wasm_apply_data_relocs", nullary, body().GlobalGet(s.memoryBase).GlobalGet(plain).I32Store(12))
	s.fn("relocated", supply, body().GlobalGet(s.memoryBase).I32Load(12))
	s.fn("__wasm_call_ctors", nullary, body().I32Const(5).Call(1))
	s.Segment(&s.tableBase, 0, l)
	return s.Bytes()
}

func TestOpen(t *testing.T) {
	b := newBed(t)
	b.files["/lib/simple.so"] = simple()
	b.Main.Memory().WriteUint32Le(sharedAt, 99)
	for at := uint32(heapStart); at < heapStart+256; at += 4 {
		b.Main.Memory().WriteUint32Le(at, 0xffffffff) // as memory that was in use before
	}
	h := b.open("/lib/../lib/simple.so", Now)
	for name, want := range map[string]uint32{
		"called": 8, "shared_value": 99, "own_value": 42, "bss": 0,
		"add1_pointer": 1, // where the main module itself has it
	} {
		if got := b.run(h, name); got != want {
			t.Errorf("%s returns %d, not %d", name, got, want)
		}
	}
	if got := b.word(logAt); got != 5 {
		t.Errorf("the constructor left %d", got)
	}
	// Pointers to a function are equal, whoever made them.
	plain := b.symbol(0, "plain")
	if got := []uint32{b.run(h, "plain_pointer"), b.run(h, "relocated")}; got[0] != plain || got[1] != plain {
		t.Errorf("plain is at %d, or at %d", plain, got)
	}
	if got, want := b.run(h, "local_pointer"), b.symbol(h, "local"); got != want {
		t.Errorf("local is at %d, or at %d", got, want)
	}
	lib := b.libraries[h-1]
	if lib.memoryBase%32 != 0 || lib.tableBase%8 != 0 {
		t.Errorf("it is at %d and %d, which is not aligned", lib.memoryBase, lib.tableBase)
	}
	if got := b.word(b.symbol(h, "own")); got != 42 {
		t.Errorf("own is %d", got)
	}
	if again := b.open("lib/simple.so", 0); again != h || b.word(logAt) != 5 {
		t.Error("it was linked twice")
	}
	if err := b.Close(h); err != nil {
		t.Error(err)
	}
	if got := b.run(h, "called"); got != 8 {
		t.Error("it is gone after Close")
	}
}

func TestArity(t *testing.T) {
	b := newBed(t)
	b.files["/simple.so"] = simple()
	h := b.open("/simple.so", Now)
	for name, want := range map[string]int{"plain": 1, "add1": 1, "local": 0, "called": 0} {
		scope := h
		if want == 1 {
			scope = 0
		}
		if got, ok := b.Arity(b.symbol(scope, name)); !ok || got != want {
			t.Errorf("%s takes %d, not %d", name, got, want)
		}
	}
	if _, ok := b.Arity(1 << 20); ok {
		t.Error("there is a function where there is none")
	}
}

// named returns a library that logs a digit when it is constructed, and has a
// function with a name that returns the digit.
func named(digit int32, name string, needed ...string) *side {
	s := newSide(wasmfile.Dylink{Needed: needed}, []string{"log"}, nil, nil)
	s.fn("__wasm_call_ctors", nullary, body().I32Const(digit).Call(0))
	s.fn(name, supply, body().I32Const(digit))
	return s
}

func TestScope(t *testing.T) {
	b := newBed(t)
	b.files["/l/top.so"] = named(1, "top", "left.so", "right.so").Bytes()
	b.files["/l/left.so"] = named(2, "which", "deep.so").Bytes()
	b.files["/l/right.so"] = named(3, "which").Bytes()
	b.files["/l/deep.so"] = named(4, "deep").Bytes()
	h := b.open("/l/top.so", Now)
	// What is needed is constructed first.
	if got := b.word(logAt); got != 4231 {
		t.Errorf("constructed in the order %d", got)
	}
	if got := b.run(h, "which"); got != 2 {
		t.Errorf("the first is that of %d", got)
	}
	if got := b.run(h, "deep"); got != 4 {
		t.Errorf("what is needed indirectly is that of %d", got)
	}

	// A local library is not seen by others, a global one is.
	user := newSide(wasmfile.Dylink{}, nil, nil, []string{"deep"})
	user.fn("pointer", supply, body().GlobalGet(2))
	b.files["/user.so"] = user.Bytes()
	if _, err := b.Open("/user.so", Now); err == nil || !strings.Contains(err.Error(), "undefined function deep") {
		t.Errorf("the error is %v", err)
	}
	b.open("/l/deep.so", Global)
	if got, want := b.run(b.open("/user.so", Now), "pointer"), b.symbol(h, "deep"); got != want {
		t.Errorf("deep is at %d, or at %d", got, want)
	}
	// One that was found is needed by its name alone.
	b.files["/other/more.so"] = named(5, "more", "deep.so").Bytes()
	b.open("/other/more.so", Now)
	if got := b.word(logAt); got != 42315 {
		t.Errorf("constructed in the order %d", got)
	}
}

// TestCircular has two libraries that call each other.
func TestCircular(t *testing.T) {
	b := newBed(t)
	half := func(mine, other string, needed string, base int32) []byte {
		s := newSide(wasmfile.Dylink{Needed: []string{needed}}, []string{other}, nil, []string{other})
		s.fn(mine, typeUnary, body().LocalGet(0).I32Const(base).I32Add())
		s.fn("through_"+mine, supply, body().I32Const(1).Call(0))
		s.fn("pointer_"+mine, supply, body().GlobalGet(2))
		return s.Bytes()
	}
	b.files["/a.so"] = half("fa", "fb", "b.so", 10)
	b.files["/b.so"] = half("fb", "fa", "a.so", 20)
	h := b.open("/a.so", Now)
	for range 2 { // the second call needs no look-up
		if x, y := b.run(h, "through_fa"), b.run(h, "through_fb"); x != 21 || y != 11 {
			t.Errorf("they return %d and %d", x, y)
		}
	}
	if got, want := b.run(h, "pointer_fb"), b.symbol(h, "fa"); got != want {
		t.Errorf("fa is at %d, or at %d", got, want)
	}
}

// TestLazy calls functions that are not there.
func TestLazy(t *testing.T) {
	b := newBed(t)
	s := newSide(wasmfile.Dylink{}, []string{"plaim", "log", "later"}, nil, nil)
	s.fn("missing", supply, body().I32Const(1).Call(0))
	s.fn("found", supply, body().I32Const(1).Call(2))
	b.files["/lazy.so"] = s.Bytes()
	if _, err := b.Open("/lazy.so", Now); err == nil {
		t.Fatal("symbols are missing, but that is no error")
	}
	h := b.open("/lazy.so", 0)
	_, err := b.Main.ExportedFunction("apply").Call(b.ctx, uint64(b.symbol(h, "missing")))
	if f := (*Fault)(nil); !errors.As(err, &f) || f.Error() != "/lazy.so: undefined function plaim (main has plain)" {
		t.Errorf("the error is %v", err)
	}
	later := newSide(wasmfile.Dylink{}, nil, nil, nil)
	later.fn("later", typeUnary, body().LocalGet(0).I32Const(2).I32Add())
	b.files["/later.so"] = later.Bytes()
	b.open("/later.so", Global)
	if got := b.run(h, "found"); got != 3 {
		t.Errorf("it returns %d", got)
	}
}

func TestWeak(t *testing.T) {
	b := newBed(t)
	var s wasmfile.Builder
	s.Dylink(wasmfile.Dylink{}, "maybe", "perhaps")
	s.ImportFunc("env", "maybe", nullary)
	s.ImportGlobal("GOT.func", "maybe", variable)
	s.ImportGlobal("GOT.mem", "perhaps", variable)
	s.Export("addresses", wasmfile.Func, s.Func(supply, body().GlobalGet(0).GlobalGet(1).I32Add()))
	b.files["/weak.so"] = s.Bytes()
	if got := b.run(b.open("/weak.so", Now), "addresses"); got != 0 {
		t.Errorf("what is missing is at %d", got)
	}
}

// TestConstructor has constructors that fail.
func TestConstructor(t *testing.T) {
	b := newBed(t)
	s := newSide(wasmfile.Dylink{}, nil, nil, nil)
	s.fn("__wasm_call_ctors", nullary, body().Unreachable())
	b.files["/bad.so"] = s.Bytes()
	f := fault(func() { b.open("/bad.so", Now) })
	if f == nil || !strings.Contains(f.Error(), "the constructors of /bad.so: wasm error: unreachable") {
		t.Errorf("the fault is %v", f)
	}
}

// TestUndo opens what fails, and then what does not.
func TestUndo(t *testing.T) {
	b := newBed(t)
	b.files["/good.so"] = named(1, "good").Bytes()
	bad := newSide(wasmfile.Dylink{Needed: []string{"good.so"}, MemorySize: 16}, nil, nil, nil)
	bad.fn("__wasm_apply_data_relocs", nullary, body().Unreachable())
	b.files["/bad.so"] = bad.Bytes()
	if _, err := b.Open("/bad.so", Now); err == nil || !strings.Contains(err.Error(), "/bad.so: filling in addresses: wasm error: unreachable") {
		t.Fatalf("the error is %v", err)
	}
	if len(b.libraries) != 1 || len(b.byPath) != 0 || b.word(logAt) != 0 {
		t.Errorf("%d libraries are left, %d by path", len(b.libraries), len(b.byPath))
	}
	if got := b.run(b.open("/good.so", Now), "good"); got != 1 {
		t.Errorf("it returns %d", got)
	}
}

func TestErrors(t *testing.T) {
	b := newBed(t)
	add := func(name string, s *side) { b.files["/"+name] = s.Bytes() }
	empty := wasmfile.Dylink{}
	b.files["/elf.so"] = []byte("\x7fELF\x02\x01\x01\x00")
	b.files["/program.so"] = mainModule(false)
	add("many.so", newSide(empty, []string{"add2", "strlen", "plain_", "f4", "f5", "f6", "f7"}, []string{"chared"}, []string{"f8"}))
	add("data.so", newSide(empty, []string{"shared"}, nil, nil))
	add("pointer.so", newSide(empty, nil, nil, []string{"shared"}))
	add("address.so", newSide(empty, nil, []string{"plain"}, nil))
	add("needs.so", newSide(wasmfile.Dylink{Needed: []string{"gone.so"}}, nil, nil, nil))
	add("chain.so", newSide(wasmfile.Dylink{Needed: []string{"elf.so"}}, nil, nil, nil))
	add("huge.so", newSide(wasmfile.Dylink{MemorySize: 1 << 31}, nil, nil, nil))
	add("slots.so", newSide(wasmfile.Dylink{TableSize: 1 << 31}, nil, nil, nil))
	add("align.so", newSide(wasmfile.Dylink{MemoryAlign: 40}, nil, nil, nil))
	foreign := newSide(empty, nil, nil, nil)
	foreign.ImportFunc("wasi_unstable", "fd_write", nullary)
	add("foreign.so", foreign)
	types := newSide(empty, nil, nil, nil)
	types.ImportFunc("env", "plain", typeBinary)
	add("types.so", types)
	globals := newSide(empty, nil, nil, nil)
	globals.ImportGlobal("env", "__tls_base", variable)
	add("globals.so", globals)
	wide := &side{}
	wide.Dylink(empty)
	wide.ImportGlobal("env", "__memory_base", wasmfile.GlobalType{Type: wasmfile.I64})
	add("wide.so", wide)
	twice := newSide(empty, nil, nil, nil)
	twice.ImportGlobal("env", "__memory_base", variable)
	add("twice.so", twice)
	invalid := newSide(empty, nil, nil, nil)
	invalid.fn("f", supply, body()) // returns nothing
	add("invalid.so", invalid)
	outside := newSide(empty, nil, nil, nil)
	outside.Data(nil, -4, []byte("data"))
	add("outside.so", outside)
	ctors := newSide(empty, nil, nil, nil)
	ctors.fn("__wasm_apply_data_relocs", typeTake, body())
	add("relocs.so", ctors)

	for name, want := range map[string]string{
		"/gone.so":    "/gone.so: file does not exist",
		"/elf.so":     "/elf.so: it is a native library (ELF), not a WebAssembly module",
		"/program.so": "/program.so: it is not a side module: it has no section dylink.0; link it with -shared",
		"/many.so":    "/many.so: undefined function add2 (main has add1), function strlen, function plain_ (main has plain), function f4, function f5, and 4 more",
		"/data.so":    "/data.so: it calls shared, which in main is a global",
		"/pointer.so": "/pointer.so: it uses shared as function, but in main it is a global",
		"/address.so": "/address.so: it uses plain as data, but in main it is a function",
		"/needs.so":   "needed by /needs.so: /gone.so: file does not exist",
		"/chain.so":   "needed by /chain.so: /elf.so: it is a native library",
		"/huge.so":    "/huge.so: the main module's malloc returned what is not memory",
		"/slots.so":   "/slots.so: it asks for",
		"/align.so":   "/align.so: it asks for memory aligned to 2^40",
		"/foreign.so": `/foreign.so: it imports fd_write from the module "wasi_unstable", which is not there`,
		"/types.so":   "/types.so: it calls plain as (i32, i32) -> i32, but in main it is (i32) -> i32",
		"/globals.so": "/globals.so: it imports the global __tls_base, which the main module does not have",
		"/wide.so":    "/wide.so: it imports __memory_base as something else than a constant i32",
		"/twice.so":   "/twice.so: it imports __memory_base in two ways",
		"/invalid.so": "/invalid.so: invalid function",
		"/outside.so": "/outside.so: ",
		"/relocs.so":  "__wasm_apply_data_relocs is (i32) -> ()",
	} {
		if _, err := b.Open(name, Now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is\n%v, not\n%s", err, want)
		}
	}
	if _, err := b.Open("/elf.so", NoLoad); err == nil || err.Error() != "/elf.so is not open" {
		t.Errorf("the error is %v", err)
	}
	if _, err := b.Symbol(0, "pla1n"); err == nil || err.Error() != "main: undefined symbol pla1n (main has plain)" {
		t.Errorf("the error is %v", err)
	}
	if _, err := b.Symbol(0, "memory"); err == nil || err.Error() != "main: memory is neither a function nor data" {
		t.Errorf("the error is %v", err)
	}
	if err := b.Close(7); err == nil || err.Error() != "7 is not the handle of a module" {
		t.Errorf("the error is %v", err)
	}
	if diff := cmp.Diff(1, len(b.libraries)); diff != "" {
		t.Error("some of what failed is left")
	}
}

// FuzzPrepare looks up the symbols of damaged modules, which an engine has not
// seen yet.
func FuzzPrepare(f *testing.F) {
	f.Add(simple())
	f.Add(named(1, "x", "y.so").Bytes())
	main, err := wasmfile.Parse(mainModule(false))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, module []byte) {
		files := map[string][]byte{"/x.so": module, "/y.so": named(2, "y", "x.so").Bytes()}
		l := New(Config{
			Module: main,
			File: func(p string) (Side, error) {
				m, err := wasmfile.Parse(files[p])
				return Side{m, func() (wazero.CompiledModule, error) { return nil, nil }}, err
			},
		})
		s := &loading{Linker: l, bindings: map[*library]*bindings{}}
		if _, err := s.prepare("/x.so", true); err == nil {
			for _, e := range s.root.module.Exports {
				s.root.slotOf(e.Index)
				s.root.address(e)
			}
		}
	})
}

// TestDamaged changes each byte of a module in turn.
func TestDamaged(t *testing.T) {
	b := newBed(t)
	original := simple()
	for i := range original {
		for _, c := range []byte{0x00, 0x7f, original[i] + 1, original[i] ^ 0x80} {
			damaged := append([]byte(nil), original...)
			damaged[i] = c
			b.files["/x.so"] = damaged
			fault(func() { _, _ = b.Open("/x.so", Now) })
			b.libraries, b.byPath = b.libraries[:1], map[string]*library{}
		}
		b.files["/x.so"] = original[:i]
		if _, err := b.Open("/x.so", Now); err == nil {
			b.libraries, b.byPath = b.libraries[:1], map[string]*library{}
		}
	}
}
