package catalogue

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var rows = []Row{
	{Package: "six", Version: "1.17.0", Bundle: 12_548, Sdist: 34_031, Wheel: 36_100, Tested: true, Passed: 204, Listed: 2, Skipped: 3, Seconds: 0.31},
	{Package: "numpy", Version: "2.4.6", Bundle: 3_000_000, Sdist: 20_000_000, Wheel: 70_000_000, Seconds: 912.25},
}

const table = `| numpy | 2.4.6 | 3000.0 | 20000.0 | 70000.0 |  |  |  | 912.2 |
| six | 1.17.0 | 12.5 | 34.0 | 36.1 | 204 | 2 | 209 | 0.3 |
| all 2 |  | 3012.5 | 20034.0 | 70036.1 | 204 | 2 | 209 | 912.6 |
`

func TestWrite(t *testing.T) {
	if diff := cmp.Diff(preamble+table, string(Write(rows))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	unknown := []Row{rows[0], {Package: "private", Version: "1"}}
	if got := string(Write(unknown)); !strings.Contains(got, "\n| private | 1 |  |  |  |  |  |  | 0.0 |\n") ||
		!strings.HasSuffix(got, "| all 2 |  | 12.5 | 34.0 |  | 204 | 2 | 209 | 0.3 |\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestRead(t *testing.T) {
	got, err := Read([]byte(preamble + table))
	if err != nil {
		t.Fatal(err)
	}
	want := []Row{
		{Package: "numpy", Version: "2.4.6", Bundle: 3_000_000, Sdist: 20_000_000, Wheel: 70_000_000, Seconds: 912.2},
		{Package: "six", Version: "1.17.0", Bundle: 12_500, Sdist: 34_000, Wheel: 36_100, Tested: true, Passed: 204, Listed: 2, Skipped: 3, Seconds: 0.3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// What was read gives the same page.
	if diff := cmp.Diff(preamble+table, strings.ReplaceAll(string(Write(got)), "912.5", "912.6")); diff != "" {
		t.Errorf("written again (-want +got)\n%s", diff)
	}
	for _, test := range []struct{ row, want string }{
		{"| six | 1 |", "the row has 2 cells, want 9"},
		{"| six | 1 | x | | | | | | 0 |", `"x" is not a figure`},
		{"| six | 1 | -4 | | | | | | 0 |", `"-4" is not a figure`},
		{"| six | 1 | 1e99 | | | | | | 0 |", `"1e99" is not a figure`},
	} {
		if _, err := Read([]byte(preamble + test.row)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.row, err, test.want)
		}
	}
	if got, err := Read(nil); got != nil || err != nil {
		t.Errorf("of nothing: %v, %v", got, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(preamble + table))
	f.Fuzz(func(t *testing.T, page []byte) {
		rows, err := Read(page)
		if err != nil {
			return
		}
		if _, err := Read(Write(rows)); err != nil {
			t.Errorf("what was written cannot be read: %v", err)
		}
	})
}

func TestChooseWheel(t *testing.T) {
	for _, test := range []struct{ version, names, want string }{
		{"1.0", "six-1.0.tar.gz six-1.0-py2.py3-none-any.whl six-0.9-py3-none-any.whl", "six-1.0-py2.py3-none-any.whl"},
		{"1.0", "x-1.0-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl x-1.0-py3-none-any.whl", "x-1.0-py3-none-any.whl"},
		{"1.0", "x-1.0-cp312-cp312-manylinux_2_17_x86_64.whl x-1.0-cp313-cp313-musllinux_1_2_x86_64.whl x-1.0-1-cp313-cp313-manylinux_2_17_x86_64.whl x-1.0-cp313-cp313t-win_amd64.whl", "x-1.0-1-cp313-cp313-manylinux_2_17_x86_64.whl"},
		{"1.0", "x-1.0-cp39-abi3-manylinux_2_17_x86_64.whl", "x-1.0-cp39-abi3-manylinux_2_17_x86_64.whl"},
		{"1.0", "x-1.0-py2-none-any.whl x.whl x-1.0.whl", ""},
		{"1.0", "", ""},
	} {
		if got := ChooseWheel(test.version, strings.Fields(test.names)); got != test.want {
			t.Errorf("of %s: got %q, want %q", test.names, got, test.want)
		}
	}
}

func TestWheelSize(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range map[string]string{"a.py": strings.Repeat("x", 1000), "b/c.py": "12345"} {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := WheelSize(bytes.NewReader(b.Bytes()), int64(b.Len())); got != 1005 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	if _, err := WheelSize(strings.NewReader("no zip"), 6); err == nil {
		t.Error("a text was taken for a wheel")
	}
}
