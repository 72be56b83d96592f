package store

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// What a build that has nothing to do asks of the store: 1,000 results that
// name 30,000 blobs, nine of ten of them in directories, in a new process. Once
// an hour all of them are looked for.
func BenchmarkNoop(b *testing.B)   { benchmarkNoop(b, 0) }
func BenchmarkHourly(b *testing.B) { benchmarkNoop(b, 2*touchInterval) }

func benchmarkNoop(b *testing.B, age time.Duration) {
	ctx := b.Context()
	disk, err := OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	keys := make([]digest.Digest, 1000)
	for i := range keys {
		keys[i] = digest.Of(fmt.Append(nil, "key ", i))
		dir := tree.NewBuilder(disk.dirs)
		for j := range 27 {
			name := fmt.Sprintf("f%d-%d", i, j)
			d, err := disk.Put(ctx, []byte(name))
			if err != nil {
				b.Fatal(err)
			}
			if err := dir.AddFile(name, d, false); err != nil {
				b.Fatal(err)
			}
		}
		root, err := PutTree(ctx, disk, dir)
		if err != nil {
			b.Fatal(err)
		}
		out, err := PutOutputDir(ctx, disk, disk.dirs, "dir", root)
		if err != nil {
			b.Fatal(err)
		}
		file, err := disk.Put(ctx, fmt.Append(nil, i))
		if err != nil {
			b.Fatal(err)
		}
		r := &action.Result{Files: []action.OutputFile{{Path: "f", Digest: file}}, Dirs: []action.OutputDir{out}}
		if err := disk.PutResult(ctx, keys[i], r); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		b.StopTimer()
		at := time.Now().Add(-age)
		for _, key := range keys {
			if err := os.Chtimes(disk.path("results", key), at, at); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
		again, err := OpenDisk(disk.Dir())
		if err != nil {
			b.Fatal(err)
		}
		// As many at once as the scheduler asks for.
		var group errgroup.Group
		group.SetLimit(4 * runtime.GOMAXPROCS(0))
		for _, key := range keys {
			group.Go(func() error {
				_, err := again.GetResult(ctx, key)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}

// Whether 30,000 blobs are there, asked in a new process.
func BenchmarkMissing(b *testing.B) {
	disk, err := OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	ds := make([]digest.Digest, 30_000)
	for i := range ds {
		if ds[i], err = disk.Put(b.Context(), fmt.Append(nil, i)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		again, err := OpenDisk(disk.Dir())
		if err != nil {
			b.Fatal(err)
		}
		if missing, err := again.Missing(b.Context(), ds); err != nil || len(missing) > 0 {
			b.Fatal(missing, err)
		}
	}
}

// Content of 64 KiB, new each time.
func BenchmarkPut(b *testing.B) {
	disk, err := OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 64<<10)
	b.SetBytes(int64(len(data)))
	for i := 0; b.Loop(); i++ {
		copy(data, fmt.Sprint(i))
		if _, err := disk.Put(b.Context(), data); err != nil {
			b.Fatal(err)
		}
	}
}

// Content of 64 KiB, verified each time.
func BenchmarkGet(b *testing.B) {
	disk, err := OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	d, err := disk.Put(b.Context(), make([]byte, 64<<10))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(d.Size())
	for b.Loop() {
		if _, err := disk.Get(b.Context(), d); err != nil {
			b.Fatal(err)
		}
	}
}
