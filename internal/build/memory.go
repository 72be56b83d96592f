package build

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/store"
)

// What a build comes to follows from what is asked for, from the program and
// from what the program is told by the workspace. So it is kept in the store as
// the result of an action is that is found by its read set: under the digest of
// the question, with a transcript of what the workspace was asked.

// memoryTime is for how long something is remembered. After that all actions
// behind it are looked for once more, so that the store knows that they are of
// use, and makes sure that what they made is there.
const memoryTime = time.Hour

// A memory is what is kept in the place of what a program prints.
type memory struct {
	Since time.Time // when the check began that all of it is up to date
	Value json.RawMessage
}

// question returns the digest of what is asked: a verb, and its operands.
func (b *Builder) question(verb string, operands ...string) (digest.Digest, error) {
	text, err := json.Marshal([]any{b.Memory, b.Settings, verb, operands})
	return digest.Of(text), err
}

// recall sets value to what is remembered as the answer to a question, if the
// workspace answers all that it was asked then as it did. It returns the files
// that belong to it, which are in the store, and whether there is an answer.
func (b *Builder) recall(ctx context.Context, question digest.Digest, value any) ([]action.OutputFile, bool, error) {
	if b.Memory == "" {
		return nil, false, nil
	}
	candidates, err := b.Store.Candidates(ctx, question)
	if err != nil {
		return nil, false, err
	}
	for _, c := range candidates {
		r, err := b.tryMemory(ctx, c, value)
		var lost *store.NotFoundError
		switch {
		case errors.As(err, &lost):
		case err != nil:
			return nil, false, err
		case r != nil:
			return r.Files, true, nil
		}
	}
	return nil, false, nil
}

// tryMemory returns the result of a candidate, nil if it is not an answer any
// more.
func (b *Builder) tryMemory(ctx context.Context, c store.Candidate, value any) (*action.Result, error) {
	r, err := b.Store.GetResult(ctx, c.Key)
	if err != nil {
		return nil, err
	}
	var m memory
	if err := json.Unmarshal(r.Stdout, &m); err != nil {
		return nil, err
	}
	if age := time.Since(m.Since); age < 0 || age > memoryTime {
		return nil, nil
	}
	asked, err := b.Store.Get(ctx, c.ReadSet)
	if err != nil || !b.Files.Holds(asked) {
		return nil, err
	}
	return r, json.Unmarshal(m.Value, value)
}

// remember keeps the answer to a question, of which it is known since a time
// that it is right: a value, and files that are in the store.
func (b *Builder) remember(ctx context.Context, question digest.Digest, since time.Time, value any, files ...action.OutputFile) error {
	asked, ok := b.Files.Transcript()
	if b.Memory == "" || !ok {
		return nil
	}
	v, err := json.Marshal(value)
	if err != nil {
		return err
	}
	answer, err := json.Marshal(memory{since, v})
	if err != nil {
		return err
	}
	set, err := b.Store.Put(ctx, asked)
	if err != nil {
		return err
	}
	key := digest.Of(slices.Concat([]byte(question.String()), asked))
	if err := b.Store.PutResult(ctx, key, &action.Result{Stdout: answer, Files: files}); err != nil {
		return err
	}
	return b.Store.AddCandidate(ctx, question, store.Candidate{Key: key, ReadSet: set})
}
