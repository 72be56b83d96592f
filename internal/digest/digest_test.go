package digest

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	remoteexecution "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

const (
	emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	abcHash   = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
)

func TestOf(t *testing.T) {
	tests := []struct{ content, want string }{
		{"", emptyHash + "/0"},
		{"abc", abcHash + "/3"},
	}
	for _, tt := range tests {
		d := Of([]byte(tt.content))
		if d.String() != tt.want || d.Hash() != tt.want[:64] || d.Size() != int64(len(tt.content)) || d.IsZero() {
			t.Errorf("Of(%q) = %s, want %s", tt.content, d, tt.want)
		}
		if again, err := Parse(d.String()); err != nil || again != d {
			t.Errorf("Parse(%s) = %s, %v", d, again, err)
		}
		if again, err := FromProto(d.Proto()); err != nil || again != d {
			t.Errorf("FromProto of %s = %s, %v", d, again, err)
		}
		var copied bytes.Buffer
		if again, err := Copy(&copied, iotest.OneByteReader(strings.NewReader(tt.content))); err != nil || again != d || copied.String() != tt.content {
			t.Errorf("Copy of %q = %s, %v, and copied %q", tt.content, again, err, copied.String())
		}
	}
	if Empty != Of(nil) {
		t.Error("Empty is not the digest of nothing")
	}
}

func TestZero(t *testing.T) {
	var d Digest
	if !d.IsZero() || d.Proto() != nil {
		t.Errorf("%v", d.Proto())
	}
	if got, err := FromProto(nil); err != nil || !got.IsZero() {
		t.Errorf("FromProto(nil) = %s, %v", got, err)
	}
}

func TestCopyFails(t *testing.T) {
	broken := errors.New("broken")
	if _, err := Copy(&bytes.Buffer{}, iotest.ErrReader(broken)); err != broken {
		t.Errorf("got %v", err)
	}
}

func TestRefused(t *testing.T) {
	upper := strings.ToUpper(abcHash)
	tests := []struct{ in, want string }{
		{"", `digest "" is not of the form HASH/SIZE`},
		{abcHash, `digest "` + abcHash + `" is not of the form HASH/SIZE`},
		{abcHash + "/", `digest "` + abcHash + `/": size "" is not a number`},
		{abcHash + "/+3", `digest "` + abcHash + `/+3": size "+3" is not a number`},
		{abcHash + "/03", `digest "` + abcHash + `/03": size "03" is not a number`},
		{abcHash + "/99999999999999999999", `digest "` + abcHash + `/99999999999999999999": size "99999999999999999999" is not a number`},
		{abcHash + "/-1", "digest " + abcHash + ": negative size -1"},
		{abcHash + "/3/4", `digest "` + abcHash + `/3/4": size "3/4" is not a number`},
		{"abc/3", `sha256 "abc" has 3 characters, want 64`},
		{upper + "/3", `sha256 "` + upper + `" is not in lower case`},
		{strings.Repeat("g", 64) + "/3", `sha256 "` + strings.Repeat("g", 64) + `" is not hexadecimal`},
	}
	for _, tt := range tests {
		d, err := Parse(tt.in)
		if err == nil || err.Error() != tt.want {
			t.Errorf("Parse(%q): %v, want %s", tt.in, err, tt.want)
		}
		if !d.IsZero() {
			t.Errorf("Parse(%q) failed with the digest %s", tt.in, d)
		}
	}
	if _, err := FromProto(&remoteexecution.Digest{Hash: abcHash, SizeBytes: -1}); err == nil {
		t.Error("FromProto: no error for a negative size")
	}
}

// A text is a digest only in the form in which the digest is printed.
func FuzzParse(f *testing.F) {
	f.Add(emptyHash + "/0")
	f.Add(abcHash + "/-3")
	f.Add("/")
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := Parse(s); err == nil && d.String() != s {
			t.Errorf("%q was taken for %s", s, d)
		}
	})
}
