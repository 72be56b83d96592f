package dylink

import (
	"fmt"

	"github.com/tetratelabs/wazero"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// Check reports what would keep the side module in a file from being linked to
// guests of a program, as far as that can be known without running it: symbols
// that nobody defines, or with another type.
func Check(program []byte, p string, readFile func(path string) ([]byte, error)) error {
	main, err := wasmfile.Parse(program)
	if err != nil {
		return fmt.Errorf("the main module: %w", err)
	}
	l := New(Config{
		Module: main,
		File: func(path string) (Side, error) {
			b, err := readFile(path)
			if err != nil {
				return Side{}, err
			}
			m, err := wasmfile.Parse(b)
			return Side{m, func() (wazero.CompiledModule, error) { return nil, nil }}, err
		},
	})
	_, err = (&loading{Linker: l, bindings: map[*library]*bindings{}}).prepare(p, true)
	return err
}
