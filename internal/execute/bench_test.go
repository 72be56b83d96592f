package execute_test

import (
	"fmt"
	"testing"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/store"
)

// A build of 1,500 steps that has nothing to do, in a new process: 30 libraries
// of 49 objects, each with a source of its own and 20 shared headers.
func BenchmarkNoop(b *testing.B) {
	w := newWorld(b)
	headers := make([]*action.Artifact, 20)
	for i := range headers {
		headers[i] = w.source(fmt.Sprintf("h%d", i), "header")
	}
	var roots []*action.Artifact
	for i := range 30 {
		var objects []*action.Artifact
		for j := range 49 {
			name := fmt.Sprintf("%d-%d", i, j)
			objects = append(objects, w.step(name, append(headers, w.source(name, name))...))
		}
		roots = append(roots, w.step(fmt.Sprintf("lib%d", i), objects...))
	}
	w.run(roots...)
	for b.Loop() {
		disk, err := store.OpenDisk(w.disk.Dir())
		if err != nil {
			b.Fatal(err)
		}
		w.disk, w.load = disk, store.Directories(disk)
		if o := w.run(roots...); o.Cached != 1500 {
			b.Fatalf("%d cached", o.Cached)
		}
	}
}
