package label

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	tests := []struct {
		in, pkg string
		want    Label
		short   string
	}{
		{"//a/b:c", "", Label{"a/b", "c"}, "//a/b:c"},
		{"//a/b", "x", Label{"a/b", "b"}, "//a/b"},
		{"//a/b:b", "", Label{"a/b", "b"}, "//a/b"},
		{"//:c", "x", Label{"", "c"}, "//:c"},
		{":c", "x/y", Label{"x/y", "c"}, "//x/y:c"},
		{"c", "x/y", Label{"x/y", "c"}, "//x/y:c"},
		{"c", "", Label{"", "c"}, "//:c"},
		{"sub/file.py", "x", Label{"x", "sub/file.py"}, "//x:sub/file.py"},
		{"//x:sub/c++-1.0_(x)=~@,#!%^[]{}$&", "", Label{"x", "sub/c++-1.0_(x)=~@,#!%^[]{}$&"}, "//x:sub/c++-1.0_(x)=~@,#!%^[]{}$&"},
	}
	for _, tt := range tests {
		got, err := Parse(tt.in, tt.pkg)
		if err != nil || got != tt.want {
			t.Errorf("Parse(%q, %q) = %v, %v; want %v", tt.in, tt.pkg, got, err, tt.want)
		}
		if got.Short() != tt.short {
			t.Errorf("Short of %s = %s, want %s", got, got.Short(), tt.short)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `label "": the target name is empty`},
		{":", `label ":": the target name is empty`},
		{"//", `label "//" has no target name`},
		{"//a:", `label "//a:": the target name is empty`},
		{"//a//b:c", `label "//a//b:c": the package has an empty part`},
		{"//a/:c", `label "//a/:c": the package has an empty part`},
		{"//a/../b:c", `label "//a/../b:c": the package may not contain ".."`},
		{"//a:../b", `label "//a:../b": the target name may not contain ".."`},
		{"//a:b/", `label "//a:b/": the target name has an empty part`},
		{"/a:b", `label "/a:b": the target name has an empty part`},
		{"//a:b:c", `label "//a:b:c": the target name may not contain ':'`},
		{"a b", `label "a b": the target name may not contain ' '`},
		{"//ä:b", `label "//ä:b": the package may not contain 'ä'`},
		{"//a/...", `label "//a/...": the package may not contain "..."`},
		{"@six//:six", `label "@six//:six": it names another repository; cowasm has one repository, write //package:name`},
		{`a\b`, `label "a\\b": the target name may not contain '\\'`},
	}
	for _, tt := range tests {
		if got, err := Parse(tt.in, "pkg"); err == nil || err.Error() != tt.want {
			t.Errorf("Parse(%q) = %v, %v; want %s", tt.in, got, err, tt.want)
		}
	}
}

func TestCompare(t *testing.T) {
	want := []Label{{"", "a"}, {"a", "a"}, {"a", "b"}, {"a/b", "a"}, {"b", ""}}
	got := []Label{want[3], want[1], want[4], want[0], want[2]}
	slices.SortFunc(got, Label.Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("//a/b:c", "")
	f.Add(":c", "x/y")
	f.Add("//:x/y", "z")
	f.Fuzz(func(t *testing.T, s, pkg string) {
		if checkPackage(pkg) != nil {
			return
		}
		l, err := Parse(s, pkg)
		if err != nil {
			return
		}
		for _, form := range []string{l.String(), l.Short()} {
			if again, err := Parse(form, "other"); err != nil || again != l {
				t.Errorf("%q gives %v, and its form %q gives %v, %v", s, l, form, again, err)
			}
		}
	})
}
