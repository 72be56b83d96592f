package readset_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/tree"
)

// A forest holds directories. It counts how often one is loaded.
type forest struct {
	dirs   map[digest.Digest]*tree.Directory
	loaded int
}

func newForest() *forest { return &forest{dirs: map[digest.Digest]*tree.Directory{}} }

func (f *forest) load(d digest.Digest) (*tree.Directory, error) {
	f.loaded++
	if dir, ok := f.dirs[d]; ok {
		return dir, nil
	}
	return nil, fmt.Errorf("%s is not in the forest", d)
}

// tree adds a tree: a content that starts with "->" is the target of a symlink,
// one that starts with "!" that of an executable, and "/" stands for a
// directory with nothing in it.
func (f *forest) tree(t testing.TB, files map[string]string) digest.Digest {
	t.Helper()
	b := tree.NewBuilder(nil)
	for p, content := range files {
		var err error
		if target, ok := strings.CutPrefix(content, "->"); ok {
			err = b.AddSymlink(p, target)
		} else if content == "/" {
			err = b.AddDir(p)
		} else {
			err = b.AddFile(p, digest.Of([]byte(content)), strings.HasPrefix(content, "!"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	root, err := b.Build(func(data []byte) error {
		dir, err := tree.Decode(data)
		f.dirs[digest.Of(data)] = dir
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// edited returns files with changes: nil stands for removal.
func edited(files map[string]string, changes map[string]any) map[string]string {
	after := map[string]string{}
	for p, content := range files {
		after[p] = content
	}
	for p, content := range changes {
		if content == nil {
			delete(after, p)
		} else {
			after[p] = content.(string)
		}
	}
	return after
}

// everything has each kind of entry at several depths.
var everything = map[string]string{
	"a/b/f": "text", "a/b/g": "other", "a/exe": "!run", "a/l": "->b", "d/e/x": "1", "d/y": "2", "void": "/",
}

func TestMatches(t *testing.T) {
	type edit = map[string]any
	tests := []struct {
		path   string
		access readset.Access
		same   []edit // after which the program sees the same
		other  []edit // after which it does not
	}{
		{"a/b/f", readset.Looked,
			[]edit{{"a/b/f": "text"}, {"a/b/f": "TEXT"}, {"a/b/f": "!ext"}, {"a/b/h": "new"}, {"a/b/g": nil}, {"a/l": nil}},
			[]edit{{"a/b/f": "longer"}, {"a/b/f": nil}, {"a/b/f": "->x"}, {"a/b/f": "/"}, {"a/b/f": nil, "a/b/f/x": "1"}, {"a/b/f": nil, "a/b/g": nil}}},
		{"a/b/f", readset.Looked | readset.Read,
			[]edit{{"a/b/g": "changed"}, {"d/y": nil}, {"a/exe": nil}},
			[]edit{{"a/b/f": "TEXT"}, {"a/b/f": nil}, {"a/b/f": "->g"}, {"a/b/f": "/"}, {"a/b/f": nil, "a/b/g": nil, "a/b": "file"}}},
		{"a/exe", readset.Read,
			[]edit{{"a/b/g": "changed"}},
			[]edit{{"a/exe": "!changed"}, {"a/exe": "run!"}}},
		{"a/l", readset.Looked,
			[]edit{{"a/b/f": "changed"}, {"a/b/f": nil, "a/b/g": nil}},
			[]edit{{"a/l": "->c"}, {"a/l": "b"}, {"a/l": nil}, {"a/l": "/"}}},
		{"a/b", readset.Looked,
			[]edit{{"a/b/f": nil}, {"a/b/h": "1"}, {"a/b/f": nil, "a/b/g": nil, "a/b/n": "1"}},
			[]edit{{"a/b/f": nil, "a/b/g": nil}, {"a/b/f": nil, "a/b/g": nil, "a/b": "f"}, {"a/b/f": nil, "a/b/g": nil, "a/b": "->d"}}},
		{"d", readset.Looked | readset.Listed,
			[]edit{{"d/y": "changed"}, {"d/e/x": nil, "d/e/z": "3"}, {"d/y": "!2"}},
			[]edit{{"d/y": nil}, {"d/z": "3"}, {"d/e/x": nil}, {"d/y": "->e"}, {"d/y": nil, "d/y/x": "1"}, {"d/y": nil, "d/Y": "2"}}},
		{"void", readset.Listed,
			[]edit{{"d/y": nil}},
			[]edit{{"void/x": "1"}, {"void": nil}}},
		{"", readset.Listed,
			[]edit{{"a/b/f": "changed"}},
			[]edit{{"new": "1"}, {"void": nil}, {"void": "file"}}},
		{"a/none", readset.Absent,
			[]edit{{"a/other": "1"}, {"a/b/none": "1"}, {"none": "1"}},
			[]edit{{"a/none": "1"}, {"a/none/x": "1"}, {"a/none": "->b"}, {"a/none": "/"},
				// The directory in which it was not found must be there, too.
				{"a/b/f": nil, "a/b/g": nil, "a/exe": nil, "a/l": nil}}},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			f := newForest()
			before := f.tree(t, everything)
			set, err := readset.New(f.load, before, []readset.Observation{{Path: tt.path, Access: tt.access}})
			if err != nil {
				t.Fatal(err)
			}
			if set, err = readset.Decode(set.Encode()); err != nil {
				t.Fatal(err)
			}
			check := func(e edit, want bool) {
				t.Helper()
				after := f.tree(t, edited(everything, e))
				if got, err := set.Matches(f.load, after); err != nil || got != want {
					t.Errorf("after %v it matches: %v, want %v; %v", e, got, want, err)
				}
				if list, err := set.Differences(f.load, after); err != nil || (len(list) == 0) != want {
					t.Errorf("after %v there are the differences %v; %v", e, list, err)
				}
			}
			check(nil, true)
			for _, e := range tt.same {
				check(e, true)
			}
			for _, e := range tt.other {
				check(e, false)
			}
		})
	}
}

// What cannot have been observed is an error.
func TestNewRefuses(t *testing.T) {
	f := newForest()
	root := f.tree(t, everything)
	for _, o := range []readset.Observation{
		{Path: "none", Access: readset.Looked},
		{Path: "none/x", Access: readset.Absent},
		{Path: "a/b/f", Access: readset.Absent},
		{Path: "a/b/f", Access: readset.Listed},
		{Path: "a/b/f/x", Access: readset.Absent},
		{Path: "a/b", Access: readset.Read},
		{Path: "a/l", Access: readset.Read},
		{Path: "a/l/f", Access: readset.Looked},
		{Path: "a/l", Access: readset.Looked | readset.Absent},
	} {
		if _, err := readset.New(f.load, root, []readset.Observation{o}); err == nil {
			t.Errorf("no error for %v", o)
		}
	}
	if _, err := readset.New(f.load, digest.Of([]byte("no tree")), nil); err == nil {
		t.Error("no error for a tree that is not there")
	}
}

// Only what changed is looked at, and nothing after the first difference.
func TestMatchesIsLazy(t *testing.T) {
	f := newForest()
	files := map[string]string{}
	var seen []readset.Observation
	for i := range 10 {
		p := fmt.Sprintf("%d/x/f", i)
		files[p] = "text"
		seen = append(seen, readset.Observation{Path: p, Access: readset.Read})
	}
	set, err := readset.New(f.load, f.tree(t, files), seen)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		edit   map[string]any
		same   bool
		loaded int // directories
	}{
		{nil, true, 0},
		{map[string]any{"5/x/g": "new"}, true, 3},
		{map[string]any{"2/x/f": "new", "5/x/f": "new"}, false, 3},
	} {
		after := f.tree(t, edited(files, tt.edit))
		f.loaded = 0
		same, err := set.Matches(f.load, after)
		if err != nil || same != tt.same || f.loaded != tt.loaded {
			t.Errorf("after %v it matches: %v, %v, with %d directories loaded, want %d", tt.edit, same, err, f.loaded, tt.loaded)
		}
	}
	if _, err := set.Matches(f.load, digest.Of([]byte("no tree"))); err == nil {
		t.Error("no error for a tree that is not there")
	}
}
