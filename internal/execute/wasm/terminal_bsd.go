//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package wasm

import "golang.org/x/sys/unix"

const getTermios, setTermios = unix.TIOCGETA, unix.TIOCSETAW
