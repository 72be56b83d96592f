package loading

import (
	"fmt"
	"maps"
	"slices"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
)

// Expand returns the labels of the targets that patterns match, sorted. A
// negative pattern takes out what it matches of those before it. Patterns that
// match many targets leave out manual ones. A pattern that matches nothing is
// an error. If packages cannot be loaded, Expand returns the labels of the
// others together with the errors.
func (ws *Workspace) Expand(patterns []label.Pattern) ([]label.Label, error) {
	found := map[label.Label]bool{}
	var errs diag.List
	for _, p := range patterns {
		if p.Negative {
			maps.DeleteFunc(found, func(l label.Label, _ bool) bool { return p.Matches(l) })
			continue
		}
		labels, err := ws.match(p)
		if err != nil {
			errs = append(errs, placed(err, diag.Position{})...)
		}
		for _, l := range labels {
			found[l] = true
		}
	}
	return slices.SortedFunc(maps.Keys(found), label.Label.Compare), errs.Unique().Err()
}

func (ws *Workspace) match(p label.Pattern) ([]label.Label, error) {
	if p.Single() {
		t, err := ws.Target(p.Label)
		if err != nil {
			return nil, err
		}
		return []label.Label{t.Label}, nil
	}
	packages := []string{p.Label.Package}
	if p.Recursive {
		var err error
		if packages, err = ws.Packages(p.Label.Package); err != nil {
			return nil, err
		}
		if len(packages) == 0 {
			e := diag.Errorf(diag.Position{}, "pattern %s: no packages at or below //%s", p, p.Label.Package)
			if _, err := ws.stat(cleanDir(p.Label.Package)); err != nil {
				return nil, withHintOf(e, ws.missingPackage(p.Label.Package))
			}
			return nil, e
		}
	}
	var labels []label.Label
	var errs diag.List
	targets := 0
	for _, path := range packages {
		pkg, err := ws.Package(path)
		if err != nil {
			errs = append(errs, placed(err, diag.Position{})...)
			continue
		}
		for _, t := range pkg.Targets() {
			targets++
			if !t.Manual() {
				labels = append(labels, t.Label)
			}
		}
	}
	if targets == 0 && len(errs) == 0 {
		return nil, fmt.Errorf("pattern %s matches no target", p)
	}
	return labels, errs.Err()
}

// withHintOf returns e with the hint of another diagnostic.
func withHintOf(e *diag.Error, other error) *diag.Error {
	if d, ok := other.(*diag.Error); ok && d.Hint != "" {
		return e.WithHint("%s", d.Hint)
	}
	return e
}
