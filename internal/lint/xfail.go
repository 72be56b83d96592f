package lint

import (
	"slices"
	"strings"

	"github.com/bazelbuild/buildtools/build"
	"github.com/bazelbuild/buildtools/warn"
)

// passingXfail is the category of tests that are listed as failing and pass.
const passingXfail = "passing-xfail"

// Outdated returns the keys of the attribute xfail of a target that stood for
// no test that failed when the target was last run. There are none if it was
// not.
type Outdated func(target string) ([]string, error)

// Xfail finds tests that the file lists as failing and that pass.
func (f *File) Xfail(outdated Outdated) ([]Finding, error) {
	var list []Finding
	err := eachOutdated(f.tree, outdated, func(_ *build.Rule, key string, entry build.Expr, _ []build.Expr) {
		list = f.add(list, entry, passingXfail, "xfail lists %s, and nothing of it failed when it was last run", key)
	})
	return list, err
}

// dropOutdated takes out of the file what Xfail finds, and reports whether it
// is anything.
func dropOutdated(tree *build.File, outdated Outdated) (dropped bool, err error) {
	err = eachOutdated(tree, outdated, func(rule *build.Rule, _ string, entry build.Expr, holders []build.Expr) {
		if isSilenced(tree, entry, passingXfail) {
			return
		}
		dropped = true
		// What is empty then goes with it.
		for _, holder := range holders {
			if remove(holder, entry) > 0 {
				return
			}
			entry = holder
		}
		rule.DelAttr("xfail")
	})
	return dropped, err
}

// eachOutdated calls visit for each key of an attribute xfail that is outdated,
// with the expression that it is written as and those that hold this one, the
// innermost first.
func eachOutdated(tree *build.File, outdated Outdated, visit func(rule *build.Rule, key string, entry build.Expr, holders []build.Expr)) error {
	for _, rule := range tree.Rules("") {
		xfail := rule.Attr("xfail")
		if xfail == nil {
			continue
		}
		keys, err := outdated(rule.Name())
		if err != nil {
			return err
		}
		for _, key := range keys {
			if entry, holders := find(xfail, key); entry != nil {
				visit(rule, key, entry, holders)
			}
		}
	}
	return nil
}

// find returns where a key of a dictionary is written: as a key, or, where the
// dictionary is computed, as an item of a list that a prefix is put before.
func find(xfail build.Expr, key string) (entry build.Expr, holders []build.Expr) {
	longest := 0
	build.Walk(xfail, func(e build.Expr, stack []build.Expr) {
		s, ok := e.(*build.StringExpr)
		if !ok || !strings.HasSuffix(key, s.Value) || len(s.Value) <= longest || len(stack) == 0 {
			return
		}
		found := build.Expr(s)
		switch holder := stack[len(stack)-1].(type) {
		case *build.KeyValueExpr:
			if holder.Key != e || s.Value != key {
				return
			}
			found, stack = holder, stack[:len(stack)-1]
		case *build.ListExpr:
		default:
			return
		}
		longest, entry = len(s.Value), found
		holders = slices.Clone(stack)
		slices.Reverse(holders)
	})
	return entry, holders
}

// remove removes an expression from the one that holds it and returns how many
// others this holds. A pair is nothing without its value, nor a comprehension
// without what it runs over.
func remove(holder, e build.Expr) (left int) {
	switch holder := holder.(type) {
	case *build.ListExpr:
		holder.List = slices.DeleteFunc(holder.List, func(item build.Expr) bool { return item == e })
		return len(holder.List)
	case *build.DictExpr:
		holder.List = slices.DeleteFunc(holder.List, func(item *build.KeyValueExpr) bool { return item == e })
		return len(holder.List)
	case *build.KeyValueExpr, *build.Comprehension, *build.ForClause:
		return 0
	}
	return 1
}

// isSilenced reports whether a comment silences findings about an expression.
func isSilenced(tree *build.File, e build.Expr, category string) bool {
	start, _ := e.Span()
	return warn.HasDisablingComment(e, category) || warn.DisabledWarning(tree, start.Line, category)
}
