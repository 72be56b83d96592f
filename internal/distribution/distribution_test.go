package distribution

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMarkers(t *testing.T) {
	tests := []struct {
		marker, extra string
		want          bool
		err           string
	}{
		{marker: `python_version < "3.8"`},
		{marker: `python_version >= "3.8"`, want: true},
		{marker: `python_version >= '3.9' and sys_platform != "win32"`, want: true},
		{marker: `python_version == "3.*"`, want: true},
		{marker: `"linux" in sys_platform`},
		{marker: `sys_platform not in "linux darwin"`, want: true},
		{marker: `(os_name == "nt" or sys_platform == "wasi") and implementation_name == "cpython"`, want: true},
		{marker: `os.name == "posix"`, want: true},
		{marker: `python_full_version < "3.13.5"`},
		{marker: `platform_python_implementation != "PyPy" or extra == "x"`, want: true},
		{marker: `extra == "Tests_All"`, extra: "tests-all", want: true},
		{marker: `extra == "tests"`},
		{marker: ``, err: "ends too early"},
		{marker: `os_name`, err: "ends too early"},
		{marker: `os_name == `, err: "ends too early"},
		{marker: `os_name not in`, err: "ends too early"},
		{marker: `os_nam == "x"`, err: `no variable "os_nam"`},
		{marker: `os_name == "x`, err: "has no end"},
		{marker: `os_name is "x"`, err: `no operator "is"`},
		{marker: `(os_name == "x"`, err: "not closed"},
		{marker: `os_name == "x" os_name`, err: "is too much"},
		{marker: `os_name ~= "x"`, err: "are not versions"},
		{marker: strings.Repeat("(", 100) + `os_name == "x"`, err: "more than 50 parentheses"},
	}
	for _, test := range tests {
		got, err := evaluateMarker(test.marker, test.extra)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: got error %v, want %q", test.marker, err, test.err)
			}
			continue
		}
		if err != nil || got != test.want {
			t.Errorf("%s: got %v, %v, want %v", test.marker, got, err, test.want)
		}
	}
}

func TestVersions(t *testing.T) {
	for version, want := range map[string]bool{
		"1.0": true, "2026.10.18": true, "1.0.post1": true, "1!2.0": true,
		"1.0rc1": false, "1.0.dev3": false, "1.0+local": false, "one": false, "": false,
	} {
		if got := IsFinal(version); got != want {
			t.Errorf("IsFinal(%q) = %v", version, got)
		}
	}
	for requires, want := range map[string]bool{
		"": true, ">=3.8": true, ">=3.8,<4": true, ">=2.7, !=3.0.*": true, "~=3.10": true, "rubbish": true,
		">=3.14": false, "<3.13": false, "==3.12.*": false,
	} {
		if got := AllowsPython(requires); got != want {
			t.Errorf("AllowsPython(%q) = %v", requires, got)
		}
	}
	if CompareVersions("1.10", "1.9") <= 0 || CompareVersions("rubbish", "1") >= 0 {
		t.Error("versions are not in order")
	}
}

func TestParseMetadata(t *testing.T) {
	const text = `Metadata-Version: 2.1
Name: Some_Thing
Version: 1.2
Summary: What it is
License: BSD 3-Clause
Requires-Python: >=3.8
Requires-Dist: b[x] (>=1.0) ; python_version > "3"
Requires-Dist: a<2
Requires-Dist: c; extra == "test"
Requires-Dist: d; sys_platform == "win32"

The description: of it
`
	m, err := ParseMetadata([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	deps, err := m.Dependencies()
	if err != nil {
		t.Fatal(err)
	}
	m.Requires = nil
	want := &Metadata{Name: "Some_Thing", Version: "1.2", Summary: "What it is", Licence: "BSD-3-Clause", RequiresPython: ">=3.8"}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b"}, deps); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"", "rubbish", "Name: x\n", "Name: x\nVersion: 1\nRequires-Dist: =\n"} {
		if _, err := ParseMetadata([]byte(bad)); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}

func TestLicence(t *testing.T) {
	for _, test := range []struct {
		expression, text string
		classifiers      []string
		want             string
	}{
		{expression: "MIT OR Apache-2.0", text: "x", want: "MIT OR Apache-2.0"},
		{text: "BSD-3-Clause", want: "BSD-3-Clause"},
		{text: "MIT", want: "MIT"},
		{text: "Permission is hereby granted", want: ""},
		{text: "BSD", classifiers: []string{"License :: OSI Approved :: BSD License"}, want: ""},
		{classifiers: []string{"License :: OSI Approved", "License :: OSI Approved :: MIT License"}, want: "MIT"},
		{classifiers: []string{"License :: OSI Approved :: MIT License", "License :: OSI Approved :: Python Software Foundation License"}, want: ""},
		{classifiers: []string{"Programming Language :: Python"}, want: ""},
	} {
		if got := licence(test.expression, test.text, test.classifiers); got != test.want {
			t.Errorf("licence(%q, %q, %q) = %q, want %q", test.expression, test.text, test.classifiers, got, test.want)
		}
	}
}

func TestImports(t *testing.T) {
	const source = `"""
import in_a_string
"""
import a, b.c as d  # import comment
from e.f import (
    g,
    h,
)
from . import i
from .j import k
import l; import m
x = 'import no' + "\" import no"
import \
    n
if True:
    import o
def f():
	from p import q
from_ = 1
importlib = 2
import
from
from r
`
	want := []Import{
		{Module: "a"}, {Module: "b.c"}, {Module: "e.f"}, {Module: "l"}, {Module: "m"}, {Module: "n"},
		{Module: "o", Nested: true}, {Module: "p", Nested: true},
	}
	if diff := cmp.Diff(want, Imports([]byte(source))); diff != "" {
		t.Error(diff)
	}
	if !IsStandard("os") || IsStandard("numpy") {
		t.Error("the standard library is not known")
	}
}

func FuzzImports(f *testing.F) {
	f.Add("import a\nfrom b import (c,\n")
	f.Add("'''\\")
	f.Fuzz(func(t *testing.T, s string) { Imports([]byte(s)) })
}

func FuzzMarker(f *testing.F) {
	f.Add(`(os_name == "x" or extra not in 'y')`)
	f.Fuzz(func(t *testing.T, s string) { _, _ = evaluateMarker(s, "x") })
}

func FuzzParseMetadata(f *testing.F) {
	f.Add("Name: a\nVersion: 1\nRequires-Dist: b[c]>1; os_name == 'x'\n")
	f.Fuzz(func(t *testing.T, s string) {
		if m, err := ParseMetadata([]byte(s)); err == nil {
			_, _ = m.Dependencies()
		}
	})
}
