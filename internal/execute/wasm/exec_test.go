package wasm

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHeading(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string // path and arguments, nil if it is bad
	}{
		{"/bin/sh\n", []string{"/bin/sh", "/bin/sh"}},
		{"/bin/sh", []string{"/bin/sh", "/bin/sh"}},
		{" \t/bin/sh -e -x \r\nrest", []string{"/bin/sh", "/bin/sh", "-e -x"}},
		{"/usr/bin/env python3\n", []string{"python3", "python3"}},
		{"/usr/bin/env -S python3 -I  -m x\n", []string{"python3", "python3", "-I", "-m", "x"}},
		{"/usr/bin/env -Spython3\n", []string{"python3", "python3"}},
		{"/usr/bin/env /py/bin/python3\n", []string{"/py/bin/python3", "/py/bin/python3"}},
		{"/usr/bin/env python3 -I\n", nil},
		{"/usr/bin/env\n", nil},
		{"/usr/bin/env -S\n", nil},
		{"python3\n", nil},
		{"\n", nil},
		{"", nil},
		{"/" + strings.Repeat("x", maxHeading), nil},
	} {
		var got []string
		if h, ok := parseHeading([]byte(test.text)); ok {
			got = append([]string{h.path}, h.args...)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, diff)
		}
	}
}

func FuzzHeading(f *testing.F) {
	f.Add([]byte("/bin/sh -e\nrest"))
	f.Add([]byte("/usr/bin/env -S a b\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		h, ok := parseHeading(text)
		if ok && (h.path == "" || len(h.args) == 0 || strings.Contains(h.path+strings.Join(h.args, ""), "\n")) {
			t.Errorf("%q is parsed as %q", text, h)
		}
	})
}
