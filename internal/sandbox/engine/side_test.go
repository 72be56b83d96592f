package engine

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
	"github.com/cowasm/cowasm/internal/tree"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

const (
	i32         = wasmfile.I32
	sidePath    = "/lib/answer.so"
	pathAt      = 16
	nameAt      = 64
	valueAt     = 128
	messageAt   = 256
	messageSize = 512
	statusAt    = 768
	commandAt   = 800
)

func signature(params, results int) wasmfile.FuncType {
	list := func(n int) []wasmfile.ValueType {
		types := make([]wasmfile.ValueType, n)
		for i := range types {
			types[i] = i32
		}
		return types
	}
	return wasmfile.FuncType{Params: list(params), Results: list(results)}
}

// opener returns a program that opens sidePath, spawns itself and waits for
// that, calls answer() of the side module and exits with the sum of what it
// returns and the exit code of the other. If it cannot open it, it prints why
// and exits with 0.
func opener() []byte {
	var b wasmfile.Builder
	dlopen := b.ImportFunc(wasi.Cowasm, "dlopen", signature(3, 1))
	dlsym := b.ImportFunc(wasi.Cowasm, "dlsym", signature(4, 1))
	dlerror := b.ImportFunc(wasi.Cowasm, "dlerror", signature(2, 1))
	spawn := b.ImportFunc(wasi.Cowasm, "spawn", signature(10, 1))
	wait := b.ImportFunc(wasi.Cowasm, "wait", signature(3, 1))
	write := b.ImportFunc(wasi.Preview1, "fd_write", signature(4, 1))
	exit := b.ImportFunc(wasi.Preview1, "proc_exit", signature(1, 0))
	b.Memory(1)
	b.Table(1)
	b.Export("memory", wasmfile.Memory, 0)
	b.Export("__indirect_function_table", wasmfile.Table, 0)
	heap := b.Global(true, 4096)
	handle := b.Global(true, 0)
	ignored := b.Global(true, 0)
	code := func() *wasmfile.Code { return new(wasmfile.Code) }
	b.Export("malloc", wasmfile.Func, b.Func(signature(1, 1), code().GlobalGet(heap).GlobalGet(heap).LocalGet(0).I32Add().GlobalSet(heap)))
	b.Export("free", wasmfile.Func, b.Func(signature(1, 0), code()))
	const vector = 0 // one buffer, for fd_write
	check := b.Func(signature(0, 0), code().
		I32Const(vector).I32Const(messageAt).I32Store(0).
		I32Const(vector).I32Const(messageAt).I32Const(messageSize).Call(dlerror).I32Store(4).
		I32Const(vector).I32Load(4).If().
		I32Const(2).I32Const(vector).I32Const(1).I32Const(valueAt).Call(write).Call(exit).End())
	b.Export("_start", wasmfile.Func, b.Func(signature(0, 0), code().
		I32Const(pathAt).I32Const(int32(len(sidePath))).I32Const(dylinkNow).Call(dlopen).GlobalSet(handle).Call(check).
		I32Const(commandAt).I32Const(5).I32Const(commandAt).I32Const(6).I32Const(0).I32Const(0).
		I32Const(commandAt).I32Const(1).I32Const(0).I32Const(0).Call(spawn).I32Const(statusAt).I32Const(0).Call(wait).GlobalSet(ignored).
		GlobalGet(handle).I32Const(nameAt).I32Const(6).I32Const(valueAt).Call(dlsym).GlobalSet(handle).Call(check).
		I32Const(valueAt).I32Load(0).CallIndirect(b.Type(signature(0, 1))).
		I32Const(statusAt).I32Load(1).I32Add().Call(exit)))
	b.Data(nil, pathAt, []byte(sidePath))
	b.Data(nil, nameAt, []byte("answer"))
	b.Data(nil, commandAt, []byte("/prog\x00"))
	return b.Bytes()
}

const dylinkNow = 2

// answerer returns a side module whose answer is a number.
func answerer(answer int32) []byte {
	var b wasmfile.Builder
	b.Dylink(wasmfile.Dylink{})
	b.Export("answer", wasmfile.Func, b.Func(signature(0, 1), new(wasmfile.Code).I32Const(answer)))
	return b.Bytes()
}

// blobs is a store in memory.
type blobs map[digest.Digest][]byte

func (b blobs) put(data []byte) digest.Digest {
	d := digest.Of(data)
	b[d] = data
	return d
}

func (b blobs) Get(_ context.Context, d digest.Digest) ([]byte, error) {
	if data, ok := b[d]; ok {
		return data, nil
	}
	return nil, fmt.Errorf("there is no %s", d)
}

// A relauncher lets a guest spawn itself, a number of times.
type relauncher struct {
	program *Program
	guest   Guest
	left    int
}

// Launch implements wasi.Launcher.
func (l *relauncher) Launch(_ string, args, _ []string) (wasi.Image, errno.Errno) {
	if l.left--; l.left < 0 {
		return wasi.Image{}, errno.ENOENT
	}
	return wasi.Image{Args: args, Run: func(s *wasi.System, stderr io.Writer) uint32 {
		guest := l.guest
		guest.System = s
		code, _, err := l.program.Run(context.Background(), guest)
		if err != nil {
			fmt.Fprint(stderr, err)
		}
		return wasi.ExitStatus(code)
	}}, errno.OK
}

