package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"

	"golang.org/x/sys/cpu"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// Modules keeps the machine code of modules in a directory, so that each is
// translated once per machine. Any number of processes may share it.
//
// What is in the directory is executed, so it must belong to the user alone.
// An entry has a folder, named by the digest of the module. Side modules that
// were opened by the program are in the same folder. What is damaged is
// translated anew.
type Modules struct {
	dir     string
	workers int
}

// OpenModules opens the cache in dir, which it makes if it is not there.
// Modules are translated by the given number of threads.
func OpenModules(dir string, workers int) (*Modules, error) {
	dir = filepath.Join(dir, platform())
	if err := OpenCache(dir); err != nil {
		return nil, err
	}
	return &Modules{dir: dir, workers: workers}, nil
}

// layout names the form of the entries.
const layout = "2 "

// platform names all that machine code depends on besides the module.
func platform() string {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == "github.com/tetratelabs/wazero" {
				version = dep.Version
			}
		}
	}
	features := fmt.Sprintf("%+v %+v", cpu.X86, cpu.ARM64)
	sum := sha256.Sum256([]byte(layout + version + features))
	return fmt.Sprintf("%s-%s-%s", runtime.GOOS, runtime.GOARCH, hex.EncodeToString(sum[:8]))
}

// A Module is what is translated.
type Module struct {
	Digest digest.Digest
	Bytes  []byte
	Parsed *wasmfile.Module
}

// IsMain reports whether it is a main module: whether it links others to itself
// while it runs.
func (m Module) IsMain() bool {
	return slices.ContainsFunc(m.Parsed.Imports, func(i wasmfile.Import) bool {
		return wasi.NeedsLinker(i.Module, i.Name)
	})
}

// HasThreads reports whether it was made for threads.
func (m Module) HasThreads() bool {
	_, entry := m.Parsed.Export(threadEntry)
	_, stack := m.Parsed.Export(stackPointer)
	return entry && stack
}

// Find returns the program with digest d if its machine code is at hand, else
// nil.
func (m *Modules) Find(ctx context.Context, d digest.Digest) *Program {
	return m.cached(ctx, filepath.Join(m.dir, d.Hash()))
}

// Load returns the program of a module.
func (m *Modules) Load(ctx context.Context, module Module, progress Progress) (*Program, error) {
	dir := filepath.Join(m.dir, module.Digest.Hash())
	return Load(dir+".lock", progress,
		func() *Program { return m.cached(ctx, dir) },
		func() (*Program, error) {
			defer m.trim()
			return m.compile(ctx, dir, module)
		})
}

// Translate returns the program of a module that will hardly be seen again, so
// that its machine code is not worth keeping.
func (m *Modules) Translate(ctx context.Context, module Module) (*Program, error) {
	return newProgram(ctx, "", m.workers, func(p *Program) error {
		_, err := p.translate(ctx, module)
		return err
	})
}

// cached loads the entry in dir. It returns nil if there is none that can be
// used.
func (m *Modules) cached(ctx context.Context, dir string) *Program {
	k, err := openKept(dir, "")
	if err != nil {
		return nil
	}
	p, err := newProgram(ctx, dir, m.workers, func(p *Program) (err error) {
		p.main = k.outline
		p.module, err = p.load(ctx, k)
		return err
	})
	if err != nil {
		return nil
	}
	Touch(filepath.Join(dir, manifestName))
	return p
}

// compile translates a module and makes its entry.
func (m *Modules) compile(ctx context.Context, dir string, module Module) (*Program, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("removing damaged machine code: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making an entry in the cache of machine code: %w", err)
	}
	p, err := newProgram(ctx, dir, m.workers, func(p *Program) error {
		code, err := p.translate(ctx, module)
		if err != nil {
			return err
		}
		t := translation{digest: module.Digest, code: code}
		if p.main != nil {
			if t.outline, err = wasmfile.Outline(module.Bytes); err != nil {
				return err
			}
		}
		return p.keep(ctx, t, nil)
	})
	if err != nil {
		_ = os.RemoveAll(dir) // without a manifest it counts for nothing
	}
	return p, err
}
