package store

import (
	"fmt"
	"testing"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
)

// What a build that has nothing to do asks of the store: 1,000 results that
// name 30,000 files, in a new process.
func BenchmarkNoop(b *testing.B) {
	ctx := b.Context()
	disk, err := OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	keys := make([]digest.Digest, 1000)
	for i := range keys {
		keys[i] = digest.Of(fmt.Append(nil, "key ", i))
		r := &action.Result{}
		for j := range 30 {
			name := fmt.Sprintf("f%d-%d", i, j)
			d, err := disk.Put(ctx, []byte(name))
			if err != nil {
				b.Fatal(err)
			}
			r.Files = append(r.Files, action.OutputFile{Path: name, Digest: d})
		}
		if err := disk.PutResult(ctx, keys[i], r); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		again, err := OpenDisk(disk.Dir())
		if err != nil {
			b.Fatal(err)
		}
		for _, key := range keys {
			if _, err := again.GetResult(ctx, key); err != nil {
				b.Fatal(err)
			}
		}
	}
}
