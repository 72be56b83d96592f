// Package transcript writes down what a file system was asked and what it
// answered. What is computed from the answers alone need not be computed again
// as long as the same questions get the same answers.
package transcript

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/cowasm/cowasm/internal/digest"
)

// A Recorder is a file system that passes what it is asked on to another one
// and keeps a transcript of it. Several goroutines may use it at once.
//
// What Open returns can be asked more than is written down, so that whoever
// calls it, instead of Stat, ReadDir and ReadFile, spoils the transcript. Of
// what Stat returns, only the type is written down.
type Recorder struct {
	fsys fs.FS

	mu      sync.Mutex
	answers map[question]string
	spoilt  bool
}

// A question is put to a file system.
type question struct {
	kind string // of those below
	path string
}

const (
	stat = "stat"
	list = "list"
	read = "read"
)

// Answers that are no digests or types.
const (
	absent  = "absent"
	unknown = "" // of which nothing can be concluded
)

// Record returns a Recorder over fsys.
func Record(fsys fs.FS) *Recorder {
	return &Recorder{fsys: fsys, answers: map[question]string{}}
}

// Open implements fs.FS.
func (r *Recorder) Open(name string) (fs.File, error) {
	r.Spoil()
	return r.fsys.Open(name)
}

// Stat implements fs.StatFS.
func (r *Recorder) Stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(r.fsys, name)
	r.note(question{stat, name}, answerStat(info, err))
	return info, err
}

// ReadDir implements fs.ReadDirFS.
func (r *Recorder) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(r.fsys, name)
	r.note(question{list, name}, answerList(entries, err))
	return entries, err
}

// ReadFile implements fs.ReadFileFS.
func (r *Recorder) ReadFile(name string) ([]byte, error) {
	data, err := fs.ReadFile(r.fsys, name)
	r.note(question{read, name}, answerRead(data, err))
	return data, err
}

// Spoil says that there was more to what was computed than the answers.
func (r *Recorder) Spoil() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spoilt = true
}

func (r *Recorder) note(q question, answer string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old, asked := r.answers[q]
	if answer == unknown || asked && answer != old {
		r.spoilt = true // it was changed meanwhile
	}
	r.answers[q] = answer
}

// Transcript returns what was asked and answered until now, or false if it was
// spoilt.
func (r *Recorder) Transcript() (text []byte, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spoilt {
		return nil, false
	}
	questions := slices.SortedFunc(maps.Keys(r.answers), func(a, b question) int {
		return cmp.Or(strings.Compare(a.path, b.path), strings.Compare(a.kind, b.kind))
	})
	for _, q := range questions {
		text = fmt.Appendf(text, "%s %s %q\n", q.kind, r.answers[q], q.path)
	}
	return text, true
}

// Holds reports whether the file system of r answers as a transcript says. What
// it is asked for that is not recorded.
func (r *Recorder) Holds(text []byte) bool {
	for line := range bytes.Lines(text) {
		kind, rest, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		answer, quoted, _ := strings.Cut(rest, " ")
		path, err := strconv.Unquote(quoted)
		if err != nil || answer == unknown || ask(r.fsys, question{kind, path}) != answer {
			return false
		}
	}
	return true
}

// ask puts a question to a file system.
func ask(fsys fs.FS, q question) string {
	switch q.kind {
	case stat:
		return answerStat(fs.Stat(fsys, q.path))
	case list:
		return answerList(fs.ReadDir(fsys, q.path))
	case read:
		return answerRead(fs.ReadFile(fsys, q.path))
	}
	return unknown
}

func answerStat(info fs.FileInfo, err error) string {
	if err != nil {
		return answerError(err)
	}
	return info.Mode().Type().String()
}

func answerList(entries []fs.DirEntry, err error) string {
	if err != nil {
		return answerError(err)
	}
	h := digest.NewHasher()
	for _, e := range entries {
		fmt.Fprintf(h, "%q %s\n", e.Name(), e.Type())
	}
	return h.Digest().String()
}

func answerRead(data []byte, err error) string {
	if err != nil {
		return answerError(err)
	}
	return digest.Of(data).String()
}

func answerError(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return absent
	}
	return unknown
}
