package label

import (
	"fmt"
	"strings"
)

// A Pattern matches targets. Its textual forms are those of Bazel:
//
//	//a/b:c     one target
//	//a/b       the target of the package's own name
//	//a/b:all   all targets of one package (also :*)
//	//a/...     all targets of all packages at or below //a
//	-PATTERN    none of those that PATTERN matches
type Pattern struct {
	Negative  bool
	Label     Label // Name is empty if every target of the package matches
	Recursive bool  // packages below Label.Package match too
}

// ParsePattern parses a pattern; a relative one is taken to be in package pkg.
func ParsePattern(s, pkg string) (Pattern, error) {
	var p Pattern
	text := s
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		p.Negative, text = true, rest
	}
	dir, name, hasName := strings.Cut(text, ":")
	if dir == "..." || strings.HasSuffix(dir, "/...") {
		if hasName && name != "all" && name != "*" {
			return p, fmt.Errorf("pattern %q: only :all may follow /...", s)
		}
		p.Recursive = true
		dir = strings.TrimSuffix(strings.TrimSuffix(dir, "..."), "/")
		if rest, ok := strings.CutPrefix(dir, "//"); ok {
			dir = rest
		} else if dir == "/" {
			dir = ""
		} else {
			dir = join(pkg, dir)
		}
		p.Label.Package = dir
		if err := checkPackage(dir); err != nil {
			return p, fmt.Errorf("pattern %q: %w", s, err)
		}
		return p, nil
	}
	if hasName && (name == "all" || name == "*") {
		p.Label.Package = pkg
		if dir != "" {
			rest, ok := strings.CutPrefix(dir, "//")
			if !ok {
				rest = join(pkg, dir)
			}
			p.Label.Package = rest
		}
		if err := checkPackage(p.Label.Package); err != nil {
			return p, fmt.Errorf("pattern %q: %w", s, err)
		}
		return p, nil
	}
	if dir != "" && !strings.HasPrefix(dir, "//") {
		// A path from the user's current folder, as a shell completes it.
		text = "//" + join(pkg, strings.TrimSuffix(dir, "/"))
		if hasName {
			text += ":" + name
		}
	}
	l, err := Parse(text, pkg)
	if err != nil {
		return p, fmt.Errorf("pattern %q: %w", s, err)
	}
	p.Label = l
	return p, nil
}

func join(pkg, dir string) string {
	if pkg == "" || dir == "" {
		return pkg + dir
	}
	return pkg + "/" + dir
}

// Matches reports whether l is among the targets that p names, leaving
// p.Negative aside.
func (p Pattern) Matches(l Label) bool {
	if p.Recursive {
		return p.MatchesPackage(l.Package)
	}
	return l.Package == p.Label.Package && (p.Label.Name == "" || l.Name == p.Label.Name)
}

// MatchesPackage reports whether p can match a target of package pkg.
func (p Pattern) MatchesPackage(pkg string) bool {
	if p.Recursive && (p.Label.Package == "" || strings.HasPrefix(pkg, p.Label.Package+"/")) {
		return true
	}
	return pkg == p.Label.Package
}

// Single reports whether p names one target by its name.
func (p Pattern) Single() bool { return !p.Recursive && p.Label.Name != "" }

// String returns a form that ParsePattern parses to an equal pattern.
func (p Pattern) String() string {
	s := p.Label.String()
	switch {
	case p.Recursive && p.Label.Package == "":
		s = "//..."
	case p.Recursive:
		s = "//" + p.Label.Package + "/..."
	case p.Label.Name == "":
		s = "//" + p.Label.Package + ":all"
	}
	if p.Negative {
		return "-" + s
	}
	return s
}
