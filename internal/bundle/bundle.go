// Package bundle reads what bundles of Python packages say of themselves, and
// puts several of them into one folder, as they are or unpacked.
package bundle

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/cowasm/cowasm/internal/diag"
)

// A Bundle is an archive of importable modules and what is known of it. The
// fields are those of the JSON file that //rules/python puts beside the archive.
type Bundle struct {
	Name         string   `json:"name"`
	Version      string   `json:"version"`
	ImportName   string   `json:"import_name"`
	Modules      []string `json:"modules"`
	Source       Source   `json:"source"`
	Dependencies []string `json:"dependencies"` // names of distributions
	ABI          ABI      `json:"abi"`
	Archive      string   `json:"archive"` // name of the file
	Size         int64    `json:"size"`    // of the archive, in bytes
	SHA256       string   `json:"sha256"`  // of the archive, in hexadecimal

	path string // of the archive, on the host
}

// A Source is what a bundle was made from.
type Source struct {
	PURL   string `json:"purl"`
	SHA256 string `json:"sha256"`
}

// An ABI says which Python a bundle can be imported by.
type ABI struct {
	Tag          string `json:"tag"`
	Python       string `json:"python"`
	PythonSHA256 string `json:"python_sha256"`
}

// Read reads the description of a bundle. The archive is beside it.
func Read(description string) (*Bundle, error) {
	data, err := os.ReadFile(description)
	if err != nil {
		return nil, err
	}
	b := &Bundle{}
	if err := json.Unmarshal(data, b); err != nil {
		return nil, fmt.Errorf("%s does not describe a bundle: %w", description, err)
	}
	if b.Name == "" || b.Archive == "" || b.Archive != filepath.Base(b.Archive) {
		return nil, fmt.Errorf("%s does not describe a bundle: it has no name or no archive", description)
	}
	b.path = filepath.Join(filepath.Dir(description), b.Archive)
	return b, nil
}

// An Index tells what is in a folder of bundles. It is written to the file
// IndexFile there.
type Index struct {
	ABI     ABI       `json:"abi"`
	Bundles []*Bundle `json:"bundles"` // sorted by name
}

// IndexFile is the name of the index in a folder of bundles.
const IndexFile = "index.json"

// NewIndex returns the index of bundles. All must be for the same Python, and
// no two may be called the same.
func NewIndex(bundles []*Bundle) (*Index, error) {
	sorted := slices.SortedFunc(slices.Values(bundles), func(a, b *Bundle) int { return cmp.Compare(a.Name, b.Name) })
	archives := map[string]*Bundle{}
	for _, b := range sorted {
		if other := archives[b.Archive]; other != nil {
			return nil, fmt.Errorf("%s and %s are both called %s", other.Name, b.Name, b.Archive)
		}
		archives[b.Archive] = b
		if b.ABI != sorted[0].ABI {
			return nil, diag.Errorf(diag.Position{}, "%s is for another Python (%s %s) than %s (%s %s)",
				b.Name, b.ABI.Tag, b.ABI.Python, sorted[0].Name, sorted[0].ABI.Tag, sorted[0].ABI.Python)
		}
	}
	index := &Index{Bundles: sorted}
	if len(sorted) > 0 {
		index.ABI = sorted[0].ABI
	}
	return index, nil
}

// encode returns the content of the index file.
func (i *Index) encode() ([]byte, error) {
	data, err := json.MarshalIndent(i, "", " ")
	return append(data, '\n'), err
}

// Size returns the size of all archives together, in bytes.
func (i *Index) Size() int64 {
	total := int64(0)
	for _, b := range i.Bundles {
		total += b.Size
	}
	return total
}
