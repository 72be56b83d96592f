package execute_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// reader is an executor whose programs read the files that their arguments
// name, and tell what was in them. It counts.
type reader struct {
	*world
	lies bool // it does not tell what it read
}

func (r *reader) Execute(ctx context.Context, a *action.Action) (*action.Result, error) {
	r.executed.Add(1)
	res := &action.Result{Observed: []readset.Observation{}}
	root, err := r.load(a.InputRoot)
	if err != nil {
		return nil, err
	}
	for _, name := range a.Arguments {
		seen := readset.Observation{Path: name, Access: readset.Absent}
		if e, ok := root.Lookup(name); ok {
			data, err := r.disk.Get(ctx, e.Digest)
			if err != nil {
				return nil, err
			}
			seen.Access = readset.Read
			res.Stdout = append(res.Stdout, data...)
		}
		if !r.lies {
			res.Observed = append(res.Observed, seen)
		}
	}
	if strings.Contains(string(res.Stdout), "fail") {
		res.ExitCode = 1
	}
	return res, nil
}

// action returns one that reads the given files in a tree of files.
func (r *reader) action(files map[string]string, names ...string) *action.Action {
	r.t.Helper()
	b := tree.NewBuilder(nil)
	for p, content := range files {
		if err := b.AddFile(p, r.putBlob(content), false); err != nil {
			r.t.Fatal(err)
		}
	}
	root, err := store.PutTree(r.t.Context(), r.disk, b)
	if err != nil {
		r.t.Fatal(err)
	}
	return &action.Action{Executor: "toy", Arguments: names, InputRoot: root}
}

// wants executes an action and checks how its result was come by.
func (r *reader) wants(e execute.Executor, a *action.Action, stdout, how string) {
	r.t.Helper()
	before := r.executed.Load()
	res, err := e.Execute(r.t.Context(), a)
	if err != nil {
		r.t.Fatal(err)
	}
	got := "key"
	switch {
	case r.executed.Load() != before:
		got = "executed"
	case res.ByReadSet:
		got = "read set"
	}
	if string(res.Stdout) != stdout || got != how || res.Cached != (how != "executed") {
		r.t.Errorf("%q by %s, want %q by %s", res.Stdout, got, stdout, how)
	}
	if res.Observed != nil {
		r.t.Error("what was observed is kept in memory")
	}
}

func TestReadSets(t *testing.T) {
	r := &reader{world: newWorld(t)}
	sets := execute.NewReadSets(r.disk, r.load)
	e := sets.Keep(execute.Cache(sets.Find(r), r.disk))

	a := map[string]string{"a": "1", "b": "2"}
	r.wants(e, r.action(a, "a", "none"), "1", "executed")
	r.wants(e, r.action(a, "a", "none"), "1", "key")
	b := map[string]string{"a": "1", "b": "changed"}
	r.wants(e, r.action(b, "a", "none"), "1", "read set")
	r.wants(e, r.action(b, "a", "none"), "1", "key")
	r.wants(e, r.action(b, "a"), "1", "executed") // another command
	r.wants(e, r.action(map[string]string{"a": "1", "none": "3"}, "a", "none"), "13", "executed")
	r.wants(e, r.action(map[string]string{"a": "2"}, "a", "none"), "2", "executed")
	// One goes back to what was.
	r.wants(e, r.action(map[string]string{"a": "1"}, "a", "none"), "1", "read set")
	r.wants(e, r.action(map[string]string{"a": "2", "c": "4"}, "a", "none"), "2", "read set")

	// The limits are part of the question.
	limited := r.action(map[string]string{"a": "1", "d": "5"}, "a", "none")
	limited.Limits.Memory = 1 << 20
	r.wants(e, limited, "1", "executed")
}

// A failure is not found again.
func TestReadSetsFailure(t *testing.T) {
	r := &reader{world: newWorld(t)}
	e := execute.Cache(execute.NewReadSets(r.disk, r.load).Find(r), r.disk)
	r.wants(e, r.action(map[string]string{"a": "fail"}, "a"), "fail", "executed")
	r.wants(e, r.action(map[string]string{"a": "fail", "b": "1"}, "a"), "fail", "executed")
	encoded, err := r.action(nil, "a").Encode()
	must(t, err)
	if list, err := r.disk.Candidates(t.Context(), encoded.Base); err != nil || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
}

// An executor that does not tell what was read is asked each time.
func TestReadSetsUnknown(t *testing.T) {
	w := newWorld(t)
	n := 0
	e := execute.Cache(execute.NewReadSets(w.disk, w.load).Find(constant(&n, &action.Result{}, nil)), w.disk)
	r := &reader{world: w}
	for i := range 3 {
		if res, err := e.Execute(t.Context(), r.action(map[string]string{"a": fmt.Sprint(i)}, "a")); err != nil || res.Cached {
			t.Error(res, err)
		}
	}
	if n != 3 {
		t.Errorf("executed %d times", n)
	}
}

