package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/store"
)

// vendorIndex is the file of a vendor folder that tells people what the others
// are. Nothing reads it: the others are found by their hash and verified.
const vendorIndex = "index.json"

// parallelVendor is how many sources Vendor fetches at once.
const parallelVendor = 8

// indexed is a source in vendorIndex.
type indexed struct {
	SHA256 string   `json:"sha256"`
	Size   int64    `json:"size"`
	Name   string   `json:"name"`
	URLs   []string `json:"urls,omitempty"`
	PURLs  []string `json:"purls,omitempty"`
}

// Vendor fetches sources and writes each to dir, as a file named by its SHA-256
// hash, and a list of them to index.json. The folder is created if there is
// none; files of other sources in it stay. It tells all failures, not only the
// first, and writes what it can.
func (f *Fetcher) Vendor(ctx context.Context, dir string, sources []Source) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("vendor folder: %w", err)
	}
	errs := make(diag.List, len(sources))
	entries := make([]indexed, len(sources))
	var g errgroup.Group
	g.SetLimit(parallelVendor)
	for i, s := range sources {
		g.Go(func() error {
			entries[i], errs[i] = f.vendor(ctx, dir, s)
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	if err := writeIndex(dir, entries); err != nil {
		errs = append(errs, err)
	}
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil }).Err()
}

func (f *Fetcher) vendor(ctx context.Context, dir string, s Source) (indexed, error) {
	d, err := f.Fetch(ctx, s)
	if err != nil {
		return indexed{}, err
	}
	if err := f.store.Export(ctx, d, filepath.Join(dir, s.SHA256), false); err != nil {
		return indexed{}, fmt.Errorf("vendor folder: source %s: %w", s.name(), err)
	}
	return indexed{SHA256: s.SHA256, Size: d.Size(), Name: s.name(), URLs: s.URLs, PURLs: s.PURLs}, nil
}

// writeIndex adds entries to the index in dir. An index that cannot be read is
// replaced.
func writeIndex(dir string, entries []indexed) error {
	p := filepath.Join(dir, vendorIndex)
	var old []indexed
	if data, err := os.ReadFile(p); err == nil && json.Unmarshal(data, &old) != nil {
		old = nil
	}
	byHash := map[string]bool{}
	all := slices.DeleteFunc(append(entries, old...), func(e indexed) bool {
		known := e.SHA256 == "" || byHash[e.SHA256]
		byHash[e.SHA256] = true
		return known
	})
	slices.SortFunc(all, func(a, b indexed) int {
		return strings.Compare(a.Name+"\x00"+a.SHA256, b.Name+"\x00"+b.SHA256)
	})
	data, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return fmt.Errorf("vendor folder: %w", err)
	}
	if err := atomicfile.Write(p, append(data, '\n'), 0o666); err != nil {
		return fmt.Errorf("vendor folder: %w", err)
	}
	return nil
}

// fromVendor puts the content of s into the store if the vendor folder has it.
func (f *Fetcher) fromVendor(ctx context.Context, s Source) (digest.Digest, error) {
	p := filepath.Join(f.options.VendorDir, s.SHA256)
	unusable := func(err error) error {
		return &NotLocalError{Source: s, Reason: fmt.Sprintf("%s cannot be used: %v", p, err)}
	}
	info, err := os.Stat(p)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return digest.Digest{}, &NotLocalError{Source: s}
	case err != nil:
		return digest.Digest{}, unusable(err)
	case !info.Mode().IsRegular():
		return digest.Digest{}, unusable(errors.New("it is not a file"))
	}
	file, err := os.Open(p)
	if err != nil {
		return digest.Digest{}, unusable(err)
	}
	defer file.Close()
	staged, err := f.store.Stage(ctx, s.SHA256)
	if err != nil {
		return digest.Digest{}, err
	}
	defer staged.Close()
	if err := staged.Reset(); err != nil {
		return digest.Digest{}, err
	}
	if _, err := io.Copy(staged, file); err != nil {
		return digest.Digest{}, err
	}
	d, err := staged.Commit()
	var wrong *store.HashError
	if errors.As(err, &wrong) {
		return digest.Digest{}, unusable(fmt.Errorf("its sha256 is %s", wrong.Got))
	}
	return d, err
}
