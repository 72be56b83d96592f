// Package archive reads the archives that sources come in, strictly, and
// writes tar files that depend on nothing but their content.
//
// What Walk accepts is safe to lay out anywhere: every path stays inside the
// tree, no path is given twice, no link leads out, and the whole is no larger
// than the limits allow. Anything else is an error that names the archive and
// the entry. Paths that differ in case only are different paths here, as they
// are in CPython's own source release.
package archive

import (
	"errors"
	"fmt"
	"io"
)

// A Kind tells what an Entry is.
type Kind uint8

const (
	File Kind = iota
	Dir
	Symlink
)

// An Entry is a file, a directory or a symlink of an archive. Modification
// times, owners and all of the mode but the owner's x bit are not kept.
type Entry struct {
	Path       string // relative, with slashes, without "." or ".."
	Kind       Kind
	Executable bool   // File only
	Size       int64  // File only, in bytes
	Target     string // Symlink only, as the archive has it
}

// Limits bound what an archive may unpack to. They protect against archives
// that are made to exhaust the machine.
type Limits struct {
	Size    int64 // bytes of all content and headers together
	Entries int
	Ratio   int64 // bytes unpacked for each byte packed, beyond the first 64 MiB
}

// DefaultLimits are far above what any source release needs.
var DefaultLimits = Limits{Size: 4 << 30, Entries: 500_000, Ratio: 200}

// ratioFreeSize is what an archive may unpack to whatever its ratio is.
const ratioFreeSize = 64 << 20

// maxSize returns what an archive of the given size may unpack to.
func (l Limits) maxSize(packed int64) int64 {
	return min(l.Size, max(ratioFreeSize, packed*l.Ratio))
}

// Walk calls visit for each entry of the archive that r has in its first size
// bytes, in the archive's order, but for hard links: they come last, as copies
// of the file that they are linked to. A directory that the archive does not
// mention is not visited, though files may be inside it.
//
// The format is known by the first bytes: tar (USTAR, PAX, GNU), plain or
// compressed with gzip, bzip2 or xz, and zip. So sdists, wheels, crates, npm
// packages and Debian's original tarballs can all be read. The name is only for
// errors.
//
// The reader is valid until visit returns; visit need not read it to its end.
// Some errors, a damaged checksum for one, are found only at the end of the
// archive: whoever calls Walk must drop everything when it fails.
func Walk(name string, r io.ReaderAt, size int64, limits Limits, visit func(Entry, io.Reader) error) error {
	w := &walker{
		limits:  limits,
		maxSize: limits.maxSize(size),
		names:   newNames(),
		visit:   visit,
	}
	if err := w.walk(r, size); err != nil {
		return fmt.Errorf("archive %s: %w", name, plain(err))
	}
	return nil
}

// A walker is one run of Walk.
type walker struct {
	limits  Limits
	maxSize int64
	entries int
	names   *names
	visit   func(Entry, io.Reader) error
}

func (w *walker) walk(r io.ReaderAt, size int64) error {
	head := make([]byte, tarBlock)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	if n == 0 || size == 0 {
		return errors.New("is empty")
	}
	head = head[:min(int64(n), size)]
	switch f := detect(head); f {
	case formatZip:
		err = w.zip(r, size)
	case formatUnknown:
		return errors.New("is none of tar, gzip, bzip2, xz and zip")
	default:
		err = w.tar(func() (io.Reader, error) {
			return decompress(f, io.NewSectionReader(r, 0, size))
		})
	}
	if err != nil {
		return err
	}
	return w.names.checkLinks()
}

// add checks an entry and hands it to visit.
func (w *walker) add(e Entry, content io.Reader) error {
	if e.Path == "" {
		return nil // the root of the tree
	}
	if err := w.names.add(e); err != nil {
		return err
	}
	return w.visit(e, content)
}

// count counts an entry of any kind, even one that leads to none of ours.
func (w *walker) count() error {
	if w.entries++; w.entries > w.limits.Entries {
		return fmt.Errorf("has more than %d entries", w.limits.Entries)
	}
	return nil
}

func (w *walker) tooLarge() error {
	return fmt.Errorf("unpacks to more than the allowed %d bytes", w.maxSize)
}

// plain turns the bare errors of readers into words.
func plain(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errTruncated
	}
	return err
}

var errTruncated = errors.New("the data is truncated")

// entryError says which entry err is about.
func entryError(path string, err error) error {
	return fmt.Errorf("entry %q: %w", path, plain(err))
}
