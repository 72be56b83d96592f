package diag

import "testing"

func TestNearest(t *testing.T) {
	for _, test := range []struct {
		word       string
		candidates []string
		want       string
	}{
		{"biuld", []string{"test", "build"}, "build"},
		{"tset", []string{"test", "build"}, "test"},
		{"Build", []string{"build"}, "build"},
		{"srcs", []string{"src", "deps"}, "src"},
		{"frobnicate", []string{"build", "test"}, ""},
		{"a", []string{"c", "b"}, "b"},
		{"", []string{"build"}, ""},
		{"build", nil, ""},
	} {
		if got := Nearest(test.word, test.candidates); got != test.want {
			t.Errorf("Nearest(%q, %q) = %q, want %q", test.word, test.candidates, got, test.want)
		}
	}
}

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0},
		{"abc", "abd", 1}, {"abc", "ab", 1}, {"abc", "xabc", 1}, {"abc", "acb", 1},
		{"kitten", "sitting", 3}, {"ca", "abc", 3},
	} {
		if got := editDistance(test.a, test.b); got != test.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
