package skeleton

import (
	"path"
	"slices"
	"strings"
)

// sourceRoots are where the modules of a project may be, in the order in which
// //rules/python looks for them.
var sourceRoots = []string{"src", ".", "lib", "python"}

// notModules are folders and files that are beside a project's modules.
var notModules = map[string]bool{
	"bench": true, "benchmark": true, "benchmarks": true, "bin": true, "build": true, "ci": true, "conftest": true,
	"contrib": true, "demo": true, "demos": true, "dist": true, "doc": true, "docs": true, "example": true,
	"examples": true, "fuzz": true, "fuzzing": true, "lib": true, "licenses": true, "news": true, "noxfile": true, "perf": true,
	"profiling": true, "python": true, "requirements": true, "runtests": true, "scripts": true, "setup": true,
	"src": true, "tasks": true, "test": true, "testing": true, "tests": true, "tools": true, "utils": true,
	"vendor": true, "versioneer": true,
}

// A layout is where the modules of a distribution are and what they are called.
type layout struct {
	root       string
	importName string
	modules    []string // all top-level modules, sorted
	declared   bool     // the modules are listed in a file where the rules find them
	guessed    bool     // the import name is not evident
}

// findLayout finds the modules of the source of a project.
func findLayout(s *Source, project string) (layout, error) {
	return layoutBelow(s, project, sourceRoots)
}

// layoutBelow finds them below the first of the roots that has any.
func layoutBelow(s *Source, project string, roots []string) (layout, error) {
	for _, root := range roots {
		l := layout{root: root, modules: s.listed(root)}
		l.declared = l.modules != nil
		if l.modules == nil {
			l.modules = s.seen(root, project)
		}
		if len(l.modules) == 0 {
			continue
		}
		if l.importName = matching(l.modules, project); l.importName == "" {
			if root == "." && !l.declared && slices.ContainsFunc(sourceRoots[2:], func(r string) bool { return s.seen(r, project) != nil }) {
				continue // scripts at the top, the package further down
			}
			l.importName, l.guessed = s.largest(l.root, l.modules), len(l.modules) > 1
		}
		return l, nil
	}
	return layout{}, mistake("the sdist has no module that could be imported").
		WithHint("nothing like %s is in it, at its top or below src", strings.ReplaceAll(project, "-", "_"))
}

// listed returns the modules below root that setuptools noted.
func (s *Source) listed(root string) []string {
	for _, f := range s.Files {
		if path.Base(f) != "top_level.txt" || path.Dir(path.Dir(f)) != root {
			continue
		}
		var modules []string
		for _, name := range s.topLevel(f) {
			if !notModules[name] && s.isModule(root, name) {
				modules = append(modules, name)
			}
		}
		slices.Sort(modules)
		return modules
	}
	return nil
}

// topLevel returns the modules that a top_level.txt lists. Folders of type stubs
// are in it too, whose names nothing can import.
func (s *Source) topLevel(file string) []string {
	return slices.DeleteFunc(strings.Fields(string(s.texts[file])), func(name string) bool { return !isIdentifier(name) })
}

// seen returns the modules directly below root by their names. Outside of src,
// where there are other things too, a folder must be a package unless it is
// named as the project is.
func (s *Source) seen(root, project string) []string {
	var modules []string
	for _, f := range s.below(root) {
		if root != "." {
			f = strings.TrimPrefix(f, root+"/")
		}
		name, rest, isDir := strings.Cut(f, "/")
		if !isDir {
			name, isDir = strings.CutSuffix(name, ".py")
			if !isDir || root == "." && strings.HasPrefix(name, "test_") {
				continue
			}
		} else if rest != "__init__.py" && matching([]string{name}, project) == "" {
			continue
		}
		if !notModules[name] && isIdentifier(name) {
			modules = append(modules, name)
		}
	}
	slices.Sort(modules)
	return slices.Compact(modules)
}

func (s *Source) isModule(root, name string) bool {
	return s.has(path.Join(root, name)) || s.has(path.Join(root, name+".py"))
}

func isIdentifier(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && !('a' <= r && r <= 'z') && !('A' <= r && r <= 'Z') && !('0' <= r && r <= '9')
	})
}

// matching returns the module that is named as the project is, in the many ways
// in which that is done, or the empty string.
func matching(modules []string, project string) string {
	fold := func(name string) string { return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name)) }
	name := fold(project)
	for _, want := range []string{
		name,
		strings.TrimPrefix(name, "python"),
		strings.TrimSuffix(name, "python"),
		strings.TrimPrefix(name, "py"),
		strings.TrimSuffix(name, "py"),
	} {
		// Of several that fit, a private one is not what users import.
		found := ""
		for _, m := range modules {
			if fold(m) == want && (found == "" || strings.HasPrefix(found, "_")) {
				found = m
			}
		}
		if found != "" {
			return found
		}
	}
	return ""
}

// largest returns the module with the most files.
func (s *Source) largest(root string, modules []string) string {
	return slices.MaxFunc(modules, func(a, b string) int {
		return len(s.below(path.Join(root, a))) - len(s.below(path.Join(root, b)))
	})
}

// BundleImports returns the top-level modules of others that the modules of a
// bundle import, and whether they do so whenever they are imported themselves.
// Tests are not counted. The arguments are those of the bundle's rule.
func (s *Source) BundleImports(project, importName string, modules []string) (map[string]bool, error) {
	l, err := findLayout(s, project)
	if err != nil {
		return nil, err
	}
	all := append([]string{importName}, modules...)
	if importName == "" {
		all = append(all, l.modules...)
	}
	imported := map[string]bool{}
	for f, imports := range s.Imports {
		inside := strings.TrimPrefix(f, l.root+"/")
		top, _, _ := strings.Cut(strings.TrimSuffix(inside, ".py"), "/")
		parts := strings.Split(path.Dir(inside), "/")
		if !slices.Contains(all, top) || slices.Contains(parts, "tests") || slices.Contains(parts, "test") {
			continue
		}
		for _, i := range imports {
			if module := i.Top(); !slices.Contains(all, module) {
				imported[module] = imported[module] || !i.Nested
			}
		}
	}
	return imported, nil
}
