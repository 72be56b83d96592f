package dylink

import (
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// repeated returns a library whose functions call a function of the main
// module, or one of its own, a million times a call.
func repeated() []byte {
	s := newSide(wasmfile.Dylink{}, []string{"plain"}, nil, nil)
	own := s.fn("own", typeUnary, body().LocalGet(0).I32Const(7).I32Add())
	for name, callee := range map[string]uint32{"across": 0, "local": own} {
		calls := body().I32Const(0)
		for range repeats {
			calls.Call(callee)
		}
		s.fn(name, supply, calls)
	}
	return s.Bytes()
}

const repeats = 1000

// BenchmarkCall compares calls of functions of other modules with local ones:
// a thousand of them, with what the guest's own call of the host costs.
func BenchmarkCall(b *testing.B) {
	bed := newBed(b)
	bed.files["/calls.so"] = repeated()
	h := bed.open("/calls.so", Now)
	for _, name := range []string{"local", "across"} {
		slot := uint64(bed.symbol(h, name))
		apply := bed.Main.ExportedFunction("apply")
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := apply.Call(bed.ctx, slot); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/repeats, "ns/call")
		})
	}
}

// BenchmarkOpen opens a small library in a guest, with its machine code at
// hand.
func BenchmarkOpen(b *testing.B) {
	bed := newBed(b)
	compiled := map[string]wazero.CompiledModule{}
	compile := bed.Compile
	bed.Compile = func(module []byte) (wazero.CompiledModule, error) {
		if c, ok := compiled[string(module)]; ok {
			return c, nil
		}
		c, err := compile(module)
		compiled[string(module)] = c
		return c, err
	}
	bed.files["/simple.so"] = simple()
	for b.Loop() {
		l := New(bed.Config)
		WithLinker(bed.ctx, l)
		if _, err := l.Open("/simple.so", Now); err != nil {
			b.Fatal(err)
		}
		l.Finish(bed.ctx)
		bed.Main.ExportedGlobal("heap").(api.MutableGlobal).Set(heapStart)
	}
}
