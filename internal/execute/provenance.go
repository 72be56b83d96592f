package execute

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/store"
)

// Provenance is the executor of steps that Run carries out itself, since only
// Run knows what they ask for: such a step makes one file, the keys of all
// actions behind its inputs in the form HASH/SIZE, sorted, one to a line.
//
// The file changes whenever one of the actions does, even if what they made
// has stayed the same, so only descriptions should be made from it.
const Provenance = "provenance"

// keysBehind returns the keys of all actions that n needs, sorted. They must
// have been carried out.
func (n *node) keysBehind() []string {
	var keys []string
	seen := map[*node]bool{n: true}
	todo := []*node{n}
	for len(todo) > 0 {
		last := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, dep := range last.deps {
			if seen[dep] {
				continue
			}
			seen[dep] = true
			todo = append(todo, dep)
			if key := dep.finished.Key; !key.IsZero() {
				keys = append(keys, key.String())
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// writeProvenance carries out a step whose executor is Provenance.
func writeProvenance(ctx context.Context, blobs store.Blobs, s *action.Step, keys []string) (*action.Result, error) {
	if len(s.Outputs) != 1 || s.Outputs[0].Directory {
		return nil, fmt.Errorf("executor %q makes one file; %d outputs are declared", Provenance, len(s.Outputs))
	}
	var text strings.Builder
	for _, key := range keys {
		text.WriteString(key)
		text.WriteByte('\n')
	}
	d, err := blobs.Put(ctx, []byte(text.String()))
	if err != nil {
		return nil, err
	}
	// As cheap as a cached result, and as little worth telling.
	return &action.Result{Cached: true, Files: []action.OutputFile{{Path: s.Outputs[0].Path, Digest: d}}}, nil
}
