package skeleton

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"gopkg.in/ini.v1"

	"github.com/cowasm/cowasm/internal/distribution"
)

// Tests are a project's own tests.
type Tests struct {
	Paths   []string // files and folders of the source
	Files   int      // with tests
	Deps    []string // labels of what the tests import
	Missing []string // distributions that they need and the workspace lacks
	Unknown []string // modules that they import and nobody is known to have

	places []string // what Paths stands for, if they are globs
}

// testFolders are where tests usually are.
var testFolders = []string{"tests", "test", "testing"}

// filesPerShard is how many files with tests one action may run.
const filesPerShard = 25

// isTestFile reports whether pytest takes tests from a file of this name.
func isTestFile(p string) bool {
	name := path.Base(p)
	return strings.HasSuffix(name, ".py") && strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test.py")
}

// findTests returns the tests of a source, or nil if it has none.
func findTests(s *Source, l layout) *Tests {
	candidates := s.testPaths()
	if candidates == nil {
		candidates = slices.Clone(testFolders)
		for _, folder := range testFolders {
			candidates = append(candidates, path.Join(l.importName, folder))
		}
	}
	for _, p := range candidates {
		if n := s.countTests(p); n > 0 {
			if strings.HasPrefix(p, l.importName+"/") {
				return s.testsInside(l.importName, path.Base(p))
			}
			return &Tests{Paths: []string{p}, Files: n}
		}
	}
	var top []string
	for _, f := range s.Files {
		if !strings.Contains(f, "/") && isTestFile(f) {
			top = append(top, f)
		}
	}
	if top != nil {
		return &Tests{Paths: top, Files: len(top)}
	}
	return nil
}

// testsInside returns the tests of a package that has them in folders of the
// same name at several places.
func (s *Source) testsInside(module, folder string) *Tests {
	t := &Tests{}
	places := map[string]bool{}
	for _, f := range s.below(module) {
		dirs := strings.Split(path.Dir(f), "/")
		if i := slices.Index(dirs, folder); i > 0 && isTestFile(f) {
			places[strings.Join(dirs[:i+1], "/")] = true
			t.Files++
		}
	}
	t.places = slices.Sorted(maps.Keys(places))
	t.Paths = t.places
	if len(places) > 1 {
		t.Paths = []string{module + "/**/" + folder}
	}
	return t
}

// countTests returns how many files with tests p is or holds.
func (s *Source) countTests(p string) int {
	n := 0
	for _, f := range s.Files {
		if (f == p || strings.HasPrefix(f, p+"/")) && isTestFile(f) {
			n++
		}
	}
	return n
}

// testPaths returns the setting testpaths of the project's pytest. A glob ends
// before the first folder that it leaves open.
func (s *Source) testPaths() []string {
	var project struct {
		Tool struct {
			Pytest struct {
				TestPaths  any `toml:"testpaths"`
				IniOptions struct {
					TestPaths any `toml:"testpaths"`
				} `toml:"ini_options"`
			} `toml:"pytest"`
		} `toml:"tool"`
	}
	var paths []string
	if toml.Unmarshal(s.texts["pyproject.toml"], &project) == nil {
		paths = append(wordList(project.Tool.Pytest.IniOptions.TestPaths), wordList(project.Tool.Pytest.TestPaths)...)
	}
	for file, section := range map[string]string{"setup.cfg": "tool:pytest", "pytest.ini": "pytest", "tox.ini": "pytest"} {
		options := ini.LoadOptions{AllowPythonMultilineValues: true, SkipUnrecognizableLines: true}
		if f, err := ini.LoadSources(options, s.texts[file]); err == nil {
			paths = append(paths, strings.Fields(f.Section(section).Key("testpaths").String())...)
		}
	}
	for i, p := range paths {
		if before, _, open := strings.Cut(p, "*"); open {
			p = path.Dir(before)
		}
		paths[i] = path.Clean(p)
	}
	return slices.DeleteFunc(paths, func(p string) bool { return p == "." || strings.HasPrefix(p, "..") })
}

// wordList returns the words of a setting that is a list or one string.
func wordList(v any) []string {
	switch v := v.(type) {
	case string:
		return strings.Fields(v)
	case []any:
		var list []string
		for _, e := range v {
			list = append(list, wordList(e)...)
		}
		return list
	}
	return nil
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
		if !t.covers(f) || !isTestFile(f) && path.Base(f) != "conftest.py" {
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
