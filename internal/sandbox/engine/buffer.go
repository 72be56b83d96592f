package engine

import (
	"bufio"
	"errors"
	"io"
	"reflect"

	"github.com/tetratelabs/wazero"
)

// machineCode is where wazero keeps machine code, by an interface of its own.
type machineCode interface {
	Get(key [32]byte) (content io.ReadCloser, ok bool, err error)
	Add(key [32]byte, content io.Reader) error
	Delete(key [32]byte) error
}

// bufferReads has a cache read machine code in large pieces. By itself wazero
// asks the system for the place of each function: 23,000 times to import numpy,
// which is a fifth of the time until Python starts. It offers no way to say so,
// so this looks inside; it reports false if it did not find there what it knows.
func bufferReads(cache wazero.CompilationCache) bool {
	field := reflect.ValueOf(cache).Elem().FieldByName("fileCache")
	if !field.IsValid() {
		return false
	}
	field = reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem()
	files, ok := field.Interface().(machineCode)
	buffered := reflect.ValueOf(bufferedCode{files})
	if !ok || !buffered.Type().AssignableTo(field.Type()) {
		return false
	}
	field.Set(buffered)
	return true
}

// bufferedCode is machineCode that is read in large pieces.
type bufferedCode struct{ machineCode }

// Get returns the content under a key.
func (c bufferedCode) Get(key [32]byte) (io.ReadCloser, bool, error) {
	file, ok, err := c.machineCode.Get(key)
	if !ok || err != nil {
		return nil, ok, err
	}
	return bufferedFile{bufio.NewReaderSize(file, 64<<10), file}, true, nil
}

// hugeCode is the size of machine code from which on it is put into huge pages, in
// bytes. That of CPython takes 8,000 small ones, which would be made one by one.
const hugeCode = 4 << 20

// A bufferedFile fills whatever it is given to read to, as a file does. What is
// as large as hugeCode is the memory that wazero has mapped for the code.
type bufferedFile struct {
	reader *bufio.Reader
	io.Closer
}

// Read implements io.Reader.
func (f bufferedFile) Read(p []byte) (int, error) {
	if len(p) >= hugeCode {
		hugePages(p)
	}
	n, err := io.ReadFull(f.reader, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n, err
}
