package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/dylink"
	"github.com/cowasm/cowasm/internal/lower"
)

// keepSides bounds the size of the side modules whose machine code a program
// keeps from guest to guest, in bytes of WebAssembly.
const keepSides = 64 << 20

// A side is a side module that was translated.
type side struct {
	digest digest.Digest
	module wazero.CompiledModule
}

// newLinker returns what links side modules to a guest.
func (p *Program) newLinker(ctx context.Context, main api.Module, g Guest) *dylink.Linker {
	return dylink.New(dylink.Config{
		Runtime:  p.runtime,
		Main:     main,
		Module:   p.main,
		ReadFile: g.System.ReadFile,
		Compile: func(path string, module []byte) (wazero.CompiledModule, error) {
			return p.side(ctx, path, module, g.Progress)
		},
		Caught: func() *dylink.Exception { return caught(ctx, main) },
	})
}

// side returns a side module, translated. The linker's own modules, which are
// small, have no path.
func (p *Program) side(ctx context.Context, path string, module []byte, progress func(string, digest.Digest) Progress) (wazero.CompiledModule, error) {
	d := digest.Of(module)
	for i, s := range p.sides {
		if s.digest == d {
			p.sides = append(append(p.sides[:i:i], p.sides[i+1:]...), s)
			return s.module, nil
		}
	}
	tell := Progress{Compiling: func() {}, Compiled: func(error) {}}
	if path != "" && progress != nil {
		tell = progress(path, d)
	}
	compiled, err := p.loadSide(ctx, d, path, module, tell)
	if err == nil {
		p.sides = append(p.sides, side{d, compiled})
	}
	return compiled, err
}

// loadSide loads the machine code of a side module, or makes it.
func (p *Program) loadSide(ctx context.Context, d digest.Digest, path string, module []byte, progress Progress) (wazero.CompiledModule, error) {
	if p.dir == "" {
		code, err := p.lower(path, module)
		if err != nil {
			return nil, err
		}
		return p.compile(ctx, code)
	}
	if compiled := p.cachedSide(ctx, d, module); compiled != nil {
		return compiled, nil
	}
	unlock, err := lockedfile.MutexAt(p.dir + ".lock").Lock()
	if err != nil {
		return nil, fmt.Errorf("locking the cache of machine code: %w", err)
	}
	defer unlock()
	if compiled := p.cachedSide(ctx, d, module); compiled != nil {
		return compiled, nil
	}
	progress.Compiling()
	compiled, err := p.compileSide(ctx, d, path, module)
	progress.Compiled(err)
	return compiled, err
}

// cachedSide loads machine code. It returns nil if there is none that can be
// used.
func (p *Program) cachedSide(ctx context.Context, d digest.Digest, module []byte) wazero.CompiledModule {
	files, err := verify(p.dir, sideManifest(d))
	if err != nil {
		return nil
	}
	code, err := lowered(p.dir, files, d, module)
	if err != nil {
		return nil
	}
	compiled, err := p.compile(ctx, code)
	if err != nil {
		return nil
	}
	touch(filepath.Join(p.dir, sideManifest(d)))
	return compiled
}

// compileSide makes machine code and its manifest.
func (p *Program) compileSide(ctx context.Context, d digest.Digest, path string, module []byte) (wazero.CompiledModule, error) {
	manifest := sideManifest(d)
	// What no manifest lists was left by a process that was killed: nobody
	// knows whether it is whole.
	_ = os.Remove(filepath.Join(p.dir, manifest))
	listed := known(p.dir)
	if err := walk(p.dir, listed, func(name string) error { return os.Remove(filepath.Join(p.dir, name)) }); err != nil {
		return nil, fmt.Errorf("removing damaged machine code: %w", err)
	}
	code, err := p.lower(path, module)
	if err != nil {
		return nil, err
	}
	if err := keepLowered(p.dir, d, module, code); err != nil {
		return nil, err
	}
	compiled, err := p.compile(ctx, code)
	if err != nil {
		return nil, err
	}
	if err := record(p.dir, manifest, listed); err != nil {
		_ = compiled.Close(ctx)
		return nil, err
	}
	return compiled, nil
}

// lower returns what is translated of a side module, or of one of the linker's.
func (p *Program) lower(path string, module []byte) ([]byte, error) {
	if path == "" || !p.main.HasTags() {
		return module, nil
	}
	return lower.Side(module)
}

// trimSides drops the side modules that were not used for longest, when the
// last guest ends.
func (p *Program) trimSides(ctx context.Context) {
	if p.guests > 1 {
		return
	}
	var size int64
	for i := len(p.sides) - 1; i >= 0; i-- {
		if size += p.sides[i].digest.Size(); size > keepSides {
			for _, s := range p.sides[:i+1] {
				_ = s.module.Close(ctx)
			}
			p.sides = p.sides[i+1:]
			return
		}
	}
}
