package archive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// maxDictionary is what an xz block may ask to be allocated: twice the most
// that the xz program's presets ask for.
const maxDictionary = 128 << 20

// checkXzEnd refuses an xz file that does not end in the footer of a stream,
// with or without padding behind it. The decoder takes the end of a block for
// the end of the file.
func checkXzEnd(r io.ReaderAt, size int64) error {
	const footer = "YZ"
	var end [4]byte
	for ; size >= int64(len(end)); size -= int64(len(end)) {
		if _, err := r.ReadAt(end[:], size-int64(len(end))); err != nil {
			return err
		}
		if end != [4]byte{} {
			break
		}
	}
	if string(end[2:]) != footer {
		return errors.New("xz: the data is truncated, or there is other data behind it")
	}
	return nil
}

// checkDictionaries refuses an xz file with a block that asks for a huge
// dictionary, because the decoder allocates what it is asked for, up to 4 GiB.
//
// Where blocks begin is known for certain only to the decoder. But they begin at
// multiples of four bytes with a header that has a CRC-32 of its own, so the
// header of a block is looked for at each of them. Data that is none passes for
// one once in 2^32 times, and must then ask for a huge dictionary too.
func checkDictionaries(r io.ReaderAt) error {
	const maxHeader = 1024
	buf := make([]byte, 1<<20)
	for at := int64(0); ; {
		n, err := r.ReadAt(buf, at)
		if err != nil && err != io.EOF {
			return err
		}
		last := err == io.EOF
		end := n
		if !last {
			end = n - maxHeader
		}
		for i := 0; i < end; i += 4 {
			if size := dictionarySize(buf[i:n]); size > maxDictionary {
				return fmt.Errorf("xz: needs a dictionary of %d bytes, more than the allowed %d", size, int64(maxDictionary))
			}
		}
		if last {
			return nil
		}
		at += int64(end)
	}
}

// dictionarySize returns the size of the dictionary that b asks for if it
// begins with the header of a block with the LZMA2 filter, else 0.
// See section 3.1 of the .xz file format, version 1.2.
func dictionarySize(b []byte) int64 {
	const (
		reservedFlags   = 0x3c
		compressedSize  = 0x40
		unpackedSize    = 0x80
		filterLZMA2     = 0x21
		largestProperty = 40
	)
	if len(b) < 2 || b[0] == 0 || b[1]&reservedFlags != 0 {
		return 0
	}
	size := (int(b[0]) + 1) * 4
	if size > len(b) {
		return 0
	}
	flags, rest := b[1], b[2:size-4]
	for _, flag := range []byte{compressedSize, unpackedSize} {
		if flags&flag == 0 {
			continue
		}
		_, n := binary.Uvarint(rest)
		if n <= 0 {
			return 0
		}
		rest = rest[n:]
	}
	// One filter: its number, the size of its properties, its properties.
	if flags&3 != 0 || len(rest) < 3 || rest[0] != filterLZMA2 || rest[1] != 1 || rest[2] > largestProperty {
		return 0
	}
	if crc32.ChecksumIEEE(b[:size-4]) != binary.LittleEndian.Uint32(b[size-4:]) {
		return 0
	}
	p := rest[2]
	if p == largestProperty {
		return 1<<32 - 1
	}
	return int64(2|p&1) << (p/2 + 11)
}
