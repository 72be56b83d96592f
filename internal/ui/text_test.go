package ui

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestTruncate(t *testing.T) {
	for _, test := range []struct {
		in   string
		n    int
		want string
	}{
		{"", 1, ""}, {"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"abcd", 1, "…"},
		{"漢字", 4, "漢字"}, {"漢字", 3, "漢…"}, {"漢字", 2, "…"}, {"e\u0301e\u0301", 2, "e\u0301e\u0301"},
	} {
		if got := truncate(test.in, test.n); got != test.want {
			t.Errorf("truncate(%q, %d) = %q, want %q", test.in, test.n, got, test.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:            "0.0s",
		1234 * time.Millisecond: "1.2s",
		9949 * time.Millisecond: "9.9s",
		9950 * time.Millisecond: "10s",
		59 * time.Second:        "59s",
		60 * time.Second:        "1m00s",
		3725 * time.Second:      "1h02m",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		time.Second:      "10s",
		31 * time.Second: "40s",
		61 * time.Second: "2m",
		89 * time.Minute: "89m",
		91 * time.Minute: "2h",
	} {
		if got := roughly(d); got != want {
			t.Errorf("roughly(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 3_900_000: "3.9 MB", 1 << 62: "4.6 EB",
	} {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
}

// FuzzClean checks that nothing that reaches a terminal can control it.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"plain\n\ttext", "\x1b]0;title\a", "\u009b31m", "\u202e", "\xff", "a\r\nb\rc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if !utf8.ValidString(got) {
			t.Errorf("clean(%q) = %q is not UTF-8", s, got)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && r != '\t' && unicode.Is(unicode.C, r) }); i >= 0 {
			t.Errorf("clean(%q) = %q has a control character at %d", s, got, i)
		}
	})
}
