package execute_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// All actions see a source as it was when it was read first, and the user is
// told that it has changed since.
func TestSourceChanges(t *testing.T) {
	w := newWorld(t)
	x := w.source("x", "old")
	a := w.step("a", x)
	b := w.step("b", x, a)
	w.before = func(_ context.Context, s *action.Action) (*action.Result, error) {
		if s.Arguments[0] == "a" {
			w.source("x", "newer")
		}
		return nil, nil
	}
	sink := &recorder{}
	opts := w.options()
	opts.Events = sink
	o, err := execute.Run(t.Context(), opts, []*action.Artifact{b})
	if err != nil || len(o.Failures) > 0 {
		t.Fatal(err, o.Failures)
	}
	if got := w.content(o, b); got != "b(a(old)old)" {
		t.Errorf("got %s", got)
	}
	warning := event.Warning{Message: "source file x was changed during the build; what was built is from before"}
	if last := sink.events[len(sink.events)-1]; last != event.Event(warning) {
		t.Errorf("the last event is %v", last)
	}
	if o := w.run(b); w.content(o, b) != "b(a(newer)newer)" {
		t.Errorf("got %s", w.content(o, b))
	}
}

// Whatever is damaged in the store while a build runs is made again.
func TestDamageDuringBuild(t *testing.T) {
	for _, kind := range []string{"source", "output", "directory"} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t)
			x := w.source("x", "source")
			a := w.step("a", x)
			b := w.step("b", a, x)
			damaged := false
			w.before = func(ctx context.Context, s *action.Action) (*action.Result, error) {
				if s.Arguments[0] != "b" || damaged {
					return nil, nil
				}
				damaged = true
				d := map[string]digest.Digest{
					"source":    digest.Of([]byte("source")),
					"output":    digest.Of([]byte("a(source)")),
					"directory": s.InputRoot,
				}[kind]
				p := filepath.Join(w.disk.Dir(), "blobs", d.Hash()[:2], d.Hash())
				data, err := os.ReadFile(p)
				if err != nil {
					return nil, err
				}
				data[0] ^= 1
				return nil, os.WriteFile(p, data, 0o666)
			}
			o := w.run(b)
			if got := w.content(o, b); !damaged || got != "b(a(source)source)" {
				t.Errorf("got %s", got)
			}
			if diff := cmp.Diff([]string{"a", "b"}, names(o)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A file of an output directory that is lost unnoticed is made again as soon as
// somebody misses it, even if that is another process.
func TestLossInDirectory(t *testing.T) {
	w := newWorld(t)
	made := 0
	w.before = func(ctx context.Context, a *action.Action) (*action.Result, error) {
		other, err := store.OpenDisk(w.disk.Dir())
		if err != nil || a.Arguments[0] != "dir" {
			if err == nil {
				_, err = other.Get(ctx, digest.Of([]byte("file")))
			}
			return nil, err
		}
		made++
		b := tree.NewBuilder(w.load)
		if err := b.AddFile("sub/file", w.putBlob("file"), false); err != nil {
			return nil, err
		}
		root, err := store.PutTree(ctx, w.disk, b)
		if err != nil {
			return nil, err
		}
		dir, err := store.PutOutputDir(ctx, w.disk, w.load, "out/dir", root)
		return &action.Result{Dirs: []action.OutputDir{dir}}, err
	}
	dir := w.step("dir")
	dir.Directory = true
	w.run(dir)

	d := digest.Of([]byte("file"))
	must(t, os.Remove(filepath.Join(w.disk.Dir(), "blobs", d.Hash()[:2], d.Hash())))
	disk, err := store.OpenDisk(w.disk.Dir())
	must(t, err)
	w.disk, w.load = disk, store.Directories(disk)
	user := w.step("user", dir)
	if o := w.run(user); w.content(o, user) != "user(file)" || made != 2 {
		t.Errorf("got %s, the directory was made %d times", w.content(o, user), made)
	}
}

// What stays lost fails, and does not go on for ever.
func TestLostForGood(t *testing.T) {
	w := newWorld(t)
	w.before = func(context.Context, *action.Action) (*action.Result, error) {
		return nil, fmt.Errorf("reading: %w", &store.NotFoundError{Digest: digest.Of([]byte("x"))})
	}
	o, err := execute.Run(t.Context(), w.options(), []*action.Artifact{w.step("a", w.source("x", "1"))})
	if err != nil || len(o.Failures) != 1 {
		t.Fatal(err, o.Failures)
	}
	var notFound *store.NotFoundError
	if !errors.As(o.Failures[0], &notFound) {
		t.Errorf("got %v", o.Failures[0])
	}
	if n := w.executed.Load(); n > 10 {
		t.Errorf("it was tried %d times", n)
	}
}

// A source that got lost in the store and has changed on the host cannot be
// had again as it was.
func TestSourceLostAndChanged(t *testing.T) {
	w := newWorld(t)
	x := w.source("x", "old")
	w.before = func(_ context.Context, a *action.Action) (*action.Result, error) {
		d := digest.Of([]byte("old"))
		w.source("x", "newer")
		return nil, os.Remove(filepath.Join(w.disk.Dir(), "blobs", d.Hash()[:2], d.Hash()))
	}
	o, err := execute.Run(t.Context(), w.options(), []*action.Artifact{w.step("a", x)})
	if err != nil || len(o.Failures) != 1 {
		t.Fatal(err, o.Failures)
	}
	want := "//p:a: Toy: source file x was changed during the build; build again"
	if got := o.Failures[0].Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
