package wasm

import (
	"os"

	"golang.org/x/term"
)

// A terminal is a real one. It implements wasi.Terminal.
type terminal struct{ *os.File }

// Size returns the number of rows and columns.
func (t terminal) Size() (rows, columns int, err error) {
	columns, rows, err = term.GetSize(int(t.Fd()))
	return rows, columns, err
}

// keepMode returns what gives the terminal that f is, if it is one, the mode
// that it has now.
func keepMode(f any) (restore func()) {
	file, ok := f.(*os.File)
	if !ok {
		return func() {}
	}
	state, err := term.GetState(int(file.Fd()))
	if err != nil {
		return func() {}
	}
	return func() {
		// If that fails, nobody is there who could be told.
		_ = term.Restore(int(file.Fd()), state)
	}
}
