package expand

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	for _, test := range []struct{ command, want string }{ // words with bars between, or nothing if it takes a shell
		{"cc -c a.c -o a.o", "cc|-c|a.c|-o|a.o"},
		{"  cc\t-c  ", "cc|-c"},
		{`cc '-DX="a b"' "-DY='c'" a\ b`, `cc|-DX="a b"|-DY='c'|a b`},
		{`cc -D'X'"Y"Z\"`, `cc|-DXYZ"`},
		{`cc '' ""`, "cc||"},
		{`cc "a\"b\\c\$d\` + "`" + `e\f"`, "cc|a\"b\\c$d`e\\f"},
		{"cc \"a\\\nb\"", "cc|ab"},
		{`cc '*' '$x' ';' "a&b" \| \~`, "cc|*|$x|;|a&b|||~"},
		{"cc -DX=1 a=b", "cc|-DX=1|a=b"},
		{"/usr/bin/python3 x.py @a.rsp %y {z}", "/usr/bin/python3|x.py|@a.rsp|%y|{z}"},
		{"rm -f a && ar rc a b", ""},
		{"cc a > b", ""},
		{"cc $x", ""},
		{`cc "$x"`, ""},
		{"cc \"`x`\"", ""},
		{"cc `x`", ""},
		{"cc *.c", ""},
		{"cc ~/x", ""},
		{"cc a # b", ""},
		{"CC=x cc a", ""},
		{"'CC=x' a", "CC=x|a"},
		{"(cc a)", ""},
		{"cc a; cc b", ""},
		{"cc a\ncc b", ""},
		{"cc \\\na", ""},
		{"cc 'a", ""},
		{`cc "a`, ""},
		{`cc "a\`, ""},
		{`cc a\`, ""},
		{"", ""},
		{"   ", ""},
	} {
		words, ok := split(test.command)
		if ok != (test.want != "") {
			t.Errorf("%q: got %q, %t", test.command, words, ok)
		} else if diff := cmp.Diff(test.want, strings.Join(words, "|")); ok && diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.command, diff)
		}
	}
}

// What is quoted for a shell comes out as it was.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"a b", "it's", `"$x"`, "\n\\", ""} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
		words, ok := split("cc " + quote(a) + " " + quote(b))
		if diff := cmp.Diff([]string{"cc", a, b}, words); !ok || diff != "" {
			t.Errorf("%t, words (-want +got):\n%s", ok, diff)
		}
		split(a + b)
	})
}
