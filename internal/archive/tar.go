package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

const tarBlock = 512

// isTarHeader reports whether block is a tar header of any kind: one whose
// checksum is right.
func isTarHeader(block []byte) bool {
	if len(block) < tarBlock {
		return false
	}
	field := strings.Trim(string(block[148:156]), " \x00")
	want, err := strconv.ParseInt(field, 8, 64)
	if err != nil {
		return false
	}
	var sum int64
	for i, b := range block[:tarBlock] {
		if i >= 148 && i < 156 {
			b = ' '
		}
		sum += int64(b)
	}
	return sum == want
}

// tar reads a tar file. It opens it once more if there are hard links in it.
func (w *walker) tar(open func() (io.Reader, error)) error {
	links := map[string][]Entry{} // by the path of the file they are linked to
	var linked int64
	err := w.eachTarEntry(open, func(hdr *tar.Header, p string, content io.Reader) error {
		if err := w.count(); err != nil {
			return err
		}
		e := Entry{Path: p, Executable: hdr.Mode&0o100 != 0, Size: hdr.Size}
		switch hdr.Typeflag {
		case tar.TypeReg:
			e.Kind = File
		case tar.TypeDir:
			e = Entry{Path: p, Kind: Dir}
		case tar.TypeSymlink:
			e = Entry{Path: p, Kind: Symlink, Target: hdr.Linkname}
		case tar.TypeLink:
			target, err := w.hardLink(hdr, p)
			if err != nil {
				return err
			}
			links[target] = append(links[target], e)
			return nil
		default:
			return fmt.Errorf("has type %q: only files, directories and links are allowed", hdr.Typeflag)
		}
		if p == "" && e.Kind != Dir {
			return errors.New("the path is that of the archive itself")
		}
		return w.add(e, content)
	})
	if err != nil || len(links) == 0 {
		return err
	}
	return w.eachTarEntry(open, func(hdr *tar.Header, p string, content io.Reader) error {
		copies := links[p]
		if len(copies) == 0 || hdr.Typeflag != tar.TypeReg {
			return nil
		}
		if linked += hdr.Size * int64(len(copies)); linked > w.maxSize {
			return w.tooLarge()
		}
		data, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		for _, e := range copies {
			e.Size, e.Executable = hdr.Size, hdr.Mode&0o100 != 0
			if err := w.visit(e, bytes.NewReader(data)); err != nil {
				return entryError(e.Path, err)
			}
		}
		return nil
	})
}

// hardLink registers the hard link p and returns the path of the file that it
// is linked to.
func (w *walker) hardLink(hdr *tar.Header, p string) (string, error) {
	target, err := cleanPath(hdr.Linkname)
	if err != nil {
		return "", fmt.Errorf("hard link to %q: %w", hdr.Linkname, err)
	}
	k, ok := w.names.known[target]
	switch {
	case !ok:
		return "", fmt.Errorf("hard link to %q, which does not come before it", target)
	case k.kind != File:
		return "", fmt.Errorf("hard link to %q, which is not a file", target)
	case k.target != "":
		target = k.target // which is a hard link itself
	}
	if err := w.names.add(Entry{Path: p, Kind: File, Target: target}); err != nil {
		return "", err
	}
	return target, nil
}

// eachTarEntry calls fn for every entry but global headers, with its clean
// path, and checks what is not part of any.
func (w *walker) eachTarEntry(open func() (io.Reader, error), fn func(hdr *tar.Header, p string, content io.Reader) error) error {
	in, err := open()
	if err != nil {
		return err
	}
	stream := &tarStream{r: in, left: w.maxSize, tooLarge: w.tooLarge}
	if err := stream.checkStart(); err != nil {
		return err
	}
	tr := tar.NewReader(stream)
	last := ""
	for {
		hdr, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			if last == "" {
				return err
			}
			return fmt.Errorf("after entry %q: %w", last, plain(err))
		}
		last = hdr.Name
		if err := checkRecords(hdr); err != nil {
			return entryError(hdr.Name, err)
		}
		if hdr.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		p, err := cleanPath(hdr.Name)
		if err != nil {
			return entryError(hdr.Name, err)
		}
		if err := fn(hdr, p, tr); err != nil {
			return entryError(hdr.Name, err)
		}
	}
	if stream.zeros < tarBlock {
		return fmt.Errorf("%w: a tar file ends in zeros", errTruncated)
	}
	return onlyZeros(stream)
}

// checkRecords refuses sparse files, and global headers that would change
// where the entries behind them are or how long they are, which archive/tar
// does not heed.
func checkRecords(hdr *tar.Header) error {
	if hdr.Typeflag == tar.TypeGNUSparse {
		return errors.New("is a sparse file")
	}
	for key := range hdr.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return errors.New("is a sparse file")
		}
		global := hdr.Typeflag == tar.TypeXGlobalHeader
		if global && slices.Contains([]string{"path", "linkpath", "size", "hdrcharset"}, key) {
			return fmt.Errorf("a global header sets %q for all entries", key)
		}
	}
	return nil
}

// tarStream is an unpacked tar file on its way to the reader. It bounds the
// size and knows how many of the last bytes were zero.
type tarStream struct {
	r        io.Reader
	left     int64
	zeros    int64
	tooLarge func() error
}

// checkStart refuses what is not a tar file, with a better message than the
// one that the reader would have.
func (s *tarStream) checkStart() error {
	head := make([]byte, tarBlock)
	n, err := io.ReadFull(s.r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	if !isTarHeader(head[:n]) && len(bytes.Trim(head, "\x00")) > 0 {
		return errors.New("what is compressed in it is not a tar file")
	}
	s.r = io.MultiReader(bytes.NewReader(head[:n]), s.r)
	return nil
}

func (s *tarStream) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if s.left -= int64(n); s.left < 0 {
		return 0, s.tooLarge()
	}
	tail := int64(n - len(bytes.TrimRight(p[:n], "\x00")))
	if tail == int64(n) {
		s.zeros += tail
	} else {
		s.zeros = tail
	}
	return n, err
}
