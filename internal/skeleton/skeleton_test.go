package skeleton

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/distribution"
	"github.com/cowasm/cowasm/internal/fetch"
)

// sourceOf returns a source that has files, some with their text after a "=".
func sourceOf(files ...string) *Source {
	s := &Source{
		Metadata: &distribution.Metadata{},
		Imports:  map[string][]distribution.Import{},
		texts:    map[string][]byte{},
	}
	for _, f := range files {
		name, text, _ := strings.Cut(f, "=")
		s.Files = append(s.Files, name)
		s.texts[name] = []byte(text)
		if strings.HasSuffix(name, ".py") {
			s.Imports[name] = distribution.Imports([]byte(text))
		}
	}
	slices.Sort(s.Files)
	return s
}

func TestLayout(t *testing.T) {
	for name, test := range map[string]struct {
		project string
		files   []string
		want    layout
	}{
		"flat": {"my-six", []string{"my_six/__init__.py", "setup.py", "tests/test_a.py", "docs/conf.py"},
			layout{root: ".", importName: "my_six", modules: []string{"my_six"}}},
		"one file": {"six", []string{"six.py", "test_six.py", "setup.py"},
			layout{root: ".", importName: "six", modules: []string{"six"}}},
		"src": {"attrs", []string{"src/attr/__init__.py", "src/attrs/__init__.py", "src/attr/x.py", "conftest.py"},
			layout{root: "src", importName: "attrs", modules: []string{"attr", "attrs"}}},
		"other name": {"python-dateutil", []string{"src/dateutil/__init__.py"},
			layout{root: "src", importName: "dateutil", modules: []string{"dateutil"}}},
		"capitals": {"ipython", []string{"IPython/__init__.py", "examples/x.py"},
			layout{root: ".", importName: "IPython", modules: []string{"IPython"}}},
		"listed": {"pyyaml", []string{"lib/yaml/__init__.py", "lib/_yaml/__init__.py", "lib/PyYAML.egg-info/top_level.txt=_yaml\nyaml\ngone\n"},
			layout{root: "lib", importName: "yaml", modules: []string{"_yaml", "yaml"}, declared: true}},
		"namespace": {"a-b", []string{"src/a/b/__init__.py", "src/a_b/x.py"},
			layout{root: "src", importName: "a_b", modules: []string{"a_b"}}},
		"guess": {"things", []string{"src/one/__init__.py", "src/two/__init__.py", "src/two/x.py"},
			layout{root: "src", importName: "two", modules: []string{"one", "two"}, guessed: true}},
	} {
		got, err := findLayout(sourceOf(test.files...), test.project)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(layout{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFindTests(t *testing.T) {
	for name, test := range map[string]struct {
		files []string
		want  []string
	}{
		"none":       {[]string{"tests/README"}, nil},
		"folder":     {[]string{"tests/test_a.py", "testing/test_b.py"}, []string{"tests"}},
		"at the top": {[]string{"test_a.py", "b_test.py", "helper.py"}, []string{"b_test.py", "test_a.py"}},
		"inside":     {[]string{"p/tests/test_a.py"}, []string{"p/tests"}},
		"all over":   {[]string{"p/tests/test_a.py", "p/q/tests/test_b.py"}, []string{"p/**/tests"}},
		"pyproject":  {[]string{"pyproject.toml=[tool.pytest.ini_options]\ntestpaths = ['checks']", "checks/test_a.py", "tests/test_b.py"}, []string{"checks"}},
		"setup.cfg":  {[]string{"setup.cfg=[tool:pytest]\ntestpaths = checks/a*\n", "checks/test_a.py"}, []string{"checks"}},
		"outside":    {[]string{"pytest.ini=[pytest]\ntestpaths = ../x .\n", "tests/test_b.py"}, nil},
		"bad TOML":   {[]string{"pyproject.toml=[[[", "tests/test_b.py"}, []string{"tests"}},
	} {
		got := findTests(sourceOf(test.files...), layout{root: ".", importName: "p", modules: []string{"p"}})
		var paths []string
		if got != nil {
			paths = got.Paths
		}
		if diff := cmp.Diff(test.want, paths); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestReleases(t *testing.T) {
	file := func(name string) fetch.ProjectFile { return fetch.ProjectFile{Name: name} }
	got := Releases("My.Six", []fetch.ProjectFile{
		file("my_six-1.9.tar.gz"),
		file("my-six-1.10.zip"),
		file("my_six-1.10-py3-none-any.whl"),
		file("my_six-1.11-cp313-cp313-linux_x86_64.whl"),
		file("my_six-2.0.dev1.tar.gz"),
		file("my_six-rubbish.tar.gz"),
		file("my_six-1.0.exe"),
		file("other-3.0.tar.gz"),
		{Name: "my_six-4.0.tar.gz", Yanked: true},
		{Name: "my_six-5.0.tar.gz", RequiresPython: "<3"},
	})
	var list []string
	for _, r := range got {
		text := r.Version + " " + r.Sdist.Name
		if r.Pure {
			text += " pure"
		}
		list = append(list, text)
	}
	want := []string{"2.0.dev1 my_six-2.0.dev1.tar.gz", "1.11 ", "1.10 my-six-1.10.zip pure", "1.9 my_six-1.9.tar.gz"}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
}

func TestDocstring(t *testing.T) {
	for summary, want := range map[string]string{
		"":              "The distribution x.",
		"A thing":       "A thing.",
		" Two\n lines!": "Two lines!",
		`a """ \ "b"`:   `a \""" \\ "b".`,
	} {
		k := &Skeleton{Release: &Release{Project: "x"}, Summary: summary}
		if got := k.docstring(); got != want {
			t.Errorf("%q: got %q, want %q", summary, got, want)
		}
		k.Release.Version = "1"
		if _, err := k.BUILD(); err != nil {
			t.Errorf("%q: %v", summary, err)
		}
	}
}
