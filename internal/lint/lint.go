// Package lint finds in BUILD and .bzl files what is allowed and likely wrong.
// A comment "buildifier: disable=CATEGORY" at the place silences a finding.
package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bazelbuild/buildtools/build"
	"github.com/bazelbuild/buildtools/warn"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/edit"
)

// A Finding is something that is likely wrong.
type Finding struct {
	Pos      diag.Position
	Category string // as in "load"
	Message  string
	Fixable  bool // Fix mends it
}

// String returns the finding on one line.
func (f Finding) String() string { return fmt.Sprintf("%s: %s [%s]", f.Pos, f.Message, f.Category) }

// categories are those of buildifier's findings that mean something here: its
// others are about Bazel's own rules, or matters of taste.
var categories = []string{
	"constant-glob", "depset-items", "depset-iteration", "depset-union", "dict-concatenation",
	"duplicated-name", "function-docstring-args", "integer-division", "list-append", "load", "module-docstring",
	"name-conventions", "no-effect", "overly-nested-depset", "package-on-top", "provider-params", "redefined-variable",
	"return-value", "string-iteration", "uninitialized", "unreachable", "unused-variable",
}

// fixable are the categories that Fix mends.
var fixable = []string{"integer-division", "list-append", "load", "package-on-top"}

// A File is a file in Starlark.
type File struct {
	name string // for messages
	data []byte
	tree *build.File
}

// Parse parses the content of a file; its name says of what kind it is.
func Parse(name string, data []byte) (*File, error) {
	tree, err := edit.Parse(name, data)
	if err != nil {
		return nil, err
	}
	return &File{name: name, data: data, tree: tree}, nil
}

// Findings returns what is found in the text of the file, in its order.
func (f *File) Findings() []Finding {
	var list []Finding
	for _, w := range warn.FileWarnings(f.tree, categories, nil, warn.ModeWarn, nil) {
		list = append(list, Finding{
			Pos:      diag.Position{File: f.name, Line: w.Start.Line, Col: w.Start.LineRune},
			Category: w.Category,
			Message:  firstSentence(w.Message),
			Fixable:  slices.Contains(fixable, w.Category),
		})
	}
	if f.tree.Type == build.TypeBuild {
		list = append(list, f.withoutLicence()...)
	}
	Sort(list)
	return list
}

// firstSentence returns what is wrong, without the advice that follows it,
// which is for Bazel's users.
func firstSentence(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	text, _, _ = strings.Cut(text, ". ")
	return strings.TrimSuffix(text, ".")
}

// Sort sorts findings by their place.
func Sort(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
}

// Fix returns the content of the file with what can be mended mended, in its
// standard form. It is the content as it was if there is nothing to mend.
func (f *File) Fix(outdated Outdated) ([]byte, error) {
	tree, err := build.Parse(f.name, f.data) // what follows changes it
	if err != nil {
		return nil, err
	}
	dropped, err := dropOutdated(tree, outdated)
	if err != nil {
		return nil, err
	}
	if !dropped && !slices.ContainsFunc(f.Findings(), func(found Finding) bool { return found.Fixable }) {
		return f.data, nil
	}
	warn.FixWarnings(tree, fixable, false, nil)
	return build.Format(tree), nil
}

// withoutLicence finds sources that do not say under which licence they are.
func (f *File) withoutLicence() []Finding {
	var list []Finding
	for _, rule := range f.tree.Rules("source_archive") {
		if rule.Attr("licence") == nil {
			list = f.add(list, rule.Call, "licence", "the source has no licence: bundles are given to others with it")
		}
	}
	return list
}

// add adds a finding about an expression, unless a comment silences it.
func (f *File) add(list []Finding, e build.Expr, category, format string, args ...any) []Finding {
	if isSilenced(f.tree, e, category) {
		return list
	}
	start, _ := e.Span()
	pos := diag.Position{File: f.name, Line: start.Line, Col: start.LineRune}
	return append(list, Finding{Pos: pos, Category: category, Message: fmt.Sprintf(format, args...), Fixable: category == passingXfail})
}
