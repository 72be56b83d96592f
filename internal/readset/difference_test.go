package readset_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/readset"
)

// Each path that is another is told once, with what it was and is.
func TestDifferences(t *testing.T) {
	f := newForest()
	before := f.tree(t, everything)
	set, err := readset.New(f.load, before, []readset.Observation{
		{Path: "a/b/f", Access: readset.Read},
		{Path: "a/b/g", Access: readset.Looked},
		{Path: "a/b/none", Access: readset.Absent},
		{Path: "a/exe", Access: readset.Read},
		{Path: "a/l", Access: readset.Looked},
		{Path: "d", Access: readset.Listed},
		{Path: "d/e/x", Access: readset.Read},
		{Path: "void", Access: readset.Looked},
	})
	if err != nil {
		t.Fatal(err)
	}
	content := func(text string) string { return digest.Of([]byte(text)).String() }
	for _, test := range []struct {
		name  string
		edits map[string]any
		want  []readset.Difference
	}{
		{"nothing", nil, nil},
		{"not seen", map[string]any{"d/y": "changed"}, nil},
		{"content", map[string]any{"a/b/f": "TEXT"}, []readset.Difference{{Path: "a/b/f", Was: "file " + content("text"), Is: "file " + content("TEXT")}}},
		{"several", map[string]any{"a/b/g": "longer than it was", "a/b/none": "1", "a/l": nil}, []readset.Difference{
			{Path: "a/b/g", Was: "a file of 5 bytes", Is: "a file of 18 bytes"},
			{Path: "a/b/none", Was: "not there", Is: "file " + content("1")},
			{Path: "a/l", Was: "a link to b", Is: "not there"},
		}},
		{"kinds", map[string]any{"a/exe": "run", "a/l": "->c", "void": "file"}, []readset.Difference{
			{Path: "a/exe", Was: "executable " + content("!run"), Is: "file " + content("run")},
			{Path: "a/l", Was: "a link to b", Is: "a link to c"},
			{Path: "void", Was: "a directory", Is: "file " + content("file")},
		}},
		{"names and what is below", map[string]any{"d/new": "1", "d/e/x": "other"}, []readset.Difference{
			{Path: "d", Was: "a directory", Is: "a directory of other names"},
			{Path: "d/e/x", Was: "file " + content("1"), Is: "file " + content("other")},
		}},
		{"a directory that is gone", map[string]any{"a/b/f": nil, "a/b/g": nil}, []readset.Difference{{Path: "a/b", Was: "a directory", Is: "not there"}}},
	} {
		got, err := set.Differences(f.load, f.tree(t, edited(everything, test.edits)))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
	if _, err := set.Differences(f.load, digest.Of([]byte("no tree"))); err == nil {
		t.Error("no error for a tree that is not there")
	}
}
