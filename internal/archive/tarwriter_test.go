package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func writeTar(entries []got) ([]byte, error) {
	var buf bytes.Buffer
	w := NewTarWriter(&buf)
	for _, e := range entries {
		if err := w.Add(e.Entry, strings.NewReader(e.Content)); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return buf.Bytes(), err
}

func TestTarWriter(t *testing.T) {
	split := strings.Repeat("d", 120) + "/" + strings.Repeat("n", 90)
	long := strings.Repeat("e", 120) + "/" + strings.Repeat("n", 190)
	want := []got{
		{Entry{Path: "a", Kind: Dir}, ""},
		{Entry{Path: "a/b", Size: 2}, "hi"},
		{Entry{Path: "a/empty", Kind: Dir}, ""},
		{Entry{Path: "a/link", Kind: Symlink, Target: "b"}, ""},
		{Entry{Path: "a-b", Size: 2, Executable: true}, "#!"},
		{Entry{Path: split}, ""},
		{Entry{Path: long}, ""},
		{Entry{Path: "ü", Size: 1}, "x"},
	}
	data, err := writeTar(want)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := read(data, DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if n := bytes.Count(data, []byte("ustar\x0000")); n != len(want)+2 {
		t.Errorf("%d headers, want one for each entry and two PAX headers", n)
	}
	// Products of every kind contain these bytes: they may not change.
	sum := sha256.Sum256(data)
	if got, want := hex.EncodeToString(sum[:]), "e903919cb2cc7b31772d94c82e70d19dc83dd314b16851dc234a33ae5782b7af"; got != want {
		t.Errorf("sha256 of the tar file is %s, want %s", got, want)
	}
}

func TestTarWriterRefuses(t *testing.T) {
	tests := map[string]struct {
		entries []got
		want    string
	}{
		"order":      {[]got{{Entry{Path: "b"}, ""}, {Entry{Path: "a"}, ""}}, `entry "a": comes after "b"`},
		"walk order": {[]got{{Entry{Path: "a-b"}, ""}, {Entry{Path: "a/b"}, ""}}, "not in order"},
		"twice":      {[]got{{Entry{Path: "a"}, ""}, {Entry{Path: "a"}, ""}}, "not in order"},
		"short":      {[]got{{Entry{Path: "a", Size: 3}, "hi"}}, "2 bytes of content, not 3"},
		"long":       {[]got{{Entry{Path: "a", Size: 1}, "hi"}}, "write too long"},
		"absolute":   {[]got{{Entry{Path: "/a"}, ""}}, "absolute"},
		"not clean":  {[]got{{Entry{Path: "a/./b"}, ""}}, "not clean"},
		"link":       {[]got{{Entry{Path: "a", Kind: Symlink, Target: "/b"}, ""}}, "absolute"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := writeTar(test.entries)
			wantError(t, err, test.want)
		})
	}
}
