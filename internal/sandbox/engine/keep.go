package engine

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tetratelabs/wazero"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/lower"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// smallModule is the size of a module up to which it is its own frame: to
// validate it costs nothing.
const smallModule = 16 << 10

// A translation is of a module that was translated just now.
type translation struct {
	digest  digest.Digest
	prefix  string // of its files
	code    []byte // what package lower made of it
	outline []byte // nil if it is not linked to others
}

// keep makes the entry of a module, of which wazero has written the machine code
// to the folder of p. What the manifests there list is from before. If there is
// no new file, another module has the same code, which is so rare that nothing
// is kept then.
func (p *Program) keep(ctx context.Context, t translation, listed map[string]bool) error {
	if err := p.tryKeep(ctx, t, listed); err != nil {
		return fmt.Errorf("making an entry in the cache of machine code: %w", err)
	}
	return nil
}

func (p *Program) tryKeep(ctx context.Context, t translation, listed map[string]bool) error {
	var written string
	err := walk(p.dir, listed, func(name string) error {
		written = name
		return nil
	})
	if err != nil || written == "" {
		return err
	}
	frame := t.code
	if len(frame) > smallModule {
		if frame, err = wasmfile.Hollow(t.code, t.digest.Hash()); err != nil {
			return err
		}
		name, err := p.nameOfCode(ctx, frame)
		if err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(p.dir, written), filepath.Join(p.dir, name)); err != nil {
			return err
		}
		written = name
	}
	m := manifest{Version: lower.Version, Code: filepath.ToSlash(written), Files: map[string]part{}}
	for name, content := range map[string][]byte{frameName: frame, outlineName: t.outline} {
		if content == nil {
			continue
		}
		name = t.prefix + name
		if err := os.WriteFile(filepath.Join(p.dir, name), content, 0o600); err != nil {
			return err
		}
		m.Files[name] = part{Size: int64(len(content)), Digest: digest.Of(content).String()}
	}
	if m.Files[m.Code], err = describeCode(filepath.Join(p.dir, written)); err != nil {
		return err
	}
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(p.dir, t.prefix+manifestName), data, 0o600)
}

// nameOfCode returns where wazero would look for the machine code of a module,
// relative to the folder of its cache. Only wazero knows, so it is asked to
// translate the module somewhere else.
func (p *Program) nameOfCode(ctx context.Context, module []byte) (string, error) {
	dir, err := os.MkdirTemp(p.dir, "probe-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return "", err
	}
	defer cache.Close(ctx)
	probe := &Program{runtime: newRuntime(ctx, cache), workers: p.workers}
	defer probe.runtime.Close(ctx)
	if _, err := probe.compile(ctx, module); err != nil {
		return "", err
	}
	var name string
	err = walk(dir, nil, func(n string) error {
		name = n
		return nil
	})
	if err == nil && name == "" {
		err = fs.ErrNotExist
	}
	return name, err
}

// describeCode describes a file with machine code. It has, besides a header,
// the places of all functions in the code, the code, and a checksum of it, which
// wazero checks. Of a file that looks otherwise, nothing counts as checked.
func describeCode(p string) (part, error) {
	f, err := os.Open(p)
	if err != nil {
		return part{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return part{}, err
	}
	from, to := placeOfCode(bufio.NewReader(f))
	if from < 0 || to < from || to+crcSize > info.Size() {
		from, to = 0, 0
	}
	return partOf(f, from, to)
}

// crcSize is the size of the checksum that follows the code.
const crcSize = 4

// placeOfCode returns from where to where the code is in a file that wazero has
// written.
func placeOfCode(r *bufio.Reader) (from, to int64) {
	const magic, numberSize = "WAZEVO", 8
	start := make([]byte, len(magic)+1)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:len(magic)]) != magic {
		return 0, 0
	}
	version := int(start[len(magic)])
	count := make([]byte, version+4)
	if _, err := io.ReadFull(r, count); err != nil {
		return 0, 0
	}
	functions := int64(binary.LittleEndian.Uint32(count[version:]))
	if _, err := r.Discard(int(functions * numberSize)); err != nil {
		return 0, 0
	}
	size := make([]byte, numberSize)
	if _, err := io.ReadFull(r, size); err != nil {
		return 0, 0
	}
	from = int64(len(start)+len(count)) + functions*numberSize + numberSize
	return from, from + int64(binary.LittleEndian.Uint64(size))
}

// known returns the files that the manifests in dir list.
func known(dir string) map[string]bool {
	files := map[string]bool{}
	// Glob fails for bad patterns only.
	paths, _ := filepath.Glob(filepath.Join(dir, "*"+manifestName))
	for _, p := range paths {
		m, err := readManifest(p)
		if err != nil {
			continue
		}
		for name := range m.Files {
			files[filepath.FromSlash(name)] = true
		}
	}
	return files
}

// walk calls do for each file in dir that is neither known nor a manifest.
func walk(dir string, known map[string]bool, do func(name string) error) error {
	return filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(e.Name(), manifestName) {
			return err
		}
		name, err := filepath.Rel(dir, p)
		if err != nil || known[name] {
			return err
		}
		return do(name)
	})
}
