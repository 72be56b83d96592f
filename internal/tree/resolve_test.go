package tree

import (
	"errors"
	"testing"

	"github.com/cowasm/cowasm/internal/digest"
)

func TestResolve(t *testing.T) {
	s := newShelf()
	root := s.tree(t, "a/b/c", "a/up>../d", "abs>/a/b", "climb>../../a/b/c", "d/f*", "loop>loop", "dangling>none", "e/")
	tests := []struct{ path, want string }{ // want is a path without symlinks, or empty
		{".", "."},
		{"/", "."},
		{"a/b/c", "a/b/c"},
		{"/a/b/c", "a/b/c"},
		{"a//./b/../b/c/", "a/b/c"},
		{"../a", "a"},
		{"a/up", "d"},
		{"a/up/f", "d/f"},
		{"abs/c", "a/b/c"},
		{"climb", "a/b/c"},
		{"e", "e"},
		{"none", ""},
		{"a/b/c/d", ""},
		{"a/none/b", ""},
		{"loop", ""},
		{"dangling", ""},
		{"dangling/x", ""},
	}
	for _, tt := range tests {
		got, ok, err := Resolve(s.load, root, tt.path)
		if err != nil || ok != (tt.want != "") {
			t.Errorf("%s: got %v, %t, %v", tt.path, got, ok, err)
			continue
		}
		if want, _, _ := Resolve(s.load, root, tt.want); ok && got != want {
			t.Errorf("%s: got %v, want what is at %s", tt.path, got, tt.want)
		}
	}
	lost := errors.New("lost")
	if _, _, err := Resolve(func(digest.Digest) (*Directory, error) { return nil, lost }, root, "a"); !errors.Is(err, lost) {
		t.Errorf("got %v", err)
	}
}
