package vfs

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// Blobs is where the content of inputs comes from.
type Blobs interface {
	// Get returns the content with digest d, verified. It must not be changed.
	Get(ctx context.Context, d digest.Digest) ([]byte, error)
}

// A Cache keeps the inputs that were read most recently in memory, decoded.
// It may be shared by file systems, one after another or at once.
type Cache struct {
	blobs Blobs
	max   int64

	mu     sync.Mutex
	size   int64
	recent *list.List // of *cached, the latest first
	items  map[digest.Digest]*list.Element
}

type cached struct {
	digest digest.Digest
	value  any // []byte or *tree.Directory
	cost   int64
}

// NewCache returns a cache over blobs that holds up to max bytes.
func NewCache(blobs Blobs, max int64) *Cache {
	return &Cache{blobs: blobs, max: max, recent: list.New(), items: map[digest.Digest]*list.Element{}}
}

// Content returns the content with digest d. It must not be changed.
func (c *Cache) Content(ctx context.Context, d digest.Digest) ([]byte, error) {
	if v, ok := c.get(d).([]byte); ok {
		return v, nil
	}
	data, err := c.blobs.Get(ctx, d)
	if err != nil {
		return nil, err
	}
	c.put(d, data, d.Size())
	return data, nil
}

// Directory returns the directory with digest d.
func (c *Cache) Directory(ctx context.Context, d digest.Digest) (*tree.Directory, error) {
	if v, ok := c.get(d).(*tree.Directory); ok {
		return v, nil
	}
	data, err := c.blobs.Get(ctx, d)
	if err != nil {
		return nil, err
	}
	dir, err := tree.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d, err)
	}
	c.put(d, dir, 2*d.Size())
	return dir, nil
}

func (c *Cache) get(d digest.Digest) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.items[d]
	if !ok {
		return nil
	}
	c.recent.MoveToFront(e)
	return e.Value.(*cached).value
}

// put keeps a value, unless it would push out too much that is of more use.
func (c *Cache) put(d digest.Digest, value any, cost int64) {
	if cost > c.max/4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.items[d]; ok {
		e.Value.(*cached).value = value // the same bytes read as a file and as a directory
		return
	}
	c.items[d] = c.recent.PushFront(&cached{d, value, cost})
	c.size += cost
	for c.size > c.max {
		last := c.recent.Back()
		old := c.recent.Remove(last).(*cached)
		delete(c.items, old.digest)
		c.size -= old.cost
	}
}
