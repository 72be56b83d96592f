package wasm

import "syscall"

// dieWithParent has the kernel kill a worker when its parent dies, even one
// whose guest leaves it no thread to notice by itself.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
