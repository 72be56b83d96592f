package engine

import (
	"context"

	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/sandbox/wasi"
)

// An instance lets a guest have threads. Each call has a stack of its own for
// machine code; that in linear memory is up to the guest.
type instance struct {
	ctx          context.Context
	mod          api.Module
	stackPointer api.MutableGlobal
}

// newInstance returns the instance that mod is, or nil if its program was not
// made for threads.
func newInstance(ctx context.Context, mod api.Module) wasi.Instance {
	sp, ok := mod.ExportedGlobal(stackPointer).(api.MutableGlobal)
	if !ok || mod.ExportedFunction(threadEntry) == nil {
		return nil
	}
	return &instance{ctx, mod, sp}
}

// What a program that was made for threads exports: the function that they start
// with, and the register of which each has a value of its own.
const (
	threadEntry  = "cowasm_thread"
	stackPointer = "__stack_pointer"
)

// CallThread implements wasi.Instance.
func (i *instance) CallThread(argument uint32) error {
	_, err := i.mod.ExportedFunction(threadEntry).Call(i.ctx, uint64(argument))
	if err == nil {
		err = terminate(i.ctx, i.mod)
	}
	return err
}

// StackPointer implements wasi.Instance.
func (i *instance) StackPointer() wasi.Register { return i.stackPointer }
