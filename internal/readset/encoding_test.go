package readset_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cowasm/cowasm/internal/readset"
)

// example is the encoding of a set with each kind of node.
func example(t testing.TB) []byte {
	f := newForest()
	set, err := readset.New(f.load, f.tree(t, everything), []readset.Observation{
		{Path: "", Access: readset.Listed},
		{Path: "a/b/f", Access: readset.Looked},
		{Path: "a/b/g", Access: readset.Read},
		{Path: "a/exe", Access: readset.Read},
		{Path: "a/l", Access: readset.Looked},
		{Path: "a/none", Access: readset.Absent},
		{Path: "d", Access: readset.Listed},
		{Path: "d/y", Access: readset.Read},
	})
	if err != nil {
		t.Fatal(err)
	}
	return set.Encode()
}

func TestDecodeRefuses(t *testing.T) {
	const magic = "cowasm-readset-1\n"
	good := string(example(t))
	zeros := strings.Repeat("\x00", 33) // a digest
	root := func(kids string) string { return magic + "\x05" + zeros + kids }
	for _, tt := range []struct{ name, data, want string }{
		{"nothing", "", "does not start as one"},
		{"another version", strings.Replace(good, "-1\n", "-0\n", 1), "does not start as one"},
		{"no root", magic, "unexpected EOF"},
		{"a root that is a file", magic + "\x01\x00", "its root is no directory"},
		{"more", good + "x", "1 bytes follow it"},
		{"cut off", good[:len(good)-1], "malformed"},
		{"a kind that is none", root("\x01\x01f\x07"), "there is no kind 7"},
		{"a name that is none", root("\x01\x02..\x00"), "is not a file name"},
		{"the same name twice", root("\x02\x01f\x00\x01f\x00"), "out of order"},
		{"too long a name", root("\x01\xff\x01f\x00"), "unexpected EOF"},
		{"a long number", root("\x81\x00\x01f\x00"), "malformed"},
		{"too large a size", root("\x01\x01f\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "a size in it is too large"},
		{"many kids", root("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "malformed"},
		{"a short text", root("\x01\x05f"), "unexpected EOF"},
		{"too deep", magic + strings.Repeat("\x05"+zeros+"\x01\x01d", 5000), "nested more than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readset.Decode([]byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, want %q in it", err, tt.want)
			}
		})
	}
}

// What is decoded is what would be encoded, and can be compared with a tree.
func FuzzDecode(f *testing.F) {
	forest := newForest()
	root := forest.tree(f, everything)
	f.Add(example(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := readset.Decode(data)
		if err != nil {
			return
		}
		if again := set.Encode(); !bytes.Equal(again, data) {
			t.Errorf("%q is encoded as %q", data, again)
		}
		if _, err := set.Matches(forest.load, root); err != nil {
			t.Error(err)
		}
	})
}
