//go:build linux || darwin

package wasmtime

import (
	"sync"

	"github.com/ebitengine/purego"

	"github.com/cowasm/cowasm/internal/sandbox/wasi"
)

// functions are what guests can import, and maxParams is no less than what any
// of them takes.
var functions = wasi.Functions()

const (
	maxParams    = 16
	functionBits = 8 // of an environment
)

// Guests that run, by number. C code knows them by that: it must not hold
// pointers to what Go has.
var (
	mu     sync.Mutex
	guests = map[uintptr]*guest{}
	last   uintptr
)

func enter(g *guest) (id uintptr) {
	mu.Lock()
	defer mu.Unlock()
	last++
	guests[last] = g
	return last
}

func leave(id uintptr) {
	mu.Lock()
	defer mu.Unlock()
	delete(guests, id)
}

// environment is what wasmtime passes on to host when a guest calls a function.
func environment(id uintptr, function int) uintptr { return id<<functionBits | uintptr(function) }

// hostCallback returns the address of host for C code. There is but one: purego
// never frees them.
var hostCallback = sync.OnceValue(func() uintptr { return purego.NewCallback(host) })

// host is a wasmtime_func_unchecked_callback_t. It returns a trap if the guest
// is to end.
func host(environment, _ uintptr, slots *[maxParams][2]uint64, _ uintptr) (trap uintptr) {
	mu.Lock()
	g := guests[environment>>functionBits]
	mu.Unlock()
	if g.call(&functions[environment&(1<<functionBits-1)], slots) {
		return 0
	}
	return g.lib.call("wasmtime_trap_new", 0, 0)
}
