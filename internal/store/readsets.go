package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/digest"
)

// A Candidate is an action that was executed: its result answers every action
// of the same base in which the program sees the same.
type Candidate struct {
	Key     digest.Digest // of its result
	ReadSet digest.Digest // of what its program saw, an encoded readset.Set in Blobs
}

// ReadSets leads from the base of an action to its candidates.
type ReadSets interface {
	// Candidates returns what is stored under base, the latest first.
	Candidates(ctx context.Context, base digest.Digest) ([]Candidate, error)

	// AddCandidate stores a candidate, or one that was stored before, as the
	// latest one under base. It may push out the earliest.
	AddCandidate(ctx context.Context, base digest.Digest, c Candidate) error

	// KeepLatest notes that the latest candidate under base is still of use, with
	// all that it leads to.
	KeepLatest(ctx context.Context, base digest.Digest) error
}

// maxCandidates bounds the candidates under one base: enough to go back and
// forth between some states of a tree.
const maxCandidates = 8

// An entry of candidates is
//
//	cowasm-readsets-1 BASE DIGEST
//	KEY READSET
//	…
//
// with DIGEST that of all that follows the first line, and a line for each
// candidate, the latest first. Other than the rest of the store, it is replaced
// when there is something to add. Of two processes that do so at once one may
// undo what the other did: the loss is an action that is executed once more.
const readSetsMagic = "cowasm-readsets-1"

// maxReadSets bounds the size of an entry in bytes.
const maxReadSets = 4 << 10

// Candidates implements ReadSets.
func (s *Disk) Candidates(ctx context.Context, base digest.Digest) ([]Candidate, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := s.path("readsets", base)
	info, err := os.Lstat(p)
	if err != nil {
		return nil, unlessMissing(s.lost(base, p, nil, err))
	}
	data, err := readEntry(p, info, maxReadSets)
	if err != nil {
		return nil, unlessMissing(s.lost(base, p, info, err))
	}
	list, err := decodeCandidates(base, data)
	if err != nil {
		return nil, unlessMissing(s.lost(base, p, info, err))
	}
	touch(p, info)
	return list, nil
}

// unlessMissing returns err unless it says that there is nothing.
func unlessMissing(err error) error {
	var notFound *NotFoundError
	if errors.As(err, &notFound) {
		return nil
	}
	return err
}

// AddCandidate implements ReadSets.
func (s *Disk) AddCandidate(ctx context.Context, base digest.Digest, c Candidate) error {
	list, err := s.Candidates(ctx, base)
	if err != nil {
		return err
	}
	if len(list) > 0 && list[0] == c {
		return nil
	}
	list = slices.DeleteFunc(list, func(old Candidate) bool { return old.ReadSet == c.ReadSet || old.Key == c.Key })
	list = slices.Insert(list, 0, c)
	return s.write(s.path("readsets", base), encodeCandidates(base, list[:min(len(list), maxCandidates)]))
}

// KeepLatest implements ReadSets.
func (s *Disk) KeepLatest(ctx context.Context, base digest.Digest) error {
	info, err := os.Lstat(s.path("readsets", base))
	if err != nil || !stale(info) {
		return nil
	}
	list, err := s.Candidates(ctx, base)
	if err != nil || len(list) == 0 {
		return err
	}
	if _, err := s.Missing(ctx, []digest.Digest{list[0].ReadSet}); err != nil {
		return err
	}
	_, err = s.GetResult(ctx, list[0].Key)
	return unlessMissing(err)
}

func encodeCandidates(base digest.Digest, list []Candidate) []byte {
	var body bytes.Buffer
	for _, c := range list {
		fmt.Fprintf(&body, "%s %s\n", c.Key, c.ReadSet)
	}
	head := fmt.Sprintf("%s %s %s\n", readSetsMagic, base, digest.Of(body.Bytes()))
	return append([]byte(head), body.Bytes()...)
}

func decodeCandidates(base digest.Digest, data []byte) ([]Candidate, error) {
	head, body, _ := bytes.Cut(data, []byte("\n"))
	if want := fmt.Sprintf("%s %s %s", readSetsMagic, base, digest.Of(body)); string(head) != want {
		return nil, errors.New("its candidates are damaged or those of another action")
	}
	var list []Candidate
	for line := range bytes.Lines(body) {
		key, set, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		var c Candidate
		var err error
		if c.Key, err = digest.Parse(key); err == nil {
			c.ReadSet, err = digest.Parse(set)
		}
		if err != nil {
			return nil, fmt.Errorf("its candidates are malformed: %w", err)
		}
		list = append(list, c)
	}
	return list, nil
}

// checkCandidates reports what is wrong with the entry of candidates under a
// base with the given hash.
func checkCandidates(hash string, data []byte) error {
	base, err := keyInEntry(hash, data)
	if err == nil {
		_, err = decodeCandidates(base, data)
	}
	return err
}
