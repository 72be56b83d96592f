package wasm

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/sandbox/engine"
)

const (
	// keepModules bounds the size of the modules whose machine code a worker
	// keeps, which takes about four times as much: enough for clang and CPython.
	keepModules  = 128 << 20
	keepPrograms = 16
)

// programs keeps the programs that were run most recently.
type programs struct {
	modules *engine.Modules
	recent  []loaded // the latest last
	size    int64
}

type loaded struct {
	digest  digest.Digest
	program *engine.Program
}

// get returns the program with digest d, whose module read returns.
func (p *programs) get(ctx context.Context, d digest.Digest, progress engine.Progress, read func() ([]byte, error)) (*engine.Program, error) {
	for i, l := range p.recent {
		if l.digest == d {
			p.recent = append(append(p.recent[:i:i], p.recent[i+1:]...), l)
			return l.program, nil
		}
	}
	module, err := read()
	if err != nil {
		return nil, err
	}
	for len(p.recent) > 0 && (p.size+d.Size() > keepModules || len(p.recent) == keepPrograms) {
		p.recent[0].program.Close(ctx)
		p.size -= p.recent[0].digest.Size()
		p.recent = p.recent[1:]
	}
	program, err := p.modules.Load(ctx, d, module, progress)
	if err != nil {
		return nil, fmt.Errorf("translating the module to machine code: %w", err)
	}
	p.recent = append(p.recent, loaded{d, program})
	p.size += d.Size()
	if d.Size() > 1<<20 {
		debug.FreeOSMemory() // translating leaves much garbage behind
	}
	return program, nil
}
