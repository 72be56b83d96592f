package execute_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// A memory is a store without a disk, which makes thousands of builds fast.
type memory struct {
	mu      sync.Mutex
	blobs   map[digest.Digest][]byte
	results map[digest.Digest]*action.Result
}

func (m *memory) Get(_ context.Context, d digest.Digest) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.blobs[d]
	if !ok {
		return nil, &store.NotFoundError{Digest: d}
	}
	return data, nil
}

func (m *memory) Put(_ context.Context, data []byte) (digest.Digest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := digest.Of(data)
	m.blobs[d] = data
	return d, nil
}

func (m *memory) Missing(_ context.Context, ds []digest.Digest) (missing []digest.Digest, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range ds {
		if _, ok := m.blobs[d]; !ok {
			missing = append(missing, d)
		}
	}
	return missing, nil
}

func (m *memory) GetResult(_ context.Context, key digest.Digest) (*action.Result, error) {
	m.mu.Lock()
	r, ok := m.results[key]
	m.mu.Unlock()
	if !ok {
		return nil, &store.NotFoundError{Digest: key}
	}
	for _, f := range r.Files {
		if !m.complete(f.Digest) {
			return nil, &store.NotFoundError{Digest: key}
		}
	}
	for _, d := range r.Dirs {
		if !m.complete(d.Root) || !m.complete(d.Tree) {
			return nil, &store.NotFoundError{Digest: key}
		}
	}
	return r, nil
}

func (m *memory) PutResult(_ context.Context, key digest.Digest, r *action.Result) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.results[key] = r
	return nil
}

func (m *memory) load(d digest.Digest) (*tree.Directory, error) {
	data, err := m.Get(context.Background(), d)
	if err != nil {
		return nil, err
	}
	return tree.Decode(data)
}

// complete reports whether d, a file or the root of a tree, is all there.
func (m *memory) complete(d digest.Digest) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.blobs[d]
	if !ok || !strings.Contains(string(data), "value") {
		return ok
	}
	dir, err := tree.Decode(data)
	if err != nil {
		return true // a Tree message
	}
	_, ok = m.blobs[dir.Entries[0].Digest]
	return ok
}

// lose forgets a blob other than a Tree message, of which the model knows
// nothing.
func (m *memory) lose(rng *rand.Rand) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ds []digest.Digest
	for d, data := range m.blobs {
		if _, err := tree.Decode(data); err == nil || !strings.Contains(string(data), "value") {
			ds = append(ds, d)
		}
	}
	if len(ds) == 0 {
		return
	}
	slices.SortFunc(ds, func(a, b digest.Digest) int { return strings.Compare(a.String(), b.String()) })
	delete(m.blobs, ds[rng.IntN(len(ds))])
}
