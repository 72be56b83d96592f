package edit

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// inFolder writes a BUILD file of package "p" and returns the root.
func inFolder(t *testing.T, text string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "p"), 0o777); err != nil {
		t.Fatal(err)
	}
	writeBUILD(t, root, text)
	return root
}

func writeBUILD(t *testing.T, root, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(root, "p", "BUILD"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestChangedMeanwhile holds an edit back that would undo somebody else's.
func TestChangedMeanwhile(t *testing.T) {
	root := inFolder(t, `source_archive(name = "s", purl = "pkg:pypi/x@1", sha256 = "0")`)
	f, err := Read(root, "p")
	if err != nil {
		t.Fatal(err)
	}
	f.Pins()[0].Set("2", "1")
	writeBUILD(t, root, "# mine\n")
	if err := f.Write(); err == nil || !strings.Contains(err.Error(), "p/BUILD: the file was changed while it was being edited") {
		t.Errorf("got error %v", err)
	}
	got, err := os.ReadFile(filepath.Join(root, "p", "BUILD"))
	if err != nil || string(got) != "# mine\n" {
		t.Errorf("the file is %q, %v", got, err)
	}
}

func TestPins(t *testing.T) {
	root := inFolder(t, `
source_archive(name = "whole", purl = "pkg:pypi/x@1%2Bl?file_name=y#z", sha256 = '0')
source_archive(
    name = "held",
    # keep: it is the last
    purl = "pkg:pypi/x@1",
    sha256 = "0",
)
source_archive(name = "keeper", purl = "pkg:pypi/x@1", sha256 = "0")  # keepers
source_archive(name = "bad", purl = "x", sha256 = "0")
source_archive(name = "none", urls = [], sha256 = "0")
`)
	f, err := Read(root, "p")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, pin := range f.Pins() {
		text := pin.Label.String() + " " + pin.Version
		if pin.Held {
			text += " held"
		}
		got = append(got, text)
	}
	want := "//p:whole 1+l\n//p:held 1 held\n//p:keeper 1"
	if strings.Join(got, "\n") != want {
		t.Errorf("got %q", got)
	}
	f.Pins()[0].Set("2+m", "f")
	if content := string(f.Content()); !strings.Contains(content, `purl = "pkg:pypi/x@2%2Bm?file_name=y#z", sha256 = "f")`) {
		t.Error(content)
	}
}

func TestTargets(t *testing.T) {
	for text, want := range map[string]string{
		"//a/b":       "a/b b",
		"//a/b:c":     "a/b c",
		"//a/...":     "a/** *",
		"//...":       "** *",
		"//...:%k":    "** %k",
		"//a/*:x_*":   "a/* x_*",
		"//a:all":     "a *",
		":c":          "here c",
		"c":           "here c",
		"sub/d":       "here/sub/d d",
		"//:c":        " c",
		"//a:__pkg__": "a __pkg__",
	} {
		got, err := ParseTarget(text, "here")
		if err != nil || got.pkg+" "+got.name != want {
			t.Errorf("%s: got %q %q, %v", text, got.pkg, got.name, err)
		}
	}
	for _, text := range []string{"//a:", "//a[:b", "//a:["} {
		if _, err := ParseTarget(text, ""); err == nil {
			t.Errorf("no error for %q", text)
		}
	}
}

func FuzzCommand(f *testing.F) {
	f.Add("set deps a b", "//p:x")
	f.Add("dict_add d a:b", "//...:%x")
	f.Add("comment deps a\\ b", "//p:*")
	f.Fuzz(func(t *testing.T, command, target string) {
		c, err := ParseCommand(command)
		if err != nil {
			return
		}
		to, err := ParseTarget(target, "p")
		if err != nil {
			return
		}
		root := inFolder(t, "x(name = \"x\", deps = [\"a\"], d = {\"a\": 1})\n")
		_, _ = Apply(root, []string{"p"}, []Command{c}, []Target{to}, io.Discard)
	})
}
