package vfs_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/tree"
)

// TestRecordIsComplete runs random programs on random trees, and again on every
// tree, edited at random, in which by the record of the first run they should
// see the same: then all that can be seen of them must be the same.
func TestRecordIsComplete(t *testing.T) {
	rounds := uint64(3000)
	if testing.Short() {
		rounds = 300
	}
	same, other := 0, 0
	for seed := range rounds {
		rng := rand.New(rand.NewPCG(seed, 1))
		w := &wood{store: blobs{}, rng: rng}
		before := w.tree(2)
		root := w.plant(t, before)
		first, fs := (&program{seed: seed}).run(t, w.store, root)
		if first == refused {
			continue
		}
		set, err := readset.New(w.load, root, fs.Observations())
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, first)
		}
		for range 20 {
			after := w.edit(before)
			edited := w.plant(t, after)
			matches, err := set.Matches(w.load, edited)
			if err != nil {
				t.Fatal(err)
			}
			if !matches {
				other++
				continue
			}
			if edited == root {
				continue
			}
			same++
			if second, _ := (&program{seed: seed}).run(t, w.store, edited); second != first {
				t.Fatalf("seed %d: in\n\t%v\nthe program did\n%sand in\n\t%v, where it should see the same,\n%s", seed, before, first, after, second)
			}
		}
	}
	if same < int(rounds) || other < int(rounds) {
		t.Errorf("only %d edits went unseen, and %d were seen", same, other)
	}
}

// names are few, so that programs and edits meet.
var names = []string{"a", "b", "c", "out", "tmp"}

// A wood makes random trees.
type wood struct {
	store blobs
	rng   *rand.Rand
}

func (w *wood) load(d digest.Digest) (*tree.Directory, error) {
	data, err := w.store.Get(context.Background(), d)
	if err != nil {
		return nil, err
	}
	return tree.Decode(data)
}

// A plant is an entry of a tree: a directory if it has kids, and otherwise a
// file or, with a target, a symlink.
type plant struct {
	kids       map[string]plant
	content    string
	executable bool
	target     string
}

func (w *wood) tree(depth int) plant {
	p := plant{kids: map[string]plant{}}
	for _, name := range names[:3] {
		if w.rng.IntN(3) > 0 {
			p.kids[name] = w.entry(depth - 1)
		}
	}
	if w.rng.IntN(8) == 0 {
		p.kids["out"] = w.entry(depth - 1)
	}
	return p
}

func (w *wood) entry(depth int) plant {
	switch n := w.rng.IntN(8); {
	case n < 4 && depth >= 0:
		return w.tree(depth)
	case n == 4:
		return plant{target: []string{"a", "../b", "/c", "b/c", "..", "none"}[w.rng.IntN(6)]}
	}
	return plant{content: []string{"", "x", "y", "long"}[w.rng.IntN(4)], executable: w.rng.IntN(2) == 0}
}

// edit returns a tree like p, changed in one place.
func (w *wood) edit(p plant) plant {
	after := plant{kids: map[string]plant{}}
	for name, k := range p.kids {
		after.kids[name] = k
	}
	name := names[w.rng.IntN(len(names))]
	switch k, ok := p.kids[name]; {
	case ok && k.kids != nil && w.rng.IntN(4) > 0:
		after.kids[name] = w.edit(k)
	case ok && k.kids == nil && k.target == "" && w.rng.IntN(2) == 0:
		after.kids[name] = plant{content: []string{"x", "y"}[w.rng.IntN(2)], executable: w.rng.IntN(2) == 0}
	case ok && w.rng.IntN(2) == 0:
		delete(after.kids, name)
	default:
		after.kids[name] = w.entry(1)
	}
	return after
}

