//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package wasm

import (
	"errors"

	"github.com/cowasm/cowasm/internal/sandbox/wasi"
)

// Mode implements wasi.Terminal.
func (t terminal) Mode() (wasi.TerminalMode, error) { return 0, errors.ErrUnsupported }

// SetMode implements wasi.Terminal.
func (t terminal) SetMode(wasi.TerminalMode) error { return errors.ErrUnsupported }
