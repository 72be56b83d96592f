package engine

import (
	"sync/atomic"
	"testing"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// maker returns a program that makes a closure of the type i:i, which adds data
// to what it takes, calls it with 2 by its caller, and exits with the result.
// handler is the slot of what the closure calls; it is in slot 1. If anything
// goes wrong it exits with the errno.
func maker(handler int32) []byte {
	const signatureAt, argumentsAt, resultAt, data = 16, 64, 128, 40
	var b wasmfile.Builder
	caller := b.ImportFunc(wasi.Cowasm, "caller", signature(3, 1))
	allocate := b.ImportFunc(wasi.Cowasm, "closure_allocate", signature(0, 1))
	set := b.ImportFunc(wasi.Cowasm, "closure_set", signature(5, 1))
	free := b.ImportFunc(wasi.Cowasm, "closure_free", signature(1, 1))
	exit := b.ImportFunc(wasi.Preview1, "proc_exit", signature(1, 0))
	b.Memory(1)
	b.Table(2)
	b.Export("memory", wasmfile.Memory, 0)
	b.Export("__indirect_function_table", wasmfile.Table, 0)
	b.Export("__stack_pointer", wasmfile.Global, b.Global(true, 4096))
	closure, by, status := b.Global(true, 0), b.Global(true, 0), b.Global(true, 0)
	code := func() *wasmfile.Code { return new(wasmfile.Code) }
	add := b.Func(signature(3, 0), code().LocalGet(2).LocalGet(0).LocalGet(1).I32Load(0).I32Add().I32Store(0))
	b.Segment(nil, 1, add)
	check := func(c *wasmfile.Code) *wasmfile.Code {
		return c.GlobalSet(status).GlobalGet(status).If().I32Const(0).GlobalGet(status).
			Raw(0x6b). // i32.sub
			Call(exit).End()
	}
	start := code().Call(allocate).GlobalSet(closure)
	check(start.GlobalGet(closure).I32Const(signatureAt).I32Const(3).I32Const(handler).I32Const(data).Call(set)).
		GlobalGet(closure).I32Const(signatureAt).I32Const(3).Call(caller).GlobalSet(by).
		I32Const(argumentsAt).I32Const(2).I32Store(0).
		GlobalGet(closure).I32Const(argumentsAt).I32Const(resultAt).GlobalGet(by).CallIndirect(b.Type(signature(3, 0)))
	check(start.GlobalGet(closure).Call(free)).
		I32Const(resultAt).I32Load(0).Call(exit)
	b.Export("_start", wasmfile.Func, b.Func(signature(0, 0), start))
	b.Data(nil, signatureAt, []byte("i:i"))
	return b.Bytes()
}

func TestForeign(t *testing.T) {
	for handler, want := range map[int32]uint32{
		1:    42,
		0:    uint32(errno.EINVAL),
		1000: uint32(errno.EINVAL),
		-1:   uint32(errno.EINVAL),
	} {
		var n atomic.Int32
		p := load(t, open(t, t.TempDir()), maker(handler), &n)
		if exit, stderr := runWith(t, p, answerer(0), 0, &n); exit != want || stderr != "" {
			t.Errorf("with the handler %d it exits with %d and says %q, want %d", handler, exit, stderr, want)
		}
		p.Close(t.Context())
	}
}
