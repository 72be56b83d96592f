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

	"github.com/rogpeppe/go-internal/lockedfile"
	"golang.org/x/sys/cpu"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/lower"
)

// Modules keeps the machine code of modules in a directory, so that each is
// translated once per machine. Any number of processes may share it.
//
// What is in the directory is executed, so it must belong to the user alone.
// An entry has a folder, named by the digest of the module, with what wazero
// wrote and a manifest of it. Side modules that were opened by the program are
// in the same folder, each with a manifest of its own. Whatever is used is
// checked against its manifest before, since wazero trusts all but the code
// itself; what is damaged is translated anew. The hash guards against
// accidents: whoever can change the files can change the manifest too.
type Modules struct {
	dir     string
	workers int
}

// OpenModules opens the cache in dir, which it makes if it is not there.
// Modules are translated by the given number of threads.
func OpenModules(dir string, workers int) (*Modules, error) {
	dir = filepath.Join(dir, platform())
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the cache of machine code: %w", err)
	}
	if err := private(dir); err != nil {
		return nil, fmt.Errorf("the cache of machine code in %s cannot be trusted: %w; remove it", dir, err)
	}
	return &Modules{dir: dir, workers: workers}, nil
}

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
	sum := sha256.Sum256([]byte(version + features))
	return fmt.Sprintf("%s-%s-%s", runtime.GOOS, runtime.GOARCH, hex.EncodeToString(sum[:8]))
}

// Progress is told when a module is translated, not when it is only loaded.
type Progress struct {
	Compiling func()
	Compiled  func(error)
}

// Load returns the program with digest d, whose module is the given bytes.
func (m *Modules) Load(ctx context.Context, d digest.Digest, module []byte, progress Progress) (*Program, error) {
	dir := filepath.Join(m.dir, d.Hash())
	if p := m.cached(ctx, dir, d, module); p != nil {
		return p, nil
	}
	unlock, err := lockedfile.MutexAt(dir + ".lock").Lock()
	if err != nil {
		return nil, fmt.Errorf("locking the cache of machine code: %w", err)
	}
	defer unlock()
	if p := m.cached(ctx, dir, d, module); p != nil { // another process translated it
		return p, nil
	}
	progress.Compiling()
	p, err := m.compile(ctx, dir, d, module)
	progress.Compiled(err)
	m.trim()
	return p, err
}

// Translate returns the program of a module that will hardly be seen again, so
// that its machine code is not worth keeping.
func (m *Modules) Translate(ctx context.Context, module []byte) (*Program, error) {
	code, err := lower.Program(module)
	if err != nil {
		return nil, err
	}
	return newProgram(ctx, module, code, "", m.workers)
}

// cached loads the entry in dir. It returns nil if there is none that can be
// used.
func (m *Modules) cached(ctx context.Context, dir string, d digest.Digest, module []byte) *Program {
	files, err := verify(dir, manifestName)
	if err != nil {
		return nil
	}
	code, err := lowered(dir, files, d, module)
	if err != nil {
		return nil
	}
	p, err := newProgram(ctx, module, code, dir, m.workers)
	if err != nil {
		return nil
	}
	touch(filepath.Join(dir, manifestName))
	return p
}

// compile translates a module and makes its entry.
func (m *Modules) compile(ctx context.Context, dir string, d digest.Digest, module []byte) (*Program, error) {
	code, err := lower.Program(module)
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("removing damaged machine code: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making an entry in the cache of machine code: %w", err)
	}
	if err := keepLowered(dir, d, module, code); err != nil {
		return nil, err
	}
	p, err := newProgram(ctx, module, code, dir, m.workers)
	if err != nil {
		_ = os.RemoveAll(dir) // without a manifest it counts for nothing
		return nil, err
	}
	if err := record(dir, manifestName, nil); err != nil {
		p.Close(ctx)
		return nil, err
	}
	return p, nil
}
