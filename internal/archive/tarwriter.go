package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// tarTime is the modification time of everything in a tar file that TarWriter
// writes: 1980-01-01, the earliest that a zip file can express.
var tarTime = time.Unix(315532800, 0)

// A TarWriter writes a tar file whose bytes depend on its entries alone: in
// order, with one modification time, owner and group 0 without names, and modes
// 0644 and 0755. The format is USTAR; a path that does not fit into it, because
// it is too long or not ASCII, is given by a PAX record before its entry.
type TarWriter struct {
	tw   *tar.Writer
	last string
}

// NewTarWriter returns a TarWriter that writes to w.
func NewTarWriter(w io.Writer) *TarWriter {
	return &TarWriter{tw: tar.NewWriter(w)}
}

// Add writes an entry. Of a file, it reads exactly e.Size bytes of content. The
// entries must come in the order of tree.Walk: a directory before what is in
// it, and what is in one directory in order of names, compared by bytes.
func (t *TarWriter) Add(e Entry, content io.Reader) error {
	p, err := cleanPath(e.Path)
	if err == nil && p != e.Path {
		err = errors.New("the path is not clean")
	}
	if err == nil && comparePaths(t.last, p) >= 0 {
		err = fmt.Errorf("comes after %q, not in order", t.last)
	}
	if err == nil {
		t.last = p
		err = t.add(e, content)
	}
	if err != nil {
		return fmt.Errorf("tar: entry %q: %w", e.Path, err)
	}
	return nil
}

func (t *TarWriter) add(e Entry, content io.Reader) error {
	hdr := &tar.Header{Name: e.Path, ModTime: tarTime}
	switch e.Kind {
	case File:
		hdr.Typeflag, hdr.Mode, hdr.Size = tar.TypeReg, 0o644, e.Size
		if e.Executable {
			hdr.Mode = 0o755
		}
	case Dir:
		hdr.Typeflag, hdr.Mode, hdr.Name = tar.TypeDir, 0o755, e.Path+"/"
	case Symlink:
		if err := checkTarget(e.Target); err != nil {
			return err
		}
		hdr.Typeflag, hdr.Mode, hdr.Linkname = tar.TypeSymlink, 0o777, e.Target
	}
	if err := t.tw.WriteHeader(hdr); err != nil {
		return err
	}
	if e.Kind != File {
		return nil
	}
	if n, err := io.Copy(t.tw, content); err != nil {
		return err
	} else if n != e.Size {
		return fmt.Errorf("has %d bytes of content, not %d", n, e.Size)
	}
	return nil
}

// Flush completes the last entry. Without the end that Close writes it is the
// first part of a tar file; another is to follow.
func (t *TarWriter) Flush() error { return t.tw.Flush() }

// Close writes the end of the tar file. It does not close what is below.
func (t *TarWriter) Close() error { return t.tw.Close() }

// comparePaths compares two paths part by part, as a walk through a tree meets
// them. "" comes before everything.
func comparePaths(a, b string) int {
	// No part of a path contains a byte that sorts before a slash as \x00 does.
	return strings.Compare(strings.ReplaceAll(a, "/", "\x00"), strings.ReplaceAll(b, "/", "\x00"))
}
