package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/dylink"
	"github.com/cowasm/cowasm/internal/lower"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// keepSides bounds the size of the side modules whose machine code a program
// keeps from guest to guest, in bytes of WebAssembly.
const keepSides = 64 << 20

// A side is a side module, or a module of the linker's own, that was translated.
type side struct {
	digest  digest.Digest
	outline *wasmfile.Module // nil if it is the linker's
	module  wazero.CompiledModule
}

// newLinker returns what links side modules to a guest.
func (p *Program) newLinker(ctx context.Context, main api.Module, g Guest) *dylink.Linker {
	return dylink.New(dylink.Config{
		Runtime: p.runtime,
		Main:    main,
		Module:  p.main,
		File:    func(path string) (dylink.Side, error) { return p.openSide(ctx, path, g) },
		Compile: func(module []byte) (wazero.CompiledModule, error) { return p.glue(ctx, module) },
		Caught:  func() *dylink.Exception { return caught(ctx, main) },
	})
}

// glue returns a module of the linker's own, translated.
func (p *Program) glue(ctx context.Context, module []byte) (wazero.CompiledModule, error) {
	d := digest.Of(module)
	if s := p.recent(d); s != nil {
		return s.module, nil
	}
	return p.compileSide(ctx, source{
		digest: d,
		read:   func() ([]byte, error) { return module, nil },
	})
}

// openSide returns the side module in a file. If it is kept, the file is not
// read. A file may also be, byte for byte, a module of the linker's own, of which
// no outline is kept.
func (p *Program) openSide(ctx context.Context, path string, g Guest) (dylink.Side, error) {
	src := source{read: func() ([]byte, error) { return g.System.ReadFile(path) }}
	var err error
	if src.digest, err = g.System.Digest(path); err != nil {
		return dylink.Side{}, err
	}
	if s := p.recent(src.digest); s != nil && s.outline != nil {
		return dylink.Side{Module: s.outline, Compile: func() (wazero.CompiledModule, error) { return s.module, nil }}, nil
	}
	if g.Progress != nil {
		src.progress = g.Progress(path, src.digest)
	}
	if k, err := openKept(p.dir, sidePrefix(src.digest)); err == nil && k.outline != nil {
		src.outline, src.kept = k.outline, k
	} else {
		module, err := src.read()
		if err != nil {
			return dylink.Side{}, err
		}
		src.read = func() ([]byte, error) { return module, nil }
		if src.outline, err = wasmfile.Parse(module); err != nil {
			return dylink.Side{}, err
		}
	}
	return dylink.Side{Module: src.outline, Compile: func() (wazero.CompiledModule, error) { return p.compileSide(ctx, src) }}, nil
}

// recent returns a module that was opened before, nil if it was not. It counts
// as used.
func (p *Program) recent(d digest.Digest) *side {
	for i, s := range p.sides {
		if s.digest == d {
			p.sides = append(append(p.sides[:i:i], p.sides[i+1:]...), s)
			return s
		}
	}
	return nil
}

// A source is where a side module comes from.
type source struct {
	digest   digest.Digest
	outline  *wasmfile.Module // nil if it is the linker's
	kept     *kept            // nil if that was not looked for, or is not there
	read     func() ([]byte, error)
	progress Progress
}

// compileSide returns a module, translated.
func (p *Program) compileSide(ctx context.Context, src source) (wazero.CompiledModule, error) {
	module, err := p.loadSide(ctx, src)
	if err == nil {
		p.sides = append(p.sides, &side{src.digest, src.outline, module})
	}
	return module, err
}

// loadSide loads the machine code of a module, or makes it.
func (p *Program) loadSide(ctx context.Context, src source) (wazero.CompiledModule, error) {
	if p.dir == "" {
		return p.translateSide(ctx, src, nil)
	}
	return Load(p.dir+".lock", src.progress,
		func() wazero.CompiledModule { return p.cachedSide(ctx, src) },
		func() (wazero.CompiledModule, error) {
			// What no manifest lists was left by a process that was killed: nobody
			// knows whether it is whole.
			_ = os.Remove(filepath.Join(p.dir, sidePrefix(src.digest)+manifestName))
			listed := known(p.dir)
			err := walk(p.dir, listed, func(name string) error { return os.Remove(filepath.Join(p.dir, name)) })
			if err != nil {
				return nil, fmt.Errorf("removing damaged machine code: %w", err)
			}
			return p.translateSide(ctx, src, listed)
		})
}

// cachedSide loads machine code. It returns nil if there is none that can be
// used.
func (p *Program) cachedSide(ctx context.Context, src source) wazero.CompiledModule {
	k := src.kept
	if k == nil {
		var err error
		if k, err = openKept(p.dir, sidePrefix(src.digest)); err != nil {
			return nil
		}
	}
	module, err := p.load(ctx, k)
	if err != nil {
		return nil
	}
	Touch(filepath.Join(p.dir, sidePrefix(src.digest)+manifestName))
	return module
}

// translateSide makes machine code and keeps it, if there is a folder for that.
func (p *Program) translateSide(ctx context.Context, src source, listed map[string]bool) (wazero.CompiledModule, error) {
	module, err := src.read()
	if err != nil {
		return nil, err
	}
	t := translation{digest: src.digest, prefix: sidePrefix(src.digest), code: module}
	if src.outline != nil {
		if t.outline, err = wasmfile.Outline(module); err != nil {
			return nil, err
		}
		// Without tags in the main module, there is nothing to be thrown.
		if p.main.HasTags() {
			if t.code, err = lower.Side(module); err != nil {
				return nil, err
			}
		}
	}
	compiled, err := p.compile(ctx, t.code)
	if err != nil || p.dir == "" {
		return compiled, err
	}
	if err := p.keep(ctx, t, listed); err != nil {
		_ = compiled.Close(ctx) // it has nothing that could fail
		return nil, err
	}
	return compiled, nil
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
