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
	// Those that are running count, but are never let go.
	keepModules  = 128 << 20
	keepPrograms = 16

	// shortLived is the size of a module that a guest has made from which on it
	// takes so long to translate that its machine code is kept on disk. Those
	// that probe a compiler are smaller, and never seen again.
	shortLived = 1 << 20
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

// cached returns the program with digest d if it is there, else nil.
func (p *programs) cached(d digest.Digest) *engine.Program {
	for i, l := range p.recent {
		if l.digest == d {
			p.recent = append(append(p.recent[:i:i], p.recent[i+1:]...), l)
			return l.program
		}
	}
	return nil
}

// get returns the program with digest d, whose module is given. Made says that
// a guest has made it.
func (p *programs) get(ctx context.Context, d digest.Digest, module []byte, made bool, progress engine.Progress) (*engine.Program, error) {
	if program := p.cached(d); program != nil {
		return program, nil
	}
	p.makeRoom(ctx, d.Size())
	var program *engine.Program
	var err error
	if made && d.Size() < shortLived {
		program, err = p.modules.Translate(ctx, module)
	} else {
		program, err = p.modules.Load(ctx, d, module, progress)
	}
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

// makeRoom lets programs go until another one may be kept.
func (p *programs) makeRoom(ctx context.Context, size int64) {
	kept := p.recent[:0:0]
	for i, l := range p.recent {
		full := p.size+size > keepModules || len(kept)+len(p.recent)-i >= keepPrograms
		if !full || l.program.Running() {
			kept = append(kept, l)
			continue
		}
		l.program.Close(ctx)
		p.size -= l.digest.Size()
	}
	p.recent = kept
}
