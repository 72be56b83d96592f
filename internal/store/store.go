// Package store keeps content by its digest and results by the key of their
// action.
package store

import (
	"context"
	"fmt"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
)

// Blobs is a content-addressed store. Its methods may be called from several
// goroutines at once.
type Blobs interface {
	// Get returns the content with digest d. It has been verified: damaged
	// content is a NotFoundError that says so. The caller must not change it.
	Get(ctx context.Context, d digest.Digest) ([]byte, error)

	// Put adds content. Once Put has returned, Get finds it, in this process
	// and in others, even if the machine's processes are killed.
	Put(ctx context.Context, data []byte) (digest.Digest, error)

	// Missing returns those of ds that the store does not have. It need not
	// verify the content of the others.
	Missing(ctx context.Context, ds []digest.Digest) ([]digest.Digest, error)
}

// Results is a cache of action results.
type Results interface {
	// GetResult returns the result stored under key, or a NotFoundError.
	GetResult(ctx context.Context, key digest.Digest) (*action.Result, error)

	// PutResult stores a result. All that it names must be in the store
	// already.
	PutResult(ctx context.Context, key digest.Digest, r *action.Result) error
}

// A NotFoundError says that a store does not have something, or has it only in
// a damaged form, which comes to the same.
type NotFoundError struct {
	Digest digest.Digest
	Reason string // why an entry that is there does not count; empty if there is none
}

func (e *NotFoundError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("%s is not in the store", e.Digest)
	}
	return fmt.Sprintf("%s is not in the store: %s", e.Digest, e.Reason)
}
