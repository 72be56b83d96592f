package diag

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestPosition(t *testing.T) {
	tests := []struct {
		pos  Position
		want string
	}{
		{Position{}, ""},
		{Position{Line: 3, Col: 4}, ""},
		{Position{File: "a/BUILD"}, "a/BUILD"},
		{Position{File: "a/BUILD", Line: 3}, "a/BUILD:3"},
		{Position{File: "a/BUILD", Line: 3, Col: 4}, "a/BUILD:3:4"},
	}
	for _, tt := range tests {
		if got := tt.pos.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestError(t *testing.T) {
	pos := Position{File: "a/BUILD", Line: 3, Col: 4}
	plain := Errorf(pos, "no target %q: %w", "x", fs.ErrNotExist)
	hinted := plain.WithHint("did you mean %q?", "y")
	tests := []struct {
		err  error
		want string
	}{
		{plain, `a/BUILD:3:4: no target "x": file does not exist`},
		{hinted, "a/BUILD:3:4: no target \"x\": file does not exist\n\thint: did you mean \"y\"?"},
		{Errorf(Position{}, "oh"), "oh"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	for _, err := range []error{plain, hinted, fmt.Errorf("loading: %w", hinted)} {
		var d *Error
		if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &d) || d.Pos != pos {
			t.Errorf("%v has lost its cause or its position", err)
		}
	}
	if plain.Hint != "" {
		t.Error("WithHint has changed the error that it was called on")
	}
}

func TestList(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	if err := (List{}).Err(); err != nil {
		t.Errorf("an empty list is the error %v", err)
	}
	if err := (List{a}).Err(); err != a {
		t.Errorf("a list of one is %v", err)
	}
	both := List{a, b}.Err()
	if both.Error() != "a\nb" || !errors.Is(both, a) || !errors.Is(both, b) {
		t.Errorf("a list of two is %v", both)
	}
	if got := (List{a, b, errors.New("a")}).Unique(); len(got) != 2 || got[0] != a || got[1] != b {
		t.Errorf("Unique gives %v", got)
	}
}

func TestSome(t *testing.T) {
	for _, test := range []struct {
		list []string
		want string
	}{
		{nil, ""},
		{[]string{"a", "b", "c"}, "a, b, c"},
		{[]string{"a", "b", "c", "d", "e"}, "a, b, c and 2 more"},
	} {
		if got := Some(test.list); got != test.want {
			t.Errorf("%q: got %q, want %q", test.list, got, test.want)
		}
	}
}
