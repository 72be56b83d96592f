package store

import (
	"sync"

	"github.com/cowasm/cowasm/internal/digest"
)

// A knownSet remembers what a process has seen of a store, so that it need not
// look again. What it remembers may have ceased to be true.
type knownSet struct {
	mu sync.Mutex
	m  map[digest.Digest]knowledge
}

type knowledge uint8

const (
	present  knowledge = 1 + iota // there is a file of the right size
	verified                      // it had the right content
)

// maxKnown bounds the memory that a knownSet takes, to about 100 MB.
const maxKnown = 1 << 20

func (k *knownSet) get(d digest.Digest) knowledge {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.m[d]
}

func (k *knownSet) add(d digest.Digest, what knowledge) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.m == nil || len(k.m) >= maxKnown {
		k.m = map[digest.Digest]knowledge{}
	}
	k.m[d] = max(k.m[d], what)
}

func (k *knownSet) remove(d digest.Digest) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.m, d)
}

func (k *knownSet) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.m = nil
}

// unknown returns those of ds that k does not know, each once.
func (k *knownSet) unknown(ds []digest.Digest) []digest.Digest {
	k.mu.Lock()
	defer k.mu.Unlock()
	var unknown []digest.Digest
	seen := map[digest.Digest]bool{}
	for _, d := range ds {
		if k.m[d] == 0 && !seen[d] {
			seen[d] = true
			unknown = append(unknown, d)
		}
	}
	return unknown
}
