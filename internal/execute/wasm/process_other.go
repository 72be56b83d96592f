//go:build !linux

package wasm

import "syscall"

// dieWithParent has nothing to add here: a worker ends when its input does.
func dieWithParent() *syscall.SysProcAttr { return nil }
