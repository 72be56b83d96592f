package archive

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ulikunitz/xz"
)

type format uint8

const (
	formatUnknown format = iota
	formatTar
	formatGzip
	formatBzip2
	formatXz
	formatZip
)

// detect tells the format of a file from its first bytes, up to a tar block of
// them.
func detect(head []byte) format {
	for _, m := range []struct {
		magic  string
		format format
	}{
		{"\x1f\x8b\x08", formatGzip},
		{"BZh", formatBzip2},
		{"\xfd7zXZ\x00", formatXz},
		{"PK\x03\x04", formatZip},
		{"PK\x05\x06", formatZip}, // without any entry
	} {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.format
		}
	}
	if isTarHeader(head) {
		return formatTar
	}
	return formatUnknown
}

// decompress returns what is compressed in r. Reading it to the end finds any
// damage and any data behind the compressed ones that is not zero.
func decompress(f format, r *io.SectionReader) (io.Reader, error) {
	switch f {
	case formatGzip:
		return newGzipReader(bufio.NewReaderSize(r, 1<<16))
	case formatBzip2:
		return &labelled{name: "bzip2", r: bzip2.NewReader(bufio.NewReaderSize(r, 1<<16))}, nil
	case formatXz:
		if err := checkXzEnd(r, r.Size()); err != nil {
			return nil, err
		}
		if err := checkDictionaries(r); err != nil {
			return nil, err
		}
		x, err := xz.NewReader(bufio.NewReaderSize(r, 1<<16))
		if err != nil {
			return nil, named("xz", err)
		}
		return &labelled{name: "xz", r: x}, nil
	}
	return r, nil
}

// gzipReader reads the members of a gzip file one after the other. Unlike
// gzip.Reader, it allows zeros behind the last one.
type gzipReader struct {
	in *bufio.Reader
	gz *gzip.Reader
}

func newGzipReader(in *bufio.Reader) (io.Reader, error) {
	gz, err := gzip.NewReader(in)
	if err != nil {
		return nil, named("gzip", err)
	}
	gz.Multistream(false)
	return &labelled{name: "gzip", r: &gzipReader{in: in, gz: gz}}, nil
}

func (g *gzipReader) Read(p []byte) (int, error) {
	n, err := g.gz.Read(p)
	if err != io.EOF {
		return n, err
	}
	b, err := g.in.Peek(1)
	if err != nil {
		return n, err // io.EOF: this was the last member
	}
	if b[0] == 0 {
		if err := onlyZeros(g.in); err != nil {
			return n, err
		}
		return n, io.EOF
	}
	if magic, _ := g.in.Peek(2); string(magic) != "\x1f\x8b" {
		return n, errTrailing
	}
	if err := g.gz.Reset(g.in); err != nil {
		return n, noEOF(err)
	}
	g.gz.Multistream(false)
	return n, nil
}

var errTrailing = errors.New("there is other data behind the end of the archive")

// onlyZeros reads r to its end.
func onlyZeros(r io.Reader) error {
	buf := make([]byte, 1<<14)
	for {
		n, err := r.Read(buf)
		if len(bytes.TrimLeft(buf[:n], "\x00")) > 0 {
			return errTrailing
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// noEOF turns an end of input in the middle of something into an error.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// labelled puts the name of a compression to errors of its reader that lack it.
// It repeats an error at each further Read, since whoever gets one together with
// the last bytes of a block may well look at the bytes only.
type labelled struct {
	name string
	r    io.Reader
	err  error
}

func (l *labelled) Read(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.r.Read(p)
	if err != io.EOF {
		err = named(l.name, err)
	}
	l.err = err
	return n, err
}

// named makes sure that err says which compression it is about.
func named(name string, err error) error {
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return fmt.Errorf("the %s data is truncated", name)
	case err != nil && !strings.Contains(err.Error(), name):
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}
