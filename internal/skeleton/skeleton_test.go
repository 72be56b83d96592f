package skeleton

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
	flat := layout{root: ".", importName: "p", modules: []string{"p"}}
	src := layout{root: "src", importName: "p", modules: []string{"p"}}
	for name, test := range map[string]struct {
		files  []string
		layout layout
		native bool
		want   *Tests
	}{
		"none":       {[]string{"tests/README"}, flat, false, nil},
		"folder":     {[]string{"tests/test_a.py", "testing/test_b.py"}, flat, false, &Tests{Paths: []string{"tests"}, Files: 1}},
		"at the top": {[]string{"test_a.py", "b_test.py", "helper.py"}, flat, false, &Tests{Paths: []string{"b_test.py", "test_a.py"}, Files: 2}},
		"inside":     {[]string{"p/tests/test_a.py"}, flat, false, &Tests{Paths: []string{"p/tests"}, Files: 1}},
		"beside":     {[]string{"src/tests/test_a.py", "src/p/test_b.py"}, src, true, &Tests{Paths: []string{"src/tests"}, Files: 1}},
		"all over":   {[]string{"p/tests/test_a.py", "p/q/tests/test_b.py"}, flat, false, &Tests{Paths: []string{"p/**/tests"}, Files: 2}},
		"in the package": {[]string{"p/__init__.py", "p/test_a.py"}, flat, false,
			&Tests{Paths: []string{"p/test_a.py"}, Files: 1}},
		"elsewhere than in the bundle": {[]string{"src/p/tests/test_a.py"}, src, false, nil},
		"in the wheel": {[]string{"src/p/tests/test_a.py", "src/p/q/tests/test_b.py"}, src, true,
			&Tests{Paths: []string{"p/**/tests"}, Files: 2, InWheel: true}},
		"pyproject": {[]string{"pyproject.toml=[tool.pytest.ini_options]\ntestpaths = ['checks', 'more']", "checks/test_a.py", "more/test_c.py", "tests/test_b.py"},
			flat, false, &Tests{Paths: []string{"checks", "more"}, Files: 2}},
		"documentation": {[]string{"pyproject.toml=[tool.pytest.ini_options]\ntestpaths = ['docs', 'tests']", "docs/test_a.py", "docs/test_b.py", "tests/test_c.py"},
			flat, false, &Tests{Paths: []string{"tests"}, Files: 1}},
		"the package and beside": {[]string{"setup.cfg=[tool:pytest]\ntestpaths = p tests\n", "p/test_a.py", "p/test_b.py", "tests/test_c.py"},
			flat, false, &Tests{Paths: []string{"p/test_a.py", "p/test_b.py"}, Files: 2}},
		"setup.cfg": {[]string{"setup.cfg=[tool:pytest]\ntestpaths = checks/a*\n", "checks/test_a.py"}, flat, false, &Tests{Paths: []string{"checks"}, Files: 1}},
		"outside":   {[]string{"pytest.ini=[pytest]\ntestpaths = ../x .\n", "tests/test_b.py"}, flat, false, &Tests{Paths: []string{"tests"}, Files: 1}},
		"names": {[]string{"tox.ini=[pytest]\npython_files = check_*.py\n", "tests/check_b.py", "tests/test_b.py", "tests/check_c.py"}, flat, false,
			&Tests{Paths: []string{"tests"}, Files: 2, Names: []string{"check_*.py"}}},
		"names that make no difference": {[]string{"tox.ini=[pytest]\npython_files = *_example.py test_*.py\n", "tests/test_b.py"}, flat, false,
			&Tests{Paths: []string{"tests"}, Files: 1}},
		"bad TOML": {[]string{"pyproject.toml=[[[", "tests/test_b.py"}, flat, false, &Tests{Paths: []string{"tests"}, Files: 1}},
	} {
		got := findTests(sourceOf(test.files...), test.layout, test.native)
		if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(Tests{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFindNative(t *testing.T) {
	known := &Packages{
		names: map[string]string{"numpy": "//packages/numpy", "setuptools": "//packages/setuptools", "cython": "//packages/cython"},
		tools: map[string]string{"cython": "//toolchains/cython"},
	}
	system := func(backend, requires string) string {
		return "pyproject.toml=[build-system]\nbuild-backend = '" + backend + "'\nrequires = [" + requires + "]"
	}
	for name, test := range map[string]struct {
		files []string
		want  *Native
		err   string
	}{
		"no native code": {[]string{"p/__init__.py", "tests/data/x.c", "docs/x.c"}, nil, ""},
		"no pyproject":   {[]string{"p/x.c", "setup.py"}, &Native{System: "setuptools", Deps: []string{"//packages/setuptools"}}, ""},
		"no backend":     {[]string{"p/x.c", "pyproject.toml=[tool]"}, &Native{System: "setuptools", Deps: []string{"//packages/setuptools"}}, ""},
		"setuptools": {[]string{"p/x.pyx", system("setuptools.build_meta", "'Cython>=3', 'numpy', 'setuptools_scm[toml]', 'ninja', 'tomli; python_version<\"3.11\"'")},
			&Native{
				System:  "setuptools",
				Deps:    []string{"//packages/numpy", "//packages/setuptools", "//packages/setuptools-scm", "//toolchains/cython"},
				Missing: []string{"setuptools-scm"},
			}, ""},
		"Meson": {[]string{"meson.build", system("mesonpy", "")},
			&Native{System: "meson", Deps: []string{"//packages/meson-python"}, Missing: []string{"meson-python"}}, ""},
		"a backend of its own": {[]string{"p/x.c", system("backend:object", "'setuptools'")},
			&Native{System: "setuptools", Deps: []string{"//packages/setuptools"}}, ""},
		"Fortran": {[]string{"p/x.f", "p/y.f90", "p/z.c"},
			&Native{System: "setuptools", Deps: []string{"//packages/setuptools"}, Fortran: []string{"p/x.f", "p/y.f90"}}, ""},
		"optional Rust":    {[]string{"Cargo.toml", "c/x.c", "src/lib.rs"}, &Native{System: "setuptools", Deps: []string{"//packages/setuptools"}}, ""},
		"Rust":             {[]string{"Cargo.toml", "src/lib.rs"}, nil, "p 1 is built with Cargo"},
		"maturin":          {[]string{system("maturin", "")}, nil, "p 1 is built with Cargo"},
		"Rust, setuptools": {[]string{"src/lib.rs", system("setuptools.build_meta", "'setuptools-rust'")}, nil, "p 1 is built with Cargo"},
		"CMake":            {[]string{"p/x.cc", system("scikit_build_core.build", "'scikit-build-core'")}, nil, "p 1 is built with CMake"},
		"bad TOML":         {[]string{"p/x.cc", "pyproject.toml=[[["}, nil, "the sdist's pyproject.toml cannot be read: "},
		"bad requirement":  {[]string{"p/x.cc", system("", "'-'")}, nil, "the sdist's pyproject.toml: the requirement"},
	} {
		got, err := findNative(&Release{Project: "p", Version: "1"}, sourceOf(test.files...), known)
		if test.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), test.err) {
				t.Errorf("%s: got %v, want %s", name, err, test.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	pure := &Release{Project: "p", Version: "1", Pure: true}
	if got, err := findNative(pure, sourceOf("p/x.c", system("maturin", "")), known); got != nil || err != nil {
		t.Errorf("a release that has a pure wheel: got %v, %v", got, err)
	}
}

func TestNativeLayout(t *testing.T) {
	for name, test := range map[string]struct {
		files []string
		want  layout
	}{
		"a root of its own": {[]string{"py/kiwi/__init__.py", "py/kiwi.egg-info/top_level.txt=kiwi", "benchmarks/x/__init__.py", "kiwi/kiwi.h"},
			layout{root: "py", importName: "kiwi", modules: []string{"kiwi"}, declared: true}},
		"not listed": {[]string{"bindings/kiwi/__init__.py", "app/__init__.py"}, layout{root: "bindings", importName: "kiwi", modules: []string{"kiwi"}}},
		"no Python": {[]string{"kiwi.c", "kiwi.egg-info/top_level.txt=_other\nkiwi\n"},
			layout{root: ".", importName: "kiwi", modules: []string{"_other", "kiwi"}, declared: true}},
		"no Python but stubs": {[]string{"kiwi.c", "kiwi-stubs/__init__.pyi", "kiwi.egg-info/top_level.txt=kiwi\nkiwi-stubs\n"},
			layout{root: ".", importName: "kiwi", modules: []string{"kiwi"}, declared: true}},
		"no Python, and another name": {[]string{"x.c", "kiwi.egg-info/top_level.txt=x\n"},
			layout{root: ".", importName: "x", modules: []string{"x"}, declared: true, guessed: true}},
		"tests' data": {[]string{"kiwi/__init__.py", "tests/kiwi/__init__.py"}, layout{root: ".", importName: "kiwi", modules: []string{"kiwi"}}},
	} {
		got, err := nativeLayout(sourceOf(test.files...), "kiwi")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(layout{})); diff != "" {
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
