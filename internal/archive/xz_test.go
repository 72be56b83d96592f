package archive

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"
)

// blockHeader returns the header of an xz block with the LZMA2 filter.
func blockHeader(flags, property byte, sizes ...byte) []byte {
	b := append([]byte{0, flags}, sizes...)
	b = append(b, 0x21, 1, property)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	b[0] = byte(len(b) / 4)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

func TestDictionarySize(t *testing.T) {
	damaged := blockHeader(0, 30)
	damaged[4] ^= 1
	tests := map[string]struct {
		header []byte
		want   int64
	}{
		"smallest":     {blockHeader(0, 0), 4 << 10},
		"xz -6":        {blockHeader(0, 22), 8 << 20},
		"xz -9":        {blockHeader(0, 28), 64 << 20},
		"odd":          {blockHeader(0, 29), 96 << 20},
		"largest":      {blockHeader(0, 40), 1<<32 - 1},
		"with sizes":   {blockHeader(0xc0, 28, 0x80, 1, 5), 64 << 20},
		"too large":    {blockHeader(0, 41), 0},
		"two filters":  {blockHeader(1, 28), 0},
		"reserved":     {blockHeader(4, 28), 0},
		"wrong CRC":    {damaged, 0},
		"cut":          {blockHeader(0, 28)[:11], 0},
		"endless size": {blockHeader(0x40, 28, bytes.Repeat([]byte{0xff}, 20)...), 0},
		"index":        {make([]byte, 16), 0},
		"nothing":      {nil, 0},
	}
	for name, test := range tests {
		if got := dictionarySize(test.header); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

func TestHugeDictionary(t *testing.T) {
	packed := xzed(t, makeTar(t, file("a", "content")))
	huge := bytes.Clone(packed[:12]) // the stream's header
	huge = append(huge, blockHeader(0, 40)...)
	huge = append(huge, "\x00\x00YZ"...)
	_, err := read(huge, DefaultLimits)
	wantError(t, err, "needs a dictionary of 4294967295 bytes")

	// A block may begin wherever the one before it ends.
	for _, at := range []int64{0, 4, 1<<20 - 1028, 1<<20 - 1024, 1<<20 - 4, 1 << 20, 3<<20 - 1024} {
		data := make([]byte, 4<<20)
		copy(data[at:], blockHeader(0, 40))
		if err := checkDictionaries(bytes.NewReader(data)); err == nil {
			t.Errorf("the header at %d is not found", at)
		}
	}
}
