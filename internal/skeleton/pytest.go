package skeleton

import (
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"gopkg.in/ini.v1"
)

// pytestSettings are what a project's own settings of pytest say.
type pytestSettings struct {
	paths []string // where its tests are; a glob ends before the first folder that it leaves open
	names []string // patterns of the names of files with tests, or nil
}

// pytestSettings returns the settings in the files where pytest looks for them.
// Documentation, whose code pytest can test too, is not among its paths.
func (s *Source) pytestSettings() pytestSettings {
	type options struct {
		TestPaths   any `toml:"testpaths"`
		PythonFiles any `toml:"python_files"`
	}
	var project struct {
		Tool struct {
			Pytest struct {
				options
				IniOptions options `toml:"ini_options"`
			} `toml:"pytest"`
		} `toml:"tool"`
	}
	var p pytestSettings
	if toml.Unmarshal(s.texts["pyproject.toml"], &project) == nil {
		for _, o := range []options{project.Tool.Pytest.IniOptions, project.Tool.Pytest.options} {
			p.paths = append(p.paths, wordList(o.TestPaths)...)
			p.names = append(p.names, wordList(o.PythonFiles)...)
		}
	}
	for _, place := range []struct{ file, section string }{{"pytest.ini", "pytest"}, {"setup.cfg", "tool:pytest"}, {"tox.ini", "pytest"}} {
		options := ini.LoadOptions{AllowPythonMultilineValues: true, SkipUnrecognizableLines: true}
		if f, err := ini.LoadSources(options, s.texts[place.file]); err == nil {
			p.paths = append(p.paths, strings.Fields(f.Section(place.section).Key("testpaths").String())...)
			p.names = append(p.names, strings.Fields(f.Section(place.section).Key("python_files").String())...)
		}
	}
	for i, dir := range p.paths {
		if before, _, open := strings.Cut(dir, "*"); open {
			dir = path.Dir(before)
		}
		p.paths[i] = path.Clean(dir)
	}
	p.paths = slices.DeleteFunc(p.paths, func(dir string) bool {
		return dir == "." || strings.HasPrefix(dir, "..") || isDocumentation(dir)
	})
	return p
}

// isDocumentation reports whether a folder has documentation or examples.
func isDocumentation(dir string) bool {
	top, _, _ := strings.Cut(dir, "/")
	return slices.Contains([]string{"doc", "docs", "demo", "demos", "example", "examples"}, strings.ToLower(top))
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
