package skeleton

import (
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/cowasm/cowasm/internal/distribution"
)

// Tests are a project's own tests.
type Tests struct {
	Paths   []string // files and folders of the source, or globs of them
	Names   []string // patterns of the names of files with tests, if they are others than usual
	Files   int      // with tests
	Deps    []string // labels of what the tests import
	InWheel bool     // they are where the wheel of a native source has them, not where the sdist has
	Missing []string // distributions that they need and the workspace lacks
	Unknown []string // modules that they import and nobody is known to have

	places []string // what Paths stands for in the sdist, if it is not the same
}

// providedByPytest are the modules of what every test can import.
var providedByPytest = []string{"_pytest", "iniconfig", "packaging", "pluggy", "py", "pygments", "pytest"}

// findDeps fills in what the tests import. What is imported says it better than
// what is declared: few sdists list what their tests need, and those that do
// list tools for developers with it.
func (t *Tests) findDeps(s *Source, l layout, deps []string, known *Packages) {
	local := map[string]bool{}
	for f := range s.Imports {
		if t.covers(f) {
			for _, part := range strings.Split(strings.TrimSuffix(f, ".py"), "/") {
				local[part] = true
			}
		}
	}
	imported := map[string]bool{}
	for f, imports := range s.Imports {
		// Other files may be material for the tests rather than parts of them.
		if !t.covers(f) || !isTestFile(f, t.names()) && path.Base(f) != "conftest.py" {
			continue
		}
		for _, i := range imports {
			top := i.Top()
			if !distribution.IsStandard(top) && !local[top] && !slices.Contains(l.modules, top) && !slices.Contains(providedByPytest, top) {
				imported[top] = imported[top] || !i.Nested
			}
		}
	}
	declared := s.testRequirements()
	for module, certain := range imported {
		name := matching(declared, module)
		label, ok := known.byImport[module]
		switch {
		case name != "" && slices.Contains(deps, name):
		case ok:
			if !slices.ContainsFunc(deps, func(dep string) bool { d, _ := known.label(dep); return d == label }) {
				t.Deps = append(t.Deps, label)
			}
		case !certain: // what is imported inside of something is often optional
		case name != "":
			t.Missing = append(t.Missing, name)
		default:
			t.Unknown = append(t.Unknown, module)
		}
	}
	for _, list := range []*[]string{&t.Deps, &t.Missing, &t.Unknown} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

// names returns the patterns of the names of files with tests.
func (t *Tests) names() []string {
	if t.Names != nil {
		return t.Names
	}
	return defaultTestNames
}

// covers reports whether file f is among the tests.
func (t *Tests) covers(f string) bool {
	return slices.ContainsFunc(slices.Concat(t.Paths, t.places), func(p string) bool { return f == p || strings.HasPrefix(f, p+"/") })
}

// testRequirements returns the names of all distributions that the project
// declares for anything but its users.
func (s *Source) testRequirements() []string {
	var texts []string
	for p, text := range s.texts {
		if strings.HasSuffix(p, ".txt") && path.Base(p) != "top_level.txt" {
			for line := range strings.Lines(string(text)) {
				line, _, _ = strings.Cut(line, "#")
				texts = append(texts, line)
			}
		}
	}
	var project struct {
		Groups map[string][]any `toml:"dependency-groups"`
	}
	if toml.Unmarshal(s.texts["pyproject.toml"], &project) == nil {
		for _, group := range project.Groups {
			for _, entry := range group {
				if text, ok := entry.(string); ok {
					texts = append(texts, text)
				}
			}
		}
	}
	var names []string
	for _, r := range s.Metadata.Requires {
		names = append(names, r.Name)
	}
	for _, text := range texts {
		if r, err := distribution.ParseRequirement(text); err == nil {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
