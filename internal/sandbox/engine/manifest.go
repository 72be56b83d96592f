package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/digest"
)

// A manifest lists the files of a module, by their paths in its folder, with
// their digests.
const (
	manifestName      = "manifest.json" // of a program
	sideManifestStart = "side-"         // of a side module, and its digest
	sideManifestEnd   = ".manifest.json"
)

func sideManifest(d digest.Digest) string { return sideManifestStart + d.Hash() + sideManifestEnd }

// readManifest reads a manifest.
func readManifest(p string) (map[string]string, error) {
	data, err := os.ReadFile(p)
	if err != nil {
		return nil, err
	}
	var files map[string]string
	return files, json.Unmarshal(data, &files)
}

// verify reads a manifest in dir and reports why what it lists cannot be used.
func verify(dir, manifest string) (files map[string]string, err error) {
	files, err = readManifest(filepath.Join(dir, manifest))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("files are missing")
	}
	for name, hash := range files {
		if !filepath.IsLocal(name) {
			return nil, fmt.Errorf("%s is elsewhere", name)
		}
		got, err := hashFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if got != hash {
			return nil, fmt.Errorf("%s is damaged", name)
		}
	}
	return files, nil
}

// record writes a manifest of the files in dir but those that are known.
func record(dir, manifest string, known map[string]bool) error {
	files := map[string]string{}
	err := walk(dir, known, func(name string) (err error) {
		files[filepath.ToSlash(name)], err = hashFile(filepath.Join(dir, name))
		return err
	})
	var data []byte
	if err == nil {
		data, err = json.Marshal(files)
	}
	if err == nil {
		err = atomicfile.Write(filepath.Join(dir, manifest), data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("finishing an entry in the cache of machine code: %w", err)
	}
	return nil
}

// known returns the files that the manifests in dir list.
func known(dir string) map[string]bool {
	files := map[string]bool{}
	// Glob fails for bad patterns only.
	paths, _ := filepath.Glob(filepath.Join(dir, "*"+manifestName))
	for _, p := range paths {
		listed, err := readManifest(p)
		if err != nil {
			continue
		}
		for name := range listed {
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

func hashFile(p string) (string, error) {
	f, err := os.Open(p)
	if err != nil {
		return "", err
	}
	defer f.Close()
	d, err := digest.Copy(io.Discard, f)
	return d.String(), err
}