// runWith runs a program whose file system has a side module, and which can
// spawn itself, or its child, a number of times.
func runWith(t *testing.T, p *Program, side []byte, spawns int, translated *atomic.Int32) (exit uint32, stderr string) {
	t.Helper()
	ctx := context.Background()
	b := blobs{}
	encode := func(e tree.Entry) digest.Digest {
		data, _ := (&tree.Directory{Entries: []tree.Entry{e}}).Encode()
		return b.put(data)
	}
	lib := encode(tree.Entry{Name: "answer.so", Kind: tree.File, Digest: b.put(side)})
	root := encode(tree.Entry{Name: "lib", Kind: tree.Dir, Digest: lib})
	fs, err := vfs.New(ctx, vfs.NewCache(b, 0), root, vfs.Limits{Written: 1 << 20, Files: 100})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	guest := Guest{
		Memory: 1 << 20,
		Progress: func(path string, _ digest.Digest) Progress {
			if path != sidePath {
				t.Errorf("progress is told of %s", path)
			}
			return Progress{Compiling: func() { translated.Add(1) }, Compiled: func(error) {}}
		},
	}
	children := guest
	guest.System = wasi.New(wasi.Config{FS: fs, Args: []string{"prog"}, Stdout: &out, Stderr: &out, MaxOpen: 10,
		Launcher: &relauncher{p, children, spawns}})
	code, _, err := p.Run(ctx, guest)
	if err != nil {
		t.Fatal(err)
	}
	return code, out.String()
}

func TestSide(t *testing.T) {
	dir := t.TempDir()
	var programs, sides atomic.Int32
	check := func(p *Program, side []byte, wantExit uint32, wantErr string, wantSides int32) {
		t.Helper()
		exit, stderr := runWith(t, p, side, 0, &sides)
		if exit != wantExit || stderr != wantErr {
			t.Errorf("it exits with %d and says %q", exit, stderr)
		}
		if n := sides.Load(); n != wantSides {
			t.Errorf("side modules were translated %d times, not %d", n, wantSides)
		}
	}
	p := load(t, open(t, dir), opener(), &programs)
	check(p, answerer(42), 42, "", 1)
	check(p, answerer(42), 42, "", 1)
	check(p, answerer(7), 7, "", 2)
	check(p, []byte("\x7fELF"), 0, sidePath+": it is a native library (ELF), not a WebAssembly module", 2)

	// What the linker makes for itself is no side module, whoever has it in a file.
	const noSide = sidePath + ": it is not a side module: it has no section dylink.0; link it with -shared"
	empty := new(wasmfile.Builder).Bytes()
	if _, err := p.glue(context.Background(), empty); err != nil {
		t.Fatal(err)
	}
	check(p, empty, 0, noSide, 2)
	p.Close(context.Background())

	// Another process finds the machine code.
	p = load(t, open(t, dir), opener(), &programs)
	check(p, answerer(42), 42, "", 2)
	check(p, empty, 0, noSide, 2)
	p.Close(context.Background())

	// Damaged machine code is made anew, and what a killed process left is not
	// used.
	entry := filepath.Join(open(t, dir).dir, digest.Of(opener()).Hash())
	manifest := filepath.Join(entry, sidePrefix(digest.Of(answerer(42)))+manifestName)
	listed, err := readManifest(manifest)
	if err != nil || len(listed.Files) != 3 {
		t.Fatalf("the manifest lists %v, %v", listed, err)
	}
	for name := range listed.Files {
		if err := os.WriteFile(filepath.Join(entry, name), []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p = load(t, open(t, dir), opener(), &programs)
	check(p, answerer(42), 42, "", 3)
	p.Close(context.Background())
	if err := os.Remove(manifest); err != nil {
		t.Fatal(err)
	}
	p = load(t, open(t, dir), opener(), &programs)
	check(p, answerer(42), 42, "", 4)
	p.Close(context.Background())
	if n := programs.Load(); n != 1 {
		t.Errorf("the program was translated %d times", n)
	}
}

// A side module that cannot be linked leaves the guest, whose memory it imports,
// as it was.
func TestSideThatTraps(t *testing.T) {
	var programs, sides atomic.Int32
	p := load(t, open(t, t.TempDir()), opener(), &programs)
	defer p.Close(context.Background())
	var b wasmfile.Builder
	b.Dylink(wasmfile.Dylink{})
	b.ImportMemory("env", "memory")
	b.Export("__wasm_apply_data_relocs", wasmfile.Func, b.Func(signature(0, 0), new(wasmfile.Code).Unreachable()))
	exit, stderr := runWith(t, p, b.Bytes(), 0, &sides)
	if want := sidePath + ": filling in addresses: wasm error: unreachable\n"; exit != 0 || !strings.HasPrefix(stderr, want) {
		t.Errorf("it exits with %d and says %q", exit, stderr)
	}
}

// TestNestedSides has several guests run a program at once, each with a linker.
func TestNestedSides(t *testing.T) {
	var programs, sides atomic.Int32
	p := load(t, open(t, t.TempDir()), opener(), &programs)
	if exit, stderr := runWith(t, p, answerer(10), 3, &sides); exit != 40 || stderr != "" || sides.Load() != 1 {
		t.Errorf("it exits with %d and says %q; the side module was translated %d times", exit, stderr, sides.Load())
	}
	if p.Running() {
		t.Error("guests that have ended count as running")
	}
	p.Close(context.Background())

	p, err := open(t, t.TempDir()).Translate(context.Background(), parse(t, opener()))
	if err != nil {
		t.Fatal(err)
	}
	if exit, stderr := runWith(t, p, answerer(10), 1, &sides); exit != 20 || stderr != "" || sides.Load() != 1 {
		t.Errorf("not kept on disk: it exits with %d and says %q; side modules were kept %d times", exit, stderr, sides.Load())
	}
	p.Close(context.Background())
}