// plant stores a tree.
func (w *wood) plant(t *testing.T, p plant) digest.Digest {
	t.Helper()
	b := tree.NewBuilder(nil)
	var add func(at string, p plant) error
	add = func(at string, p plant) error {
		switch {
		case p.kids != nil:
			for name, k := range p.kids {
				if err := add(strings.TrimPrefix(at+"/"+name, "/"), k); err != nil {
					return err
				}
			}
			return b.AddDir(max(at, "."))
		case p.target != "":
			return b.AddSymlink(at, p.target)
		}
		d, _ := w.store.put([]byte(p.content))
		return b.AddFile(at, d, p.executable)
	}
	if err := add("", p); err != nil {
		t.Fatal(err)
	}
	root, err := b.Build(func(data []byte) error { _, err := w.store.put(data); return err })
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// refused is the transcript of a program whose outputs are in the way of inputs.
const refused = "refused\n"

// A program does random things. What it does next depends on the seed and on
// all that it has seen so far.
type program struct {
	seed uint64
	fs   *vfs.FS
	dirs []*vfs.Node // that it has opened
	seen strings.Builder
}

// run runs a program as an action, and returns all that it saw and made.
func (p *program) run(t *testing.T, store blobs, root digest.Digest) (string, *vfs.FS) {
	t.Helper()
	fs, err := vfs.New(context.Background(), vfs.NewCache(store, 1<<20), root, vfs.Limits{Written: 40, Files: 9})
	if err != nil {
		t.Fatal(err)
	}
	p.fs, p.dirs = fs, []*vfs.Node{fs.Root()}
	if fs.Prepare("tmp", true) != nil || fs.PrepareNull("b/null") != nil {
		return refused, nil
	}
	for _, out := range []string{"out/f", "out/a/d"} {
		if taken, err := fs.HasInput(out); taken || err != nil {
			return refused, nil
		}
	}
	if fs.Prepare("out", true) != nil || fs.Prepare("out/a/d", false) != nil {
		return refused, nil
	}
	for range 2 + p.seed%10 {
		p.step()
	}
	entry, err := fs.OutputFile("out/f", store.put)
	p.tell("out/f", entry, err)
	made, packed, err := fs.OutputDir("out/a/d", store.put)
	p.tell("out/a/d", made, packed, err)
	p.tell("left", fs.Additions(func(string) bool { return false }), fs.Exceeded(), fs.Fault())
	return p.seen.String(), fs
}

func (p *program) tell(what string, values ...any) {
	fmt.Fprintln(&p.seen, what, fmt.Sprintf("%v", values))
}

func (p *program) step() {
	h := fnv.New64()
	h.Write([]byte(p.seen.String()))
	rng := rand.New(rand.NewPCG(p.seed, h.Sum64()))
	path := func() string {
		if rng.IntN(4) == 0 {
			return []string{"out/f", "/out/f", "out/a/d", "/out/a/d/b", "b/null", "tmp/a", "a/" + strings.Repeat("n", 256)}[rng.IntN(7)]
		}
		s := []string{"", "", "", "/"}[rng.IntN(4)]
		for range 1 + rng.IntN(3) {
			s += append(names, ".", "..", "..")[rng.IntN(len(names)+3)] + "/"
		}
		if rng.IntN(8) > 0 {
			s = strings.TrimSuffix(s, "/")
		}
		return s
	}
	at, x, y := p.dirs[rng.IntN(len(p.dirs))], path(), path()
	follow := rng.IntN(2) == 0
	switch rng.IntN(12) {
	case 0, 1:
		n, err := p.fs.Lookup(at, x, follow)
		p.tell("stat "+x, err)
		if err == errno.OK {
			p.tell("is", n.Stat())
		}
	case 2, 3, 4:
		p.open(at, x, vfs.OpenFlag(rng.IntN(64)))
	case 5:
		target, err := p.fs.Readlink(at, x)
		p.tell("readlink "+x, target, err)
	case 6:
		p.tell("mkdir "+x, p.fs.Mkdir(at, x))
	case 7:
		p.tell("symlink "+x+" "+y, p.fs.Symlink(x, at, y))
	case 8:
		if rng.IntN(2) == 0 {
			y = "/out/f"
		}
		p.tell("link "+x+" "+y, p.fs.Link(at, x, follow, at, y))
	case 9:
		p.tell("rm "+x, p.fs.Unlink(at, x), p.fs.Rmdir(at, x))
	case 10:
		p.tell("mv "+x+" "+y, p.fs.Rename(at, x, at, y))
	case 11:
		n, err := p.fs.Lookup(at, x, follow)
		p.tell("touch "+x, err)
		if err == errno.OK {
			now := uint64(1)
			p.tell("touched", n.SetTimes(&now, nil))
		}
	}
}

// open opens a file or directory and uses it.
func (p *program) open(at *vfs.Node, x string, flags vfs.OpenFlag) {
	n, err := p.fs.Open(at, x, flags)
	p.tell("open "+x, flags, err)
	if err != errno.OK {
		return
	}
	if n.Kind() == tree.Dir {
		p.dirs = append(p.dirs, n) // and never closed
		if flags&vfs.Truncate == 0 {
			entries, err := n.List()
			p.tell("list", entries, err)
		}
		return
	}
	defer n.Close()
	if flags&vfs.Write != 0 {
		p.tell("write", n.WriteAt([]byte("written"), n.Stat().Size))
	} else {
		buf := make([]byte, 10)
		got, err := n.ReadAt(buf, 0)
		p.tell("read", string(buf[:got]), err)
	}
}
