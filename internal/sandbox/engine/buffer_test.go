package engine

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/tetratelabs/wazero"
)

// files is machineCode in memory.
type files map[[32]byte][]byte

func (f files) Get(key [32]byte) (io.ReadCloser, bool, error) {
	data, ok := f[key]
	return io.NopCloser(iotest.OneByteReader(bytes.NewReader(data))), ok, nil
}

func (f files) Add(key [32]byte, content io.Reader) (err error) {
	f[key], err = io.ReadAll(content)
	return err
}

func (f files) Delete(key [32]byte) error {
	delete(f, key)
	return nil
}

// wazero takes a read that is short for the end of the file.
func TestBufferedReadsAreWhole(t *testing.T) {
	content := bytes.Repeat([]byte("machine code"), 20_000)
	c := bufferedCode{files{}}
	if err := c.Add([32]byte{1}, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := c.Get([32]byte{2}); ok || err != nil {
		t.Fatalf("there is code under another key: %v, %v", ok, err)
	}
	for _, size := range []int{1, 8, 7919, 100_000} {
		f, ok, err := c.Get([32]byte{1})
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		var got []byte
		for p := make([]byte, size); ; {
			n, err := f.Read(p)
			if got = append(got, p[:n]...); err == io.EOF {
				break
			}
			if err != nil || n < size && len(got) < len(content) {
				t.Fatalf("read %d of %d bytes after %d: %v", n, size, len(got), err)
			}
		}
		if !bytes.Equal(got, content) {
			t.Errorf("reads of %d bytes give another content", size)
		}
	}
}

// That wazero does not take it is told by nothing else than time.
func TestReadsAreBuffered(t *testing.T) {
	cache, err := wazero.NewCompilationCacheWithDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close(t.Context())
	if !bufferReads(cache) {
		t.Error("wazero reads its files as it likes")
	}
}
