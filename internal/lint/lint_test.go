package lint

import (
	"strings"
	"testing"
)

// notRun is Outdated where no test was run.
func notRun(string) ([]string, error) { return nil, nil }

func TestFix(t *testing.T) {
	for text, want := range map[string]string{
		"x = 1\n": "x = 1\n",
		"load(\":a.bzl\", \"b\")\nload(\":c.bzl\", \"d\")\n\nd(name = \"x\")\n": "load(\":c.bzl\", \"d\")\n\nd(name = \"x\")\n",
		// Nothing to mend, so that the layout is nobody's business.
		"d( name='x' )\n": "d( name='x' )\n",
	} {
		f, err := Parse("p/BUILD", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := f.Fix(notRun)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestParseError(t *testing.T) {
	_, err := Parse("p/BUILD", []byte("x(\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "p/BUILD:") {
		t.Errorf("got error %v", err)
	}
}

func FuzzFindings(f *testing.F) {
	f.Add("BUILD", "load(':a', 'b')\nsource_archive(name = 'x')\n")
	f.Add("x.bzl", "def f():\n    return 1 / 2\n    a += []\n")
	f.Fuzz(func(t *testing.T, name, text string) {
		file, err := Parse("p/"+name, []byte(text))
		if err != nil {
			return
		}
		file.Findings()
		if _, err := file.Fix(notRun); err != nil {
			t.Error(err)
		}
	})
}
