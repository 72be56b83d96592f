package engine

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/dylink"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
	"github.com/cowasm/cowasm/internal/wasmfile"
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
				t := f.Type()
				b.NewFunctionBuilder().WithGoModuleFunction(call(f), types(t.Params), types(t.Results)).WithName(f.Name).Export(f.Name)
			}
		}
		if _, err := b.Instantiate(ctx); err != nil {
			return fmt.Errorf("making the host module %s: %w", module, err)
		}
	}
	return dylink.InstantiateHost(ctx, p.runtime)
}

// types returns the names that wazero has for types, which are those of the
// format.
func types(list []wasmfile.ValueType) []api.ValueType {
	names := make([]api.ValueType, len(list))
	for i, t := range list {
		names[i] = api.ValueType(t)
	}
	return names
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
