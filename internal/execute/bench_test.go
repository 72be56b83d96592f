package execute_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/readset"
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

// Compilations of a tree of 2,000 files in 40 directories, of which each reads
// 300: finding 300 of them after an edit of a file that none reads, in a new
// process, and storing what each has read.
func BenchmarkReadSets(b *testing.B) {
	r := &reader{world: newWorld(b)}
	files := map[string]string{}
	names := make([]string, 2000)
	for i := range names {
		names[i] = fmt.Sprintf("src/directory%02d/header%d.h", i/50, i)
		files[names[i]] = fmt.Sprint("content ", i)
	}
	const actions = 300
	build := func(b *testing.B, root digest.Digest, decorate func(*execute.ReadSets, execute.Executor) execute.Executor) (cached int) {
		disk, err := store.OpenDisk(r.disk.Dir())
		if err != nil {
			b.Fatal(err)
		}
		sets := execute.NewReadSets(disk, store.Directories(disk))
		seen := make([]readset.Observation, 300)
		for i := range actions {
			for j := range seen {
				seen[j] = readset.Observation{Path: names[(i+j*6)%1999], Access: readset.Read}
			}
			inner := execute.Func(func(context.Context, *action.Action) (*action.Result, error) {
				return &action.Result{Observed: seen}, nil
			})
			a := &action.Action{Executor: "toy", Arguments: []string{fmt.Sprint(i)}, InputRoot: root}
			res, err := decorate(sets, inner).Execute(b.Context(), a)
			if err != nil {
				b.Fatal(err)
			}
			if res.Cached {
				cached++
			}
		}
		return cached
	}
	edits := 0
	edit := func() digest.Digest {
		edits++
		files[names[1999]] = fmt.Sprint("edit ", edits)
		return r.action(files).InputRoot
	}
	find := func(sets *execute.ReadSets, inner execute.Executor) execute.Executor {
		return execute.Cache(sets.Find(inner), r.disk)
	}
	build(b, edit(), find)
	b.Run("find", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			root := edit()
			b.StartTimer()
			if n := build(b, root, find); n != actions {
				b.Fatalf("%d were found", n)
			}
		}
	})
	b.Run("store", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			if err := os.RemoveAll(filepath.Join(r.disk.Dir(), "readsets")); err != nil {
				b.Fatal(err)
			}
			root := edit()
			b.StartTimer()
			build(b, root, find)
		}
	})
	b.Run("without", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			root := edit()
			b.StartTimer()
			build(b, root, func(_ *execute.ReadSets, inner execute.Executor) execute.Executor {
				return execute.Cache(inner, r.disk)
			})
		}
	})
}
