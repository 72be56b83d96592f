package wasi

import (
	"bytes"
	"context"
	"testing"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/tree"
)

// buffer is a memory.
type buffer []byte

func (b buffer) Read(offset, n uint32) ([]byte, bool) {
	end := uint64(offset) + uint64(n)
	if end > uint64(len(b)) {
		return nil, false
	}
	return b[offset:end:end], true
}

type noBlobs struct{}

func (noBlobs) Get(context.Context, digest.Digest) ([]byte, error) { return nil, nil }

// A guest makes calls by name.
type guest struct {
	t         *testing.T
	sys       *System
	memory    buffer
	functions map[string]Function
	stdout    bytes.Buffer
}

func newGuest(t *testing.T) *guest {
	t.Helper()
	_, root := new(tree.Directory).Encode()
	fs, err := vfs.New(context.Background(), vfs.NewCache(noBlobs{}, 0), root, vfs.Limits{Written: 1 << 20, Files: 100})
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{t: t, memory: make(buffer, 1<<16), functions: map[string]Function{}}
	g.sys = New(Config{FS: fs, Stdout: &g.stdout, Stderr: &g.stdout, MaxOpen: 16})
	for _, f := range Functions() {
		g.functions[f.Name] = f
	}
	return g
}

// call makes a call and returns its result, negative for the errno of a
// function of either module.
func (g *guest) call(name string, params ...uint64) int {
	g.t.Helper()
	f, ok := g.functions[name]
	if !ok || len(params) != len(f.Params) {
		g.t.Fatalf("%s does not take %d parameters", name, len(params))
	}
	r := int32(f.Call(g.sys, g.memory, params))
	if f.Module == Preview1 {
		r = -r
	}
	return int(r)
}

// want checks the result of a call.
func (g *guest) want(want int, name string, params ...uint64) {
	g.t.Helper()
	if got := g.call(name, params...); got != want {
		g.t.Errorf("%s%v is %d (%v), want %d", name, params, got, errno.Errno(-got), want)
	}
}

func fails(e errno.Errno) int { return -int(e) }

// Places in memory: an iovec, what it points to, and results.
const (
	vecAt    = 0
	dataAt   = 1024
	resultAt = 512
)

func (g *guest) vector(text string, n int) {
	le.PutUint32(g.memory[vecAt:], dataAt)
	le.PutUint32(g.memory[vecAt+4:], uint32(n))
	clear(g.memory[dataAt : dataAt+n])
	copy(g.memory[dataAt:], text)
}

// write writes text to a descriptor.
func (g *guest) write(fd uint64, text string, want int) {
	g.t.Helper()
	g.vector(text, len(text))
	g.want(min(want, 0), "fd_write", fd, vecAt, 1, resultAt)
	if n := int(le.Uint32(g.memory[resultAt:])); want >= 0 && n != want {
		g.t.Errorf("%d bytes were written, want %d", n, want)
	}
}

// read reads up to n bytes; want is what comes, or an errno.
func (g *guest) read(fd uint64, n int, want any) {
	g.t.Helper()
	g.vector("", n)
	if e, ok := want.(errno.Errno); ok {
		g.want(fails(e), "fd_read", fd, vecAt, 1, resultAt)
		return
	}
	g.want(0, "fd_read", fd, vecAt, 1, resultAt)
	if got := string(g.memory[dataAt:][:le.Uint32(g.memory[resultAt:])]); got != want {
		g.t.Errorf("read %q, want %q", got, want)
	}
}

// pair makes a pair of descriptors.
func (g *guest) pair(function string) (x, y uint64) {
	g.t.Helper()
	g.want(0, function, resultAt)
	return uint64(le.Uint32(g.memory[resultAt:])), uint64(le.Uint32(g.memory[resultAt+4:]))
}

// open opens a file, which it makes.
func (g *guest) open(p string) uint64 {
	g.t.Helper()
	copy(g.memory[dataAt:], p)
	g.want(0, "path_open", 3, 1, dataAt, uint64(len(p)), 1, rightRead|rightWrite, 0, 0, resultAt)
	return uint64(le.Uint32(g.memory[resultAt:]))
}
