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
	p, err := parsePattern(strings.TrimPrefix(s, "-"), pkg)
	if err != nil {
		return Pattern{}, fmt.Errorf("pattern %q: %w", s, err)
	}
	p.Negative = strings.HasPrefix(s, "-")
	return p, nil
}

func parsePattern(s, pkg string) (Pattern, error) {
	dir, name, hasName := strings.Cut(s, ":")
	all := hasName && (name == "all" || name == "*")
	if above, ok := strings.CutSuffix(dir, "..."); ok && (above == "" || strings.HasSuffix(above, "/")) {
		if hasName && !all {
			return Pattern{}, fmt.Errorf("after /... only :all may follow")
		}
		above, err := packageOf(above, pkg, "/")
		return Pattern{Label: Label{Package: above}, Recursive: true}, err
	}
	if all {
		dir, err := packageOf(dir, pkg, "")
		return Pattern{Label: Label{Package: dir}}, err
	}
	if dir != "" && !strings.HasPrefix(dir, "//") && !strings.HasPrefix(dir, "@") {
		// A path from the user's current folder, as a shell completes it.
		s = "//" + join(pkg, strings.TrimSuffix(dir, "/"))
		if hasName {
			s += ":" + name
		}
	}
	l, err := Parse(s, pkg)
	return Pattern{Label: l}, err
}

// packageOf returns the package that dir stands for, seen from package pkg. If
// dir names any, it ends in end.
func packageOf(dir, pkg, end string) (string, error) {
	if strings.HasPrefix(dir, "@") {
		return "", errOtherRepository
	}
	rest, absolute := strings.CutPrefix(dir, "//")
	if rest != "" {
		rest = strings.TrimSuffix(rest, end)
		if err := checkPackage(rest); err != nil {
			return "", err
		}
		if rest == "" {
			return "", fmt.Errorf("the package has an empty part")
		}
	}
	if !absolute {
		rest = join(pkg, rest)
	}
	return rest, nil
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
