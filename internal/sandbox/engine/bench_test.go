package engine

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// large returns a side module of about a megabyte.
func large() []byte {
	var b wasmfile.Builder
	b.Dylink(wasmfile.Dylink{})
	for range 1000 {
		code := new(wasmfile.Code).LocalGet(0)
		for i := range 200 {
			code.I32Const(int32(i) + 1000).I32Add()
		}
		b.Func(signature(1, 1), code)
	}
	b.Export("answer", wasmfile.Func, b.Func(signature(0, 1), new(wasmfile.Code).I32Const(1)))
	return b.Bytes()
}

// BenchmarkSide has the machine code of a side module: made, taken from the disk,
// or in memory from the guest before.
func BenchmarkSide(b *testing.B) {
	ctx := context.Background()
	m, err := OpenModules(b.TempDir(), 1)
	if err != nil {
		b.Fatal(err)
	}
	module := large()
	p, err := m.Load(ctx, parse(b, opener()), Progress{})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close(ctx)
	parsed := parse(b, module)
	src := source{digest: parsed.Digest, outline: parsed.Parsed, read: func() ([]byte, error) { return module, nil }}
	side := func(b *testing.B) {
		if p.recent(src.digest) != nil {
			return
		}
		if _, err := p.compileSide(ctx, src); err != nil {
			b.Fatal(err)
		}
	}
	forget := func() {
		for _, s := range p.sides {
			_ = s.module.Close(ctx)
		}
		p.sides = nil
	}
	for _, state := range []struct {
		name   string
		before func()
	}{
		{"cold", func() {
			forget()
			_ = os.Remove(filepath.Join(p.dir, sidePrefix(src.digest)+manifestName))
		}},
		{"disk", forget},
		{"memory", func() {}},
	} {
		b.Run(state.name, func(b *testing.B) {
			b.SetBytes(int64(len(module)))
			for b.Loop() {
				b.StopTimer()
				state.before()
				b.StartTimer()
				side(b)
			}
		})
	}
}
