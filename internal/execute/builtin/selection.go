package builtin

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/cowasm/cowasm/internal/diag"
)

// A selection says which paths of a tree are wanted. A glob that matches a
// directory stands for all that is in it; "**" matches any number of parts of a
// path. What is both included and excluded is not wanted.
type selection struct {
	include  []string // everything if this and optional are empty
	optional []string // included too, but need not match anything
	exclude  []string

	used map[string]bool // globs that have matched
	seen map[string]bool // paths that were asked about, and the directories that they are in
}

// newSelection returns the selection of the flags --include, --optional and
// --exclude.
func newSelection(flags map[string][]string) (*selection, error) {
	s := &selection{
		include:  flags["include"],
		optional: flags["optional"],
		exclude:  flags["exclude"],
		used:     map[string]bool{},
		seen:     map[string]bool{},
	}
	for _, g := range slices.Concat(s.include, s.optional, s.exclude) {
		if !doublestar.ValidatePattern(g) {
			return nil, fmt.Errorf("%q is not a valid glob", g)
		}
	}
	return s, nil
}

// has reports whether p is wanted.
func (s *selection) has(p string) bool {
	for dir := p; dir != "." && !s.seen[dir]; dir = path.Dir(dir) {
		s.seen[dir] = true
	}
	included := len(s.include) == 0 && len(s.optional) == 0
	included = s.match(s.include, p) || s.match(s.optional, p) || included
	return !s.match(s.exclude, p) && included
}

// match reports whether one of globs matches p or a directory that p is in, and
// notes which do.
func (s *selection) match(globs []string, p string) bool {
	found := false
	for _, g := range globs {
		if (!found || !s.used[g]) && matches(g, p) {
			found, s.used[g] = true, true
		}
	}
	return found
}

func matches(glob, p string) bool {
	for ; p != "."; p = path.Dir(p) {
		if doublestar.MatchUnvalidated(glob, p) {
			return true
		}
	}
	return false
}

// check returns an error if one of the globs that must match something has not.
func (s *selection) check() error {
	for _, g := range slices.Concat(s.include, s.exclude) {
		if s.used[g] {
			continue
		}
		err := diag.Errorf(diag.Position{}, "nothing matches %q", g)
		if near := s.near(g); near != "" {
			return err.WithHint("there is %s", near)
		}
		return err
	}
	return nil
}

// near returns the path that comes nearest to what a glob names where it leaves
// what there is, or the empty string.
func (s *selection) near(glob string) string {
	paths := slices.Sorted(maps.Keys(s.seen))
	parts := strings.Split(glob, "/")
	for i, part := range parts {
		parent := strings.Join(parts[:i], "/")
		var names []string
		where := map[string]string{}
		for _, p := range paths {
			dir := path.Dir(p)
			if i == 0 && dir == "." || i > 0 && doublestar.MatchUnvalidated(parent, dir) {
				if doublestar.MatchUnvalidated(part, path.Base(p)) {
					names = nil
					break
				}
				names = append(names, path.Base(p))
				where[path.Base(p)] = p
			}
		}
		if names != nil {
			return where[diag.Nearest(part, names)]
		}
	}
	return ""
}
