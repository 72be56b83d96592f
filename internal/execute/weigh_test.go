package execute

import (
	"errors"
	"strings"
	"testing"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

func TestWeigh(t *testing.T) {
	dirs := map[digest.Digest]*tree.Directory{}
	put := func(entries ...tree.Entry) digest.Digest {
		dir := &tree.Directory{Entries: entries}
		_, d := dir.Encode()
		dirs[d] = dir
		return d
	}
	file := func(name string, units int64) tree.Entry {
		d, err := digest.New(strings.Repeat("1", 64), units*unitSize)
		if err != nil {
			t.Fatal(err)
		}
		return tree.Entry{Name: name, Digest: d}
	}
	src := put(file("big.c", 70), file("small.c", 0))
	root := put(file("clang", 600), tree.Entry{Name: "src", Kind: tree.Dir, Digest: src}, file("x.o", 3))
	load := func(d digest.Digest) (*tree.Directory, error) {
		if dir, ok := dirs[d]; ok {
			return dir, nil
		}
		return nil, errors.New("lost")
	}
	for _, test := range []struct {
		root digest.Digest
		dir  string
		args []string
		want int
	}{
		{root, "", []string{"clang", "-c", "src/big.c", "-o", "src/big.o"}, 70},
		{root, "src", []string{"/clang", "-c", "big.c"}, 70},
		{root, "src", []string{"/clang", "/x.o", "../x.o", "src", ""}, 6},
		{root, "", []string{"clang", "src/small.c"}, 0},
		{root, "", []string{"clang", "src"}, 0},
		{root, "", nil, 0},
		{src, "", []string{"clang", "lost/x"}, 0},
		{digest.Empty, "", []string{"clang", "lost"}, 0},
	} {
		a := &action.Action{Arguments: test.args, WorkingDirectory: test.dir, InputRoot: test.root}
		if got := weigh(load, a); got != test.want {
			t.Errorf("%q in %q weighs %d, want %d", test.args, test.dir, got, test.want)
		}
	}
}
