package label

import "testing"

func TestPattern(t *testing.T) {
	all := []Label{{"", "x"}, {"a", "a"}, {"a", "x"}, {"a/b", "b"}, {"a/b/c", "x"}, {"ab", "ab"}}
	tests := []struct {
		in, pkg, form string
		matches       []int // indices into all
		single        bool
	}{
		{"//a:x", "", "//a:x", []int{2}, true},
		{"//a", "", "//a:a", []int{1}, true},
		{"//a:all", "", "//a:all", []int{1, 2}, false},
		{"//a:*", "", "//a:all", []int{1, 2}, false},
		{"//a/...", "", "//a/...", []int{1, 2, 3, 4}, false},
		{"//a/...:all", "", "//a/...", []int{1, 2, 3, 4}, false},
		{"//a/...:*", "", "//a/...", []int{1, 2, 3, 4}, false},
		{"//...", "a", "//...", []int{0, 1, 2, 3, 4, 5}, false},
		{"//:all", "a", "//:all", []int{0}, false},
		{"//:x", "a", "//:x", []int{0}, true},
		{"...", "a", "//a/...", []int{1, 2, 3, 4}, false},
		{"...", "", "//...", []int{0, 1, 2, 3, 4, 5}, false},
		{"b/...", "a", "//a/b/...", []int{3, 4}, false},
		{":all", "a", "//a:all", []int{1, 2}, false},
		{"all", "a", "//a/all:all", nil, true},
		{":x", "a", "//a:x", []int{2}, true},
		{"b", "a", "//a/b:b", []int{3}, true},
		{"b/", "a", "//a/b:b", []int{3}, true},
		{"b:all", "a", "//a/b:all", []int{3}, false},
		{"a/b/c:x", "", "//a/b/c:x", []int{4}, true},
		{"-//a/...", "", "-//a/...", []int{1, 2, 3, 4}, false},
		{"-b", "a", "-//a/b:b", []int{3}, true},
	}
	for _, tt := range tests {
		p, err := ParsePattern(tt.in, tt.pkg)
		if err != nil {
			t.Errorf("ParsePattern(%q, %q): %v", tt.in, tt.pkg, err)
			continue
		}
		if p.String() != tt.form || p.Single() != tt.single || p.Negative != (tt.in[0] == '-') {
			t.Errorf("ParsePattern(%q, %q) = %s, single %v; want %s, %v", tt.in, tt.pkg, p, p.Single(), tt.form, tt.single)
		}
		var got []int
		for i, l := range all {
			if p.Matches(l) {
				got = append(got, i)
				if !p.MatchesPackage(l.Package) {
					t.Errorf("%s matches %s, but not its package", p, l)
				}
			}
		}
		if len(got) != len(tt.matches) {
			t.Errorf("%s matches %v, want %v", p, got, tt.matches)
			continue
		}
		for i := range got {
			if got[i] != tt.matches[i] {
				t.Errorf("%s matches %v, want %v", p, got, tt.matches)
				break
			}
		}
	}
}

func TestPatternRefused(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `pattern "": label "": the target name is empty`},
		{"-", `pattern "-": label "": the target name is empty`},
		{"//a/...:x", `pattern "//a/...:x": after /... only :all may follow`},
		{"/...", `pattern "/...": the package has an empty part`},
		{"///...", `pattern "///...": the package has an empty part`},
		{"/a:all", `pattern "/a:all": the package has an empty part`},
		{"//a/.../b", `pattern "//a/.../b": label "//a/.../b": the package may not contain "..."`},
		{"//a/../...", `pattern "//a/../...": the package may not contain ".."`},
		{"../b", `pattern "../b": label "//pkg/../b": the package may not contain ".."`},
		{"//a//...", `pattern "//a//...": the package has an empty part`},
		{"@x//...", `pattern "@x//...": it names another repository; cowasm has one repository, write //package:name`},
		{"//a b/...", `pattern "//a b/...": the package may not contain ' '`},
	}
	for _, tt := range tests {
		if p, err := ParsePattern(tt.in, "pkg"); err == nil || err.Error() != tt.want {
			t.Errorf("ParsePattern(%q) = %s, %v; want %s", tt.in, p, err, tt.want)
		}
	}
}

func FuzzParsePattern(f *testing.F) {
	f.Add("//a/...", "")
	f.Add("-...", "a/b")
	f.Add("x:all", "a")
	f.Fuzz(func(t *testing.T, s, pkg string) {
		if checkPackage(pkg) != nil {
			return
		}
		p, err := ParsePattern(s, pkg)
		if err != nil {
			return
		}
		if again, err := ParsePattern(p.String(), "other"); err != nil || again != p {
			t.Errorf("%q gives %s, which gives %s, %v", s, p, again, err)
		}
		if err := checkPackage(p.Label.Package); err != nil {
			t.Errorf("%q gives %s: %v", s, p, err)
		}
	})
}
