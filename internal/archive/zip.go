package archive

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"strings"
)

// zip reads a zip file: its central directory, checked against each entry.
func (w *walker) zip(r io.ReaderAt, size int64) error {
	zr, err := zip.NewReader(r, size)
	if err != nil {
		return err
	}
	if err := checkZipEnd(r, size, zr.Comment); err != nil {
		return err
	}
	left := w.maxSize
	for _, f := range zr.File {
		if err := w.count(); err != nil {
			return err
		}
		if f.UncompressedSize64 > uint64(left) {
			return entryError(f.Name, w.tooLarge())
		}
		left -= int64(f.UncompressedSize64)
		if err := w.zipEntry(f); err != nil {
			return entryError(f.Name, err)
		}
	}
	return nil
}

// checkZipEnd makes sure that the file ends where the zip file in it ends: with
// the end record, 22 bytes, and the comment.
func checkZipEnd(r io.ReaderAt, size int64, comment string) error {
	const endRecord = 22
	magic := make([]byte, 4)
	if _, err := r.ReadAt(magic, max(0, size-endRecord-int64(len(comment)))); err != nil {
		return err
	}
	if string(magic) != "PK\x05\x06" {
		return errTrailing
	}
	return nil
}

func (w *walker) zipEntry(f *zip.File) error {
	const encrypted = 1
	if f.Flags&encrypted != 0 {
		return errors.New("is encrypted")
	}
	p, err := cleanPath(f.Name)
	if err != nil {
		return err
	}
	mode := f.Mode()
	switch {
	case strings.HasSuffix(f.Name, "/"):
		if f.UncompressedSize64 != 0 {
			return errors.New("is a directory with content")
		}
		return w.add(Entry{Path: p, Kind: Dir}, nil)
	case p == "":
		return errors.New("the path is that of the archive itself")
	case mode.Type() != 0 && mode.Type() != fs.ModeSymlink:
		return errors.New("is a special file: only files, directories and links are allowed")
	}
	content, err := f.Open()
	if err != nil {
		return named("zip", err)
	}
	defer content.Close()
	exact := &exactReader{r: content, left: int64(f.UncompressedSize64)}
	if mode.Type() == fs.ModeSymlink {
		target, err := io.ReadAll(io.LimitReader(exact, maxPath+1))
		if err != nil {
			return err
		}
		return w.add(Entry{Path: p, Kind: Symlink, Target: string(target)}, nil)
	}
	e := Entry{Path: p, Kind: File, Executable: mode&0o100 != 0, Size: int64(f.UncompressedSize64)}
	if err := w.add(e, exact); err != nil {
		return err
	}
	// The checksum is compared at the end of the content.
	_, err = io.Copy(io.Discard, exact)
	return err
}

// exactReader refuses content that is longer than was said. The reader below
// it refuses what is shorter.
type exactReader struct {
	r    io.Reader
	left int64
}

func (e *exactReader) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if e.left -= int64(n); e.left < 0 {
		return 0, errors.New("is longer than the directory of the zip file says")
	}
	if err != io.EOF {
		err = named("zip", err)
	}
	return n, err
}
