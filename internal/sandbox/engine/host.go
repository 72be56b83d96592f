package engine

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/dylink"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
)

// systemKey is the context key of the *wasi.System that a guest's calls go to.
type systemKey struct{}

func withSystem(ctx context.Context, s *wasi.System) context.Context {
	return context.WithValue(ctx, systemKey{}, s)
}

// instantiateHost makes the host's functions available to guests.
func (p *Program) instantiateHost(ctx context.Context) error {
	for _, module := range []string{wasi.Preview1, wasi.Cowasm} {
		b := p.runtime.NewHostModuleBuilder(module)
		for _, f := range wasi.Functions() {
			if f.Module == module {
				b.NewFunctionBuilder().WithGoModuleFunction(call(f), types(f.Params), types(f.Result)).WithName(f.Name).Export(f.Name)
			}
		}
		if _, err := b.Instantiate(ctx); err != nil {
			return fmt.Errorf("making the host module %s: %w", module, err)
		}
	}
	return dylink.InstantiateHost(ctx, p.runtime)
}

// types translates the letters of a wasi.Function.
func types(letters string) []api.ValueType {
	list := make([]api.ValueType, len(letters))
	for i, c := range letters {
		list[i] = api.ValueTypeI32
		if c == 'I' {
			list[i] = api.ValueTypeI64
		}
	}
	return list
}

// call adapts a function to wazero.
func call(f wasi.Function) api.GoModuleFunc {
	n := len(f.Params)
	return func(ctx context.Context, mod api.Module, stack []uint64) {
		for i := range n {
			if f.Params[i] == 'i' {
				stack[i] = uint64(uint32(stack[i]))
			}
		}
		result := f.Call(ctx.Value(systemKey{}).(*wasi.System), mod.Memory(), stack[:n])
		if f.Result != "" {
			stack[0] = result
		}
	}
}
