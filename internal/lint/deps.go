package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/bazelbuild/buildtools/build"

	"github.com/cowasm/cowasm/internal/distribution"
	"github.com/cowasm/cowasm/internal/skeleton"
)

// Deps finds dependencies of bundles that nothing in their source imports, and
// packages of the workspace that are imported and not among the deps. It knows
// import statements only. source returns the source with the given name in the
// file, or nil if it is not to be had.
func (f *File) Deps(known *skeleton.Packages, source func(name string) (*skeleton.Source, error)) ([]Finding, error) {
	var list []Finding
	for _, rule := range f.tree.Rules("pure_python_bundle") {
		src, ok := strings.CutPrefix(rule.AttrString("src"), ":")
		if !ok || rule.AttrStrings("deps") == nil && rule.Attr("deps") != nil {
			continue // computed, or of another package
		}
		s, err := source(src)
		if err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		imported, err := s.BundleImports(rule.Name(), rule.AttrString("import_name"), rule.AttrStrings("modules"))
		if err != nil {
			return nil, err
		}
		for _, r := range s.Metadata.Requires {
			// What the project knows of and deps lack is optional: were it not,
			// the bundle would not build.
			for _, module := range known.Modules(known.ByName(r.Name)) {
				if imported[module] {
					imported[module] = false
				}
			}
		}
		list = f.compare(list, rule, imported, known)
	}
	Sort(list)
	return list, nil
}

// compare compares the deps of a bundle with what it imports.
func (f *File) compare(list []Finding, rule *build.Rule, imported map[string]bool, known *skeleton.Packages) []Finding {
	deps := rule.AttrStrings("deps")
	for _, dep := range deps {
		modules := known.Modules(dep)
		if modules != nil && !slices.ContainsFunc(modules, func(m string) bool { _, ok := imported[m]; return ok }) {
			list = f.add(list, rule.AttrDefn("deps"), "unused-dep", "nothing in the source imports %s, which deps name", dep)
		}
	}
	self := "//" + f.tree.Pkg
	for _, module := range slices.Sorted(maps.Keys(imported)) {
		if module == "pytest" {
			continue // what a package has for the tests of others
		}
		label := known.Label(module)
		if imported[module] && label != "" && label != self && !distribution.IsStandard(module) && !slices.Contains(deps, label) {
			list = f.add(list, rule.Call, "missing-dep", "the source imports %s, and deps do not name %s", module, label)
		}
	}
	return list
}
