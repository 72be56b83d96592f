package wasm

import (
	"context"
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

// A Program is a translated module, which guests are run of.
type Program interface {
	// Run is as that of an engine.Program.
	Run(ctx context.Context, g engine.Guest) (code uint32, memoryExceeded bool, err error)
	// Running reports whether a guest of the program has not ended.
	Running() bool
	// Close gives back what the program holds. No guest is running.
	Close(ctx context.Context)
}

// An Engine translates modules that link no others to themselves while they run
// and have no threads. It is used by one goroutine at a time.
type Engine interface {
	// Find returns the program with digest d if its machine code is at hand, else
	// nil.
	Find(ctx context.Context, d digest.Digest) Program
	// Load returns the program of a module. It tells if that has to be translated.
	Load(ctx context.Context, module engine.Module, progress engine.Progress) (Program, error)
}

// programs keeps the programs that were run most recently.
type programs struct {
	modules *engine.Modules
	other   Engine   // nil: modules are for all programs
	recent  []loaded // the latest last
	size    int64
}

type loaded struct {
	digest  digest.Digest
	program Program
}

// cached returns the program with digest d if it is there, else nil.
func (p *programs) cached(d digest.Digest) Program {
	for i, l := range p.recent {
		if l.digest == d {
			p.recent = append(append(p.recent[:i:i], p.recent[i+1:]...), l)
			return l.program
		}
	}
	return nil
}

// find returns the program with digest d if its machine code is at hand, else
// nil. Nobody has to read the module for that.
func (p *programs) find(ctx context.Context, d digest.Digest) Program {
	if program := p.cached(d); program != nil {
		return program
	}
	var program Program
	if p.other != nil {
		program = p.other.Find(ctx, d)
	} else if found := p.modules.Find(ctx, d); found != nil {
		program = found
	}
	if program != nil {
		p.keep(ctx, d, program)
	}
	return program
}

// keep keeps a program that was loaded.
func (p *programs) keep(ctx context.Context, d digest.Digest, program Program) {
	p.makeRoom(ctx, d.Size())
	p.recent = append(p.recent, loaded{d, program})
	p.size += d.Size()
}

// get returns the program of a module. Made says that a guest has made that.
func (p *programs) get(ctx context.Context, module engine.Module, made bool, progress engine.Progress) (Program, error) {
	d := module.Digest
	if program := p.cached(d); program != nil {
		return program, nil
	}
	p.makeRoom(ctx, d.Size()) // before it takes even more
	program, err := p.load(ctx, module, made, progress)
	if err != nil {
		return nil, err
	}
	p.keep(ctx, d, program)
	if d.Size() > 1<<20 {
		debug.FreeOSMemory() // translating leaves much garbage behind
	}
	return program, nil
}

// load has the module translated, by the engine that it is for.
func (p *programs) load(ctx context.Context, module engine.Module, made bool, progress engine.Progress) (Program, error) {
	switch {
	case made && module.Digest.Size() < shortLived:
		return p.modules.Translate(ctx, module)
	case p.other != nil && !module.IsMain() && !module.HasThreads():
		return p.other.Load(ctx, module, progress)
	}
	return p.modules.Load(ctx, module, progress)
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
