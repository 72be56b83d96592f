package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/lower"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// What is kept of a module is listed in a manifest:
//
//   - the machine code that wazero wrote, of what package lower made of the
//     module;
//   - the frame, which is a module without the code: what wazero needs besides
//     the machine code. Of the module itself it would decode and validate the
//     code each time, which takes longer than all else;
//   - the outline of a module that is linked to others, which is all that the
//     linker looks at.
//
// All is checked before it is used. The hashes guard against accidents: whoever
// can change the files can change the manifest too.
type manifest struct {
	Version int    // of package lower
	Code    string // where the machine code is, in the entry
	Files   map[string]part
}

// A part is a file of an entry.
type part struct {
	Size int64
	// Digest is that of the file but for what wazero checks itself: the bytes
	// from From to To. It reads them in any case, and to read them twice would
	// cost a start of CPython about as much as all else that is done for it.
	Digest   string
	From, To int64
}

const (
	manifestName = "manifest.json"
	frameName    = "frame.wasm"
	outlineName  = "outline.wasm"
	sideStart    = "side-"
)

// sidePrefix starts the names of the files of a side module in the entry of the
// program.
func sidePrefix(d digest.Digest) string { return sideStart + d.Hash() + "." }

// readManifest reads a manifest.
func readManifest(p string) (*manifest, error) {
	data, err := os.ReadFile(p)
	if err != nil {
		return nil, err
	}
	m := &manifest{}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, err
	}
	if m.Version != lower.Version {
		return nil, errors.New("it was made by another version")
	}
	for name := range m.Files {
		if !filepath.IsLocal(name) {
			return nil, fmt.Errorf("%s is elsewhere", name)
		}
	}
	if _, ok := m.Files[m.Code]; !ok {
		return nil, errors.New("the machine code is missing")
	}
	return m, nil
}

// kept is what there is of a module in an entry.
type kept struct {
	frame   []byte
	outline *wasmfile.Module // nil if the module links no others, nor is linked
}

// openKept reads what is kept in dir of the module whose files start with
// prefix, and checks it.
func openKept(dir, prefix string) (*kept, error) {
	m, err := readManifest(filepath.Join(dir, prefix+manifestName))
	if err != nil {
		return nil, err
	}
	k := &kept{}
	if k.frame, err = m.read(dir, prefix+frameName); err != nil {
		return nil, err
	}
	if _, ok := m.Files[prefix+outlineName]; ok {
		outline, err := m.read(dir, prefix+outlineName)
		if err != nil {
			return nil, err
		}
		if k.outline, err = wasmfile.Parse(outline); err != nil {
			return nil, err
		}
	}
	return k, m.check(dir, m.Code)
}

// read returns a file.
func (m *manifest) read(dir, name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	if want := (part{int64(len(b)), digest.Of(b).String(), 0, 0}); m.Files[name] != want {
		return nil, fmt.Errorf("%s is damaged", name)
	}
	return b, nil
}

// check reports whether a file is as it was.
func (m *manifest) check(dir, name string) error {
	want := m.Files[name]
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	defer f.Close()
	got, err := partOf(f, want.From, want.To)
	if err == nil && got != want {
		err = fmt.Errorf("%s is damaged", name)
	}
	return err
}

// partOf describes a file of which the bytes from one place to another are
// checked otherwise.
func partOf(f *os.File, from, to int64) (part, error) {
	info, err := f.Stat()
	if err != nil {
		return part{}, err
	}
	if to > info.Size() {
		return part{}, errors.New("it is too short")
	}
	h := digest.NewHasher()
	head := io.NewSectionReader(f, 0, from)
	tail := io.NewSectionReader(f, to, info.Size()-to)
	if _, err := io.Copy(h, io.MultiReader(head, tail)); err != nil {
		return part{}, err
	}
	return part{info.Size(), h.Digest().String(), from, to}, nil
}
