package edit

import (
	"path"
	"strconv"
	"strings"

	"github.com/bazelbuild/buildtools/build"
	"github.com/bmatcuk/doublestar/v4"

	"github.com/cowasm/cowasm/internal/diag"
)

// A Target is a pattern of what commands are applied to: a glob of packages,
// and in them one target, a glob of targets, all of a kind as in "%bundle_test",
// or the file itself, "__pkg__".
type Target struct {
	text string
	pkg  string // a glob
	name string // a glob, or one of the special forms
}

// filePart is the name that stands for the BUILD file itself.
const filePart = "__pkg__"

// ParseTarget parses a pattern; a relative one is taken to be in package pkg.
func ParseTarget(text, pkg string) (Target, error) {
	t := Target{text: text}
	dir, name, named := strings.Cut(text, ":")
	rest, absolute := strings.CutPrefix(dir, "//")
	if !absolute {
		rest = path.Join(pkg, dir)
	}
	t.pkg = path.Clean("/" + strings.ReplaceAll("/"+rest+"/", "/.../", "/**/"))[1:]
	switch {
	case named && name == "all":
		t.name = "*"
	case named:
		t.name = name
	case !absolute && !strings.Contains(dir, "/"): // a target of this package
		t.pkg, t.name = pkg, dir
	case strings.HasSuffix(t.pkg, "**"):
		t.name = "*"
	default:
		t.name = path.Base(t.pkg)
	}
	if t.name == "" || !doublestar.ValidatePattern(t.pkg) || !doublestar.ValidatePattern(t.name) {
		return Target{}, diag.Errorf(diag.Position{}, "%q is not a pattern of targets", text).
			WithHint("as in //packages/six, //packages/*:upstream_test or //packages/...:%%bundle_test")
	}
	return t, nil
}

// matchesPackage reports whether the target may be in package pkg.
func (t Target) matchesPackage(pkg string) bool { return doublestar.MatchUnvalidated(t.pkg, pkg) }

// exact reports whether only one target can be meant.
func (t Target) exact() bool { return !strings.ContainsAny(t.pkg+t.name, "*?[{%") }

// rules returns the calls in a file that the target means.
func (t Target) rules(f *build.File) []*build.Rule {
	if t.name == filePart {
		return []*build.Rule{{Call: nil}}
	}
	if kind, ok := strings.CutPrefix(t.name, "%"); ok {
		if line, err := strconv.Atoi(kind); err == nil {
			if rule := f.RuleAt(line); rule != nil {
				return []*build.Rule{rule}
			}
			return nil
		}
		return f.Rules(kind)
	}
	var rules []*build.Rule
	for _, rule := range f.Rules("") {
		if name := rule.Name(); name != "" && (name == t.name || doublestar.MatchUnvalidated(t.name, name)) {
			rules = append(rules, rule)
		}
	}
	return rules
}
