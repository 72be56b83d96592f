package patch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// apply applies a patch to files, as a caller does.
func apply(files map[string]string, text string) (map[string]string, error) {
	changes, err := Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for p, content := range files {
		out[p] = content
	}
	for _, c := range changes {
		data, err := c.Apply([]byte(out[c.Old]))
		if err != nil {
			return nil, err
		}
		delete(out, c.Old)
		if c.New != "" {
			out[c.New] = string(data)
			if c.Executable(false) {
				out[c.New] += "*"
			}
		}
	}
	return out, nil
}

func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }

func TestApply(t *testing.T) {
	file := map[string]string{"f": lines("1", "2", "3", "4", "5", "6", "7", "8", "9")}
	tests := []struct {
		name  string
		files map[string]string
		patch string
		want  map[string]string
	}{
		{"change", file,
			lines("--- a/f", "+++ b/f", "@@ -2,3 +2,3 @@", " 2", "-3", "+three", " 4"),
			map[string]string{"f": lines("1", "2", "three", "4", "5", "6", "7", "8", "9")}},
		{"two hunks, and a time", file,
			lines("--- a/f\t2020-01-01 00:00:00", "+++ b/f\t2020-01-01", "@@ -1 +1,2 @@ func", "-1", "+one", "+more", "@@ -9,1 +10,0 @@", "-9"),
			map[string]string{"f": lines("one", "more", "2", "3", "4", "5", "6", "7", "8")}},
		{"insert only", file,
			lines("--- a/f", "+++ b/f", "@@ -3,0 +4 @@", "+3.5", "@@ -9,0 +11 @@", "+10"),
			map[string]string{"f": lines("1", "2", "3", "3.5", "4", "5", "6", "7", "8", "9", "10")}},
		{"create", nil,
			lines("--- /dev/null", "+++ b/dir/new", "@@ -0,0 +1,2 @@", "+a", "+b"),
			map[string]string{"dir/new": lines("a", "b")}},
		{"delete", map[string]string{"f": "a\nb\n", "g": ""},
			lines("--- a/f", "+++ /dev/null", "@@ -1,2 +0,0 @@", "-a", "-b"),
			map[string]string{"g": ""}},
		{"a commit with two files", map[string]string{"f": "a\n", "g": "b\n"},
			lines("From 123 Mon Sep 17", "Subject: change", "---", " f | 2 +-", "--- no header", "diff --git a/f b/f", "index 1..2 100644",
				"--- a/f", "+++ b/f", "@@ -1 +1 @@", "-a", "+A", "diff --git a/g b/g", "index 1..2 100644",
				"--- a/g", "+++ b/g", "@@ -1 +1 @@", "-b", "+B", "-- ", "2.39.2"),
			map[string]string{"f": "A\n", "g": "B\n"}},
		{"no newline before", map[string]string{"f": "a"},
			lines("--- a/f", "+++ b/f", "@@ -1 +1 @@", "-a", `\ No newline at end of file`, "+a"),
			map[string]string{"f": "a\n"}},
		{"no newline after", map[string]string{"f": "a\n"},
			lines("--- a/f", "+++ b/f", "@@ -1 +1 @@", "-a", "+a", `\ No newline at end of file`),
			map[string]string{"f": "a"}},
		{"no newline in context", map[string]string{"f": "a\nb"},
			lines("--- a/f", "+++ b/f", "@@ -1,2 +1,2 @@", "-a", "+A", " b", `\ No newline at end of file`),
			map[string]string{"f": "A\nb"}},
		{"carriage returns", map[string]string{"f": "a\r\nb\r\n"},
			"--- a/f\r\n+++ b/f\r\n@@ -1,2 +1,2 @@\r\n-a\r\n+A\r\n b\r\n",
			map[string]string{"f": "A\r\nb\r\n"}},
		{"rename with a change", map[string]string{"old name": "a\n"},
			lines("diff --git a/old name b/new", "similarity index 50%", "rename from old name", "rename to new", "index 1..2",
				"--- a/old name", "+++ b/new", "@@ -1 +1 @@", "-a", "+b"),
			map[string]string{"new": "b\n"}},
		{"rename alone", map[string]string{"f": "a\n"},
			lines("diff --git a/f b/g", "similarity index 100%", "rename from f", "rename to g"),
			map[string]string{"g": "a\n"}},
		{"mode alone", map[string]string{"a b": "x"},
			lines("diff --git a/a b b/a b", "old mode 100644", "new mode 100755"),
			map[string]string{"a b": "x*"}},
		{"empty files", map[string]string{"old": ""},
			lines("diff --git a/old b/old", "deleted file mode 100644", "index e69de29..0000000",
				"diff --git a/new b/new", "new file mode 100755", "index 0000000..e69de29"),
			map[string]string{"new": "*"}},
		{"quoted", map[string]string{"ü": "a\n"},
			lines(`--- "a/\303\274"`, `+++ "b/\303\274"`, "@@ -1 +1 @@", "-a", "+b"),
			map[string]string{"ü": "b\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := apply(tt.files, tt.patch)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	file := map[string]string{"f": lines("1", "2", "3")}
	header := "--- a/f\n+++ b/f\n"
	tests := []struct{ name, patch, want string }{
		{"empty", "", "there is no change in it"},
		{"prose", "hello\n", "there is no change in it"},
		{"other context", header + lines("@@ -1,2 +1,2 @@", " one", "-2", "+two"),
			`line 3: the hunk does not fit: line 1 of f is "1\n", not "one\n"`},
		{"one line off", header + lines("@@ -2 +2 @@", "-1", "+one"),
			`line 3: the hunk does not fit: line 2 of f is "2\n", not "1\n"`},
		{"beyond the end", header + lines("@@ -3,2 +3 @@", " 3", "-4"), "line 3: the hunk does not fit: f has only 3 lines"},
		{"far beyond the end", header + lines("@@ -9,0 +9 @@", "+9"), "line 3: the hunk does not fit: f has only 3 lines"},
		{"overlap", header + lines("@@ -2 +2 @@", "-2", "+x", "@@ -2 +2 @@", "-2", "+y"),
			"line 6: the hunk overlaps the one before or comes before it"},
		{"cut short", header + lines("@@ -1,3 +1,3 @@", " 1", "-2"), "line 6: the patch ends in the middle of a hunk"},
		{"cut in a line", header + "@@ -1 +1 @@\n-1\n+on", "line 5: the patch ends in the middle of a line"},
		{"too many lines", header + lines("@@ -1 +1 @@", "-1", "+one", "+more"), "line 6: the hunk before has more lines than its header says"},
		{"unbalanced", header + lines("@@ -1,1 +1,3 @@", "-1", "-2", "+x", "+y", "+z"), "line 9: the hunk has more lines than its header says"},
		{"stripped space", header + lines("@@ -1,2 +1,2 @@", "-1", "+one", ""), `line 6: "" is not a line of a hunk: it begins with none of space, + and -`},
		{"no hunk", header, "line 3: the change has no hunk"},
		{"bad hunk", header + "@@ -x +y @@\n", `line 3: "@@ -x +y @@" is not the header of a hunk`},
		{"huge numbers", header + "@@ -99999999999999999999 +1 @@\n", "line 3: line numbers 99999999999999999999, are too large"},
		{"line zero", header + lines("@@ -0,1 +1 @@", "-1", "+x"), "line 3: the hunk starts before the first line"},
		{"newline in the middle", header + lines("@@ -1 +1 @@", "-1", "+one", `\ No newline at end of file`),
			"the patch takes the newline off a line of f that is not its last"},
		{"stray backslash", header + lines("@@ -1 +1 @@", `\ No newline at end of file`), "line 4: the line says of no line that it has no newline"},
		{"partial delete", lines("--- a/f", "+++ /dev/null", "@@ -1 +0,0 @@", "-1"), "the patch deletes f, but does not have all of its lines"},
		{"new with old lines", lines("--- /dev/null", "+++ b/g", "@@ -1 +1 @@", "-1", "+x"), "line 6: the file is new, but the hunk has old lines"},
		{"nothing to nothing", lines("--- /dev/null", "+++ /dev/null", "@@ -1 +1 @@", "-1", "+x"), "line 3: the change is from no file to no file"},
		{"two files", lines("--- a/f", "+++ b/g", "@@ -1 +1 @@", "-1", "+x"), "line 3: the change names two files, f and g"},
		{"git says another", lines("diff --git a/f b/f", "--- a/g", "+++ b/g", "@@ -1 +1 @@", "-1", "+x"), `line 4: the change names different files, "g" and "g" here`},
		{"traversal", lines("--- a/../f", "+++ b/../f", "@@ -1 +1 @@", "-1", "+x"), `line 1: path "../f" is not a clean relative path`},
		{"absolute", lines("--- a//f", "+++ b//f", "@@ -1 +1 @@", "-1", "+x"), `line 1: path "/f" is not a clean relative path`},
		{"no folder", lines("--- f", "+++ f", "@@ -1 +1 @@", "-1", "+x"), `line 1: path "f" has no first folder to leave out, as in a/f`},
		{"bad quote", lines(`--- "a/f`, `+++ "b/f`, "@@ -1 +1 @@"), `line 1: path "a/f is wrongly quoted`},
		{"binary", lines("diff --git a/f b/f", "GIT binary patch", "literal 1"), `line 2: "GIT binary patch" is not supported in a patch`},
		{"copy", lines("diff --git a/f b/g", "copy from f", "copy to g"), `line 2: "copy from" is not supported in a patch`},
		{"symlink", lines("diff --git a/l b/l", "new file mode 120000", "--- /dev/null", "+++ b/l", "@@ -0,0 +1 @@", "+f"), `line 3: mode "120000" is not supported in a patch`},
		{"git names nothing", lines("diff --git a/f b/g"), "line 2: the change does not say which file it is about"},
		{"git without files", lines("diff --git x"), `line 1: "diff --git x" does not name two files`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := apply(file, tt.patch)
			if err == nil {
				t.Fatalf("no error, but %q", got)
			}
			if err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// What diff -u says of two files turns the one into the other.
func FuzzDiff(f *testing.F) {
	diff, err := exec.LookPath("diff")
	if err != nil {
		f.Skip("there is no diff")
	}
	f.Add("a\nb\nc\n", "a\nB\nc\n")
	f.Add("", "new")
	f.Add("no newline", "no newline\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		if before == after || strings.Contains(before+after, "\x00") {
			t.Skip()
		}
		dir := t.TempDir()
		for name, content := range map[string]string{"a/f": before, "b/f": after} {
			p := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(p, []byte(content), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(diff, "-u", "--text", "a/f", "b/f")
		cmd.Dir = dir
		cmd.Env = []string{"LC_ALL=C"}
		out, err := cmd.Output()
		if code := cmd.ProcessState.ExitCode(); code != 1 {
			t.Fatalf("diff: %d, %v", code, err)
		}
		got, err := apply(map[string]string{"f": before}, string(out))
		if err != nil || got["f"] != after {
			t.Errorf("got %q, %v; want %q; by\n%s", got["f"], err, after, out)
		}
	})
}

// Whatever a patch is, it is applied or refused, and paths stay in the tree.
func FuzzParse(f *testing.F) {
	f.Add("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n", "a\n")
	f.Add("diff --git a/f b/g\nrename from f\nrename to g\nnew mode 100755\n", "")
	f.Add("--- \"a/\\303\"\n+++ /dev/null\n@@ -0,0 +1,2 @@ x\n", "b")
	f.Fuzz(func(t *testing.T, text, content string) {
		changes, err := Parse([]byte(text))
		if err != nil {
			return
		}
		for _, c := range changes {
			for _, p := range []string{c.Old, c.New} {
				if p != "" && !filepath.IsLocal(p) {
					t.Errorf("path %q", p)
				}
			}
			_, _ = c.Apply([]byte(content))
		}
	})
}
