// Package chunktest reads tests of the build language and compares the errors
// that they state with those that occur.
//
// A test file consists of chunks, separated by lines "---". A chunk holds one
// or more files: what stands before the first line "-- NAME --" is the file
// that the test gives a name to. A line that ends in
//
//	### "regular expression"
//
// is one where an error must be found whose message (with its hint) matches, "."
// matching line breaks too; it may state several. Any other error fails the test.
package chunktest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/cowasm/cowasm/internal/diag"
)

// A Chunk is one test.
type Chunk struct {
	Name  string // of the test file, with the line where the chunk begins
	Files map[string]string

	want map[string][]*regexp.Regexp // by file:line
}

// Read reads the chunks of the test files that match pattern. Text before the
// first "-- NAME --" of a chunk becomes the file mainFile.
func Read(t *testing.T, pattern, mainFile string) []Chunk {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no test files match %s: %v", pattern, err)
	}
	var chunks []Chunk
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		line := 1
		text := strings.ReplaceAll(string(data), "\r\n", "\n")
		for part := range strings.SplitSeq(text, "\n---\n") {
			chunks = append(chunks, parse(t, fmt.Sprintf("%s:%d", filepath.Base(name), line), part+"\n", mainFile))
			line += strings.Count(part, "\n") + 2
		}
	}
	return chunks
}

func parse(t *testing.T, name, text, mainFile string) Chunk {
	t.Helper()
	c := Chunk{Name: name, Files: map[string]string{}, want: map[string][]*regexp.Regexp{}}
	archive := txtar.Parse([]byte(text))
	if len(archive.Comment) > 0 {
		c.Files[mainFile] = string(archive.Comment)
	}
	for _, f := range archive.Files {
		c.Files[f.Name] = string(f.Data)
	}
	for file, text := range c.Files {
		for i, line := range strings.Split(text, "\n") {
			at := fmt.Sprintf("%s:%d", file, i+1)
			for _, expectation := range strings.Split(line, "### ")[1:] {
				pattern, err := strconv.Unquote(strings.TrimSpace(expectation))
				if err != nil {
					t.Fatalf("%s: %s: not a quoted regular expression: %s", name, at, expectation)
				}
				c.want[at] = append(c.want[at], regexp.MustCompile("(?s)"+pattern))
			}
		}
	}
	return c
}

// FS returns the files of c, with those of base that it does not have.
func (c *Chunk) FS(base map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, files := range []map[string]string{base, c.Files} {
		for name, text := range files {
			fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
		}
	}
	return fsys
}

// Check compares err, which may be a diag.List, with the errors that c states.
func (c *Chunk) Check(t *testing.T, err error) {
	t.Helper()
	want := maps.Clone(c.want)
	for _, e := range flatten(err) {
		var d *diag.Error
		at := ""
		if errors.As(e, &d) {
			at = fmt.Sprintf("%s:%d", d.Pos.File, d.Pos.Line)
		}
		i := slices.IndexFunc(want[at], func(re *regexp.Regexp) bool { return re.MatchString(e.Error()) })
		switch {
		case i >= 0:
			want[at] = slices.Delete(slices.Clone(want[at]), i, i+1)
		case len(want[at]) > 0:
			t.Errorf("error does not match %q:\n%v", want[at][0], e)
			want[at] = want[at][1:]
		default:
			t.Errorf("unexpected error:\n%v", e)
		}
	}
	for _, at := range slices.Sorted(maps.Keys(want)) {
		for _, re := range want[at] {
			t.Errorf("%s: no error matches %q", at, re)
		}
	}
}

func flatten(err error) []error {
	var list diag.List
	if err == nil {
		return nil
	}
	if !errors.As(err, &list) {
		return []error{err}
	}
	var all []error
	for _, e := range list {
		all = append(all, flatten(e)...)
	}
	return all
}
