package wasm

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMessages(t *testing.T) {
	var buf bytes.Buffer
	sent := []reply{
		{Started: &started{}},
		{Done: &done{Result: []byte{1, 0, 255}, Report: Report{Dropped: []string{"a/ü"}}}},
	}
	for _, m := range sent {
		if err := send(&buf, m); err != nil {
			t.Fatal(err)
		}
	}
	var got []reply
	for {
		var m reply
		err := receive(&buf, &m)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Error(diff)
	}
}

func TestBadMessages(t *testing.T) {
	for _, test := range []struct{ name, data, want string }{
		{"cut off in the length", "\x00\x00", "unexpected EOF"},
		{"cut off", "\x00\x00\x00\x08{}", "ended after 2"},
		{"too large", "\xff\xff\xff\xff", "larger than the limit"},
		{"not JSON", "\x00\x00\x00\x02no", "cannot be decoded"},
		{"an unknown field", "\x00\x00\x00\x0b" + `{"Other":1}`, "unknown field"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := receive(strings.NewReader(test.data), new(reply))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %q in it", err, test.want)
			}
		})
	}
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02{}"))
	f.Add([]byte("\x00\x00\x00\x10" + `{"Started":null}`))
	f.Add([]byte("\x0f\xff\xff\xff{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var m reply
		if err := receive(bytes.NewReader(data), &m); err != nil {
			return
		}
		var again bytes.Buffer
		if err := send(&again, m); err != nil {
			t.Fatal(err)
		}
		var m2 reply
		if err := receive(&again, &m2); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, m2); diff != "" {
			t.Error(diff)
		}
	})
}