// What is lost of the store or damaged is not found, and nothing else happens.
func TestReadSetsDamage(t *testing.T) {
	for _, area := range []string{"readsets", "results", "blobs"} {
		for _, damage := range []func(p string) error{
			os.Remove,
			func(p string) error { return os.Truncate(p, 3) },
			func(p string) error {
				data, err := os.ReadFile(p)
				data[len(data)-1] ^= 1
				return errors.Join(err, os.WriteFile(p, data, 0o666))
			},
		} {
			r := &reader{world: newWorld(t)}
			fresh := func() execute.Executor {
				disk, err := store.OpenDisk(r.disk.Dir())
				if err != nil {
					t.Fatal(err)
				}
				r.disk, r.load = disk, store.Directories(disk)
				return execute.Cache(execute.NewReadSets(r.disk, r.load).Find(r), r.disk)
			}
			r.wants(fresh(), r.action(map[string]string{"a": "1"}, "a"), "1", "executed")
			err := filepath.WalkDir(filepath.Join(r.disk.Dir(), area), func(p string, e fs.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				return damage(p)
			})
			if err != nil {
				t.Fatal(err)
			}
			r.wants(fresh(), r.action(map[string]string{"a": "1", "b": "2"}, "a"), "1", "executed")
			r.wants(fresh(), r.action(map[string]string{"a": "1", "b": "3"}, "a"), "1", "read set")
		}
	}
}

// A read set of another version is none.
func TestReadSetsVersion(t *testing.T) {
	r := &reader{world: newWorld(t)}
	e := execute.Cache(execute.NewReadSets(r.disk, r.load).Find(r), r.disk)
	a := r.action(map[string]string{"a": "1"}, "a")
	r.wants(e, a, "1", "executed")
	encoded, err := a.Encode()
	must(t, err)
	old := store.Candidate{Key: encoded.Key, ReadSet: r.putBlob("cowasm-readset-0\n")}
	must(t, r.disk.AddCandidate(t.Context(), encoded.Base, old))
	r.wants(e, r.action(map[string]string{"a": "1", "b": "2"}, "a"), "1", "executed")
}

// A store that cannot be read is not one that has nothing.
func TestReadSetsBroken(t *testing.T) {
	r := &reader{world: newWorld(t)}
	_, err := execute.NewReadSets(brokenReadSets{r.disk}, r.load).Find(r).Execute(t.Context(), r.action(nil, "a"))
	if err == nil || err.Error() != "looking for its read sets: the disk is on fire" || r.executed.Load() != 0 {
		t.Errorf("%v, executed %d times", err, r.executed.Load())
	}
}

type brokenReadSets struct{ *store.Disk }

func (brokenReadSets) Candidates(context.Context, digest.Digest) ([]store.Candidate, error) {
	return nil, errors.New("the disk is on fire")
}

// With --check, a program that reads what it does not tell is found out.
func TestCheckReadSets(t *testing.T) {
	for _, lies := range []bool{false, true} {
		r := &reader{world: newWorld(t), lies: lies}
		sets := execute.NewReadSets(r.disk, r.load)
		e := execute.Check(sets.Check(r), r.disk, r.load)
		if _, err := e.Execute(t.Context(), r.action(map[string]string{"a": "1"}, "a")); err != nil {
			t.Fatal(err)
		}
		_, err := e.Execute(t.Context(), r.action(map[string]string{"a": "2"}, "a"))
		want := ""
		if lies {
			want = "not a function of what it was seen to read: with other inputs that it did not read, it gave something else for stdout"
		}
		if got := fmt.Sprint(err); err != nil && got != want || err == nil && lies {
			t.Errorf("lies: %v, got %v", lies, err)
		}
		// What was executed under --check can be found.
		found := execute.Cache(sets.Find(r), r.disk)
		r.wants(found, r.action(map[string]string{"a": "1", "b": "3"}, "a"), "1", "read set")
	}
}

// A build whose source tree is one input executes only what read the file that
// was edited.
func TestReadSetsInBuild(t *testing.T) {
	w := newWorld(t)
	r := &reader{world: w}
	sets := execute.NewReadSets(w.disk, w.load)
	opts := w.options()
	opts.Executor = execute.Cache(sets.Find(execute.Dedup(r)), w.disk)
	var sources, roots []*action.Artifact
	for i := range 5 {
		sources = append(sources, w.source(fmt.Sprint("s", i), fmt.Sprint(i)))
	}
	for i := range 5 {
		out := w.step(fmt.Sprint("s", i), sources...)
		out.Producer.Outputs = nil
		roots = append(roots, out)
	}
	build := func() (keys []string, executed int) {
		t.Helper()
		o, err := execute.Run(t.Context(), opts, roots)
		must(t, err)
		for _, f := range o.Failures {
			t.Fatal(f)
		}
		for _, f := range o.Steps {
			if _, err := w.disk.GetResult(t.Context(), f.Key); err != nil {
				t.Error("a result is not stored under its key")
			}
			keys = append(keys, string(f.Result.Stdout))
		}
		return keys, o.Executed
	}
	if _, n := build(); n != 5 {
		t.Errorf("executed %d", n)
	}
	w.source("s3", "edited")
	if said, n := build(); n != 1 || !strings.Contains(strings.Join(said, " "), "edited") {
		t.Errorf("executed %d, which said %v", n, said)
	}
	w.source("s5", "no input")
	if _, n := build(); n != 0 {
		t.Errorf("executed %d", n)
	}
}

func TestLogByReadSet(t *testing.T) {
	r := &reader{world: newWorld(t)}
	var text strings.Builder
	log := execute.NewLog(&text)
	e := log.Record(execute.Cache(execute.NewReadSets(r.disk, r.load).Find(r), r.disk))
	for _, content := range []string{"1", "2", "2"} {
		_, err := e.Execute(t.Context(), r.action(map[string]string{"a": "1", "b": content}, "a"))
		must(t, err)
	}
	var got []string
	for line := range strings.Lines(text.String()) {
		got = append(got, fmt.Sprint(strings.Contains(line, `"cached":true`), strings.Contains(line, `"by_read_set":true`)))
	}
	if diff := cmp.Diff([]string{"false false", "true true", "true false"}, got); diff != "" {
		t.Error(diff)
	}
}
