package builtin

import (
	"fmt"
	"path"

	"github.com/bmatcuk/doublestar/v4"
)

// A selection says which paths of a tree are wanted. A glob that matches a
// directory stands for all that is in it; "**" matches any number of parts of a
// path. What is both included and excluded is not wanted.
type selection struct {
	include []string // everything if empty
	exclude []string
}

func newSelection(include, exclude []string) (selection, error) {
	for _, globs := range [][]string{include, exclude} {
		for _, g := range globs {
			if !doublestar.ValidatePattern(g) {
				return selection{}, fmt.Errorf("%q is not a valid glob", g)
			}
		}
	}
	return selection{include, exclude}, nil
}

func (s selection) has(p string) bool {
	return (len(s.include) == 0 || matches(s.include, p)) && !matches(s.exclude, p)
}

// matches reports whether one of globs matches p or a directory that p is in.
func matches(globs []string, p string) bool {
	for ; p != "."; p = path.Dir(p) {
		for _, g := range globs {
			if doublestar.MatchUnvalidated(g, p) {
				return true
			}
		}
	}
	return false
}
