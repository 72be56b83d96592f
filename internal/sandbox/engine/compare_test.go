package engine

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/sandbox/wasi"
	"github.com/cowasm/cowasm/internal/tree"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// forwarder returns a module that exports a memory and a function for each one
// of preview 1, which calls it.
func forwarder() []byte {
	var b wasmfile.Builder
	imports := map[string]uint32{}
	for _, f := range wasi.Functions() {
		if f.Module == wasi.Preview1 {
			imports[f.Name] = b.ImportFunc(f.Module, f.Name, f.Type())
		}
	}
	b.Memory(1)
	b.Export("memory", wasmfile.Memory, 0)
	for _, f := range wasi.Functions() {
		if f.Module != wasi.Preview1 {
			continue
		}
		// Only a guest's own functions call the host in the name of the guest.
		forward := new(wasmfile.Code)
		for p := range f.Params {
			forward.LocalGet(uint32(p))
		}
		b.Export(f.Name, wasmfile.Func, b.Func(f.Type(), forward.Call(imports[f.Name])))
	}
	return b.Bytes()
}

// emptyTree is a store with nothing but an empty directory in it.
type emptyTree struct{}

func (emptyTree) Get(context.Context, digest.Digest) ([]byte, error) { return nil, nil }

// TestCompare makes the same calls to our host and to wazero's own, over an
// empty file system that can be written, and compares what comes of them.
// Where they differ on purpose is not in it: links that leave the root, dup,
// absolute times, permissions, and what depends on the host.
func TestCompare(t *testing.T) {
	ctx := context.Background()

	ours, err := newProgram(ctx, "", 1, func(p *Program) error {
		_, err := p.translate(ctx, parse(t, forwarder()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close(ctx)
	_, root := new(tree.Directory).Encode()
	fs, err := vfs.New(ctx, vfs.NewCache(emptyTree{}, 0), root, vfs.Limits{Written: 1 << 20, Files: 100})
	if err != nil {
		t.Fatal(err)
	}
	args, env := []string{"prog", "-x", "ü"}, []string{"A=1", "B="}
	oursCtx := withSystem(ctx, wasi.New(wasi.Config{FS: fs, Args: args, Env: env, MaxOpen: 100}))
	oursMod, err := ours.instantiate(oursCtx)
	if err != nil {
		t.Fatal(err)
	}

	theirs := wazero.NewRuntime(ctx)
	defer theirs.Close(ctx)
	wasi_snapshot_preview1.MustInstantiate(ctx, theirs)
	compiled, err := theirs.CompileModule(ctx, forwarder())
	if err != nil {
		t.Fatal(err)
	}
	theirsMod, err := theirs.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName("").
		WithArgs(args...).WithEnv("A", "1").WithEnv("B", "").
		WithFSConfig(wazero.NewFSConfig().WithDirMount(t.TempDir(), "/")))
	if err != nil {
		t.Fatal(err)
	}

	call := func(mod api.Module, ctx context.Context, c comparison) string {
		m := mod.Memory()
		if !m.Write(0, make([]byte, m.Size())) || !m.Write(0, c.memory) {
			t.Fatal("the memory is too small")
		}
		results, err := mod.ExportedFunction(c.function).Call(ctx, c.params...)
		if err != nil {
			return err.Error()
		}
		if e := errno.Errno(results[0]); e != errno.OK {
			return e.Error()
		}
		var text string
		for _, r := range c.out {
			b, _ := m.Read(r[0], r[1])
			text += fmt.Sprintf("% x;", b)
		}
		return text
	}
	for i, c := range comparisons() {
		got, want := call(oursMod, oursCtx, c), call(theirsMod, ctx, c)
		if c.differs != errno.OK {
			want = c.differs.Error()
		}
		if got != want {
			t.Errorf("call %d, %s: %s\n ours: %s\ntheirs: %s", i, c.function, c.what, got, want)
		}
	}
}

// A comparison is one call: what is in memory before, from address 0, the
// parameters, and the ranges of memory that are compared after it succeeded.
// If differs is set, our host answers that, other than wazero's.
type comparison struct {
	function string
	what     string
	memory   []byte
	params   []uint64
	out      [][2]uint32
	differs  errno.Errno
}

const result = 8192 // where calls store results

// comparisons returns the calls, in order. Descriptor 3 is the root; 4 is the
// file f once it is opened.
func comparisons() []comparison {
	on := func(function, p string, params func(ptr, n uint64) []uint64, out ...[2]uint32) comparison {
		return comparison{function, p, append(make([]byte, 1024), p...), params(1024, uint64(len(p))), out, errno.OK}
	}
	plain := func(function string, params ...uint64) comparison {
		return comparison{function, fmt.Sprint(params), nil, params, nil, errno.OK}
	}
	dirOp := func(function, p string) comparison {
		return on(function, p, func(ptr, n uint64) []uint64 { return []uint64{3, ptr, n} })
	}
	open := func(p string, oflags, rights, fdflags uint64) comparison {
		return on("path_open", p, func(ptr, n uint64) []uint64 {
			return []uint64{3, 1, ptr, n, oflags, rights, 0, fdflags, result}
		}, [2]uint32{result, 4})
	}
	two := func(function, p, q string) comparison {
		at := uint64(1024 + len(p))
		c := on(function, p+q, func(ptr, _ uint64) []uint64 {
			return []uint64{3, ptr, uint64(len(p)), 3, at, uint64(len(q))}
		})
		if function == "path_symlink" {
			c.params = []uint64{1024, uint64(len(p)), 3, at, uint64(len(q))}
		}
		if function == "path_link" {
			c.params = []uint64{3, 0, 1024, uint64(len(p)), 3, at, uint64(len(q))}
		}
		return c
	}
	iovec := func(text string) []byte {
		b := binary.LittleEndian.AppendUint32(nil, 8)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
		return append(b, text...)
	}
	write := func(fd uint64, text string) comparison {
		return comparison{"fd_write", text, iovec(text), []uint64{fd, 0, 1, result}, [][2]uint32{{result, 4}}, errno.OK}
	}
	pwrite := func(fd uint64, text string, off uint64) comparison {
		return comparison{"fd_pwrite", text, iovec(text), []uint64{fd, 0, 1, off, result}, [][2]uint32{{result, 4}}, errno.OK}
	}
	read := func(fd uint64, n int) comparison {
		return comparison{"fd_read", fmt.Sprint(n), iovec(string(make([]byte, n))), []uint64{fd, 0, 1, result}, [][2]uint32{{result, 4}, {8, uint32(n)}}, errno.OK}
	}
	pread := func(fd uint64, n int, off uint64) comparison {
		return comparison{"fd_pread", fmt.Sprint(n), iovec(string(make([]byte, n))), []uint64{fd, 0, 1, off, result}, [][2]uint32{{result, 4}, {8, uint32(n)}}, errno.OK}
	}
	seek := func(fd uint64, off int64, whence uint64) comparison {
		c := plain("fd_seek", fd, uint64(off), whence, result)
		c.out = [][2]uint32{{result, 8}}
		return c
	}
	// Of a filestat, the type and the size.
	statFD := func(fd uint64) comparison {
		c := plain("fd_filestat_get", fd, result)
		c.out = [][2]uint32{{result + 16, 1}, {result + 32, 8}}
		return c
	}
	statFile := func(p string, flags uint64) comparison {
		return on("path_filestat_get", p, func(ptr, n uint64) []uint64 { return []uint64{3, flags, ptr, n, result} },
			[2]uint32{result + 16, 1}, [2]uint32{result + 32, 8})
	}
	statDir := func(p string) comparison {
		return on("path_filestat_get", p, func(ptr, n uint64) []uint64 { return []uint64{3, 1, ptr, n, result} }, [2]uint32{result + 16, 1})
	}
	with := func(c comparison, out ...[2]uint32) comparison {
		c.out = out
		return c
	}
	differ := func(e errno.Errno, c comparison) comparison {
		c.differs = e
		return c
	}
	const (
		create, directory, exclusive, truncate = 1, 2, 4, 8
		rd, wr                                 = 2, 64
		badFD                                  = 42
	)
	return []comparison{
		with(plain("args_sizes_get", result, result+4), [2]uint32{result, 8}),
		with(plain("args_get", result, result+100), [2]uint32{result, 12}, [2]uint32{result + 100, 11}),
		with(plain("environ_sizes_get", result, result+4), [2]uint32{result, 8}),
		with(plain("environ_get", result, result+100), [2]uint32{result, 8}, [2]uint32{result + 100, 7}),
		plain("args_get", 1<<32-2, 0),
		with(plain("fd_prestat_get", 3, result), [2]uint32{result, 8}),
		with(plain("fd_prestat_dir_name", 3, result, 1), [2]uint32{result, 2}),
		differ(errno.ENAMETOOLONG, plain("fd_prestat_dir_name", 3, result, 0)), // theirs cuts the name off
		plain("fd_prestat_get", 4, result),
		plain("fd_prestat_get", badFD, result),
		plain("clock_time_get", 9, 0, result),
		plain("clock_res_get", 9, result),
		plain("sched_yield"),

		open("f", 0, rd, 0),
		open("f", create, rd|wr, 0),
		open("f", create|exclusive, rd|wr, 0),
		write(4, "hello world"),
		with(plain("fd_tell", 4, result), [2]uint32{result, 8}),
		seek(4, 6, 0), read(4, 3), read(4, 100), read(4, 1),
		seek(4, -2, 1), seek(4, -2, 2), seek(4, -100, 1), seek(4, 0, 7), seek(badFD, 0, 0),
		pread(4, 5, 0), pread(4, 5, 100), pread(badFD, 5, 0),
		pwrite(4, "HELLO", 0), pwrite(4, "gap", 20), pread(4, 40, 0),
		statFD(4), with(statFD(3), [2]uint32{result + 16, 1}), statFD(badFD), statFile("f", 1), statFile("none", 1), statFile("none/x", 1), statFile("f/x", 1),
		plain("fd_filestat_set_size", 4, 3), statFD(4), plain("fd_filestat_set_size", 4, 10), pread(4, 40, 0),
		plain("fd_filestat_set_size", badFD, 3),
		plain("fd_allocate", 4, 0, 50), statFD(4), plain("fd_allocate", 4, 10, 10), statFD(4), plain("fd_allocate", badFD, 0, 1),
		plain("fd_advise", 4, 0, 0, 2), plain("fd_advise", 4, 0, 0, 9), plain("fd_advise", badFD, 0, 0, 0),
		plain("fd_fdstat_set_flags", 4, 1), plain("fd_fdstat_set_flags", 4, 0),
		plain("fd_sync", 4), plain("fd_datasync", 4), plain("fd_sync", badFD), plain("fd_datasync", badFD),
		{"fd_read", "bad buffer", binary.LittleEndian.AppendUint64(nil, 8<<32|0xffffffff), []uint64{4, 0, 1, result}, nil, errno.OK},
		{"fd_read", "no buffers", nil, []uint64{4, 0, 0, result}, [][2]uint32{{result, 4}}, errno.OK},
		{"fd_write", "bad vectors", nil, []uint64{4, 65532, 4, result}, nil, errno.OK},

		open("g", create|truncate, wr, 1), // 5, to append to
		write(5, "one"), write(5, "two"), seek(5, 0, 0), write(5, "three"), statFD(5),
		read(badFD, 1), write(badFD, "x"),
		open("g", truncate, rd|wr, 0), statFD(6), statFD(5),
		plain("fd_close", 6), plain("fd_close", 6), plain("fd_close", badFD),

		dirOp("path_create_directory", "d"),
		dirOp("path_create_directory", "d"),
		dirOp("path_create_directory", "f"),
		dirOp("path_create_directory", "none/d"),
		differ(errno.ENOTDIR, dirOp("path_create_directory", "f/d")),
		open("d", directory, rd, 0), // 6
		open("f", directory, rd, 0),
		open("d", create|directory, rd, 0),
		open("d/x", create, wr, 0), // 7
		statDir("d"), statDir("d/"), statDir("./d/../d"), statFD(7),
		read(6, 1), differ(errno.EBADF, write(6, "x")), // as POSIX says of what is not open for writing
		dirOp("path_remove_directory", "d"),
		dirOp("path_remove_directory", "f"),
		dirOp("path_remove_directory", "none"),
		dirOp("path_unlink_file", "d"),
		dirOp("path_unlink_file", "none"),
		differ(errno.ENOTDIR, plain("fd_readdir", 4, result, 100, 0, 0)),
		plain("fd_readdir", badFD, result, 100, 0, 0),

		two("path_symlink", "f", "l"),
		two("path_symlink", "f", "l"),
		two("path_symlink", "nowhere", "dangling"),
		statFile("l", 0), statFile("l", 1), statFile("dangling", 1), statFile("dangling", 0),
		on("path_readlink", "l", func(ptr, n uint64) []uint64 { return []uint64{3, ptr, n, result, 100, result + 200} }, [2]uint32{result, 2}, [2]uint32{result + 200, 4}),
		on("path_readlink", "f", func(ptr, n uint64) []uint64 { return []uint64{3, ptr, n, result, 100, result + 200} }),
		on("path_readlink", "none", func(ptr, n uint64) []uint64 { return []uint64{3, ptr, n, result, 100, result + 200} }),
		open("dangling", 0, rd, 0),

		two("path_link", "f", "hard"), statFile("hard", 1), two("path_link", "none", "x"), two("path_link", "f", "hard"),
		two("path_rename", "hard", "d/hard"), statFile("d/hard", 1), statFile("hard", 1),
		two("path_rename", "none", "x"), two("path_rename", "d", "f"), two("path_rename", "f", "d"),
		two("path_rename", "d", "d/inside"),
		dirOp("path_create_directory", "e"), two("path_rename", "e", "d"), two("path_rename", "d", "e"), statDir("e"), statDir("d"),
		two("path_rename", "g", "f"), statFile("f", 1), statFile("g", 1),
		dirOp("path_unlink_file", "e/hard"), dirOp("path_unlink_file", "e/x"), dirOp("path_unlink_file", "l"),
		dirOp("path_remove_directory", "e"),
		statFD(7), write(7, "still there"),

		plain("fd_renumber", 7, 4), plain("fd_close", 7), write(4, "again"),
		plain("fd_renumber", badFD, 4),
		plain("fd_fdstat_set_flags", badFD, 1),
		plain("fd_fdstat_get", badFD, result),
		with(plain("fd_fdstat_get", 3, result), [2]uint32{result, 1}),
		with(plain("fd_fdstat_get", 4, result), [2]uint32{result, 1}),

		plain("poll_oneoff", 0, result, 0, result),
		with(plain("poll_oneoff", 0, result, 1, 100), [2]uint32{result, 32}, [2]uint32{100, 4}), // a clock that is due
		plain("sock_shutdown", badFD, 1),
		plain("proc_raise", 9),
	}
}
