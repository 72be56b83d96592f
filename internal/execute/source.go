package execute

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/store"
)

// sources are the files of the workspace that a build reads. Each is read once,
// and what was read then is what all actions of the build see, whatever happens
// to the file meanwhile.
type sources struct {
	fsys  fs.FS // the workspace
	blobs store.Blobs

	mu    sync.Mutex
	files map[string]*source
}

type source struct {
	once   sync.Once
	digest digest.Digest
	info   fs.FileInfo // from when it was read
	err    error
}

// digest returns the digest of the file at the path relative to the workspace,
// whose content it has put into the store.
func (s *sources) digest(ctx context.Context, path string) (digest.Digest, error) {
	s.mu.Lock()
	f, ok := s.files[path]
	if !ok {
		f = &source{}
		s.files[path] = f
	}
	s.mu.Unlock()
	f.once.Do(func() {
		var data []byte
		if data, f.info, f.err = s.read(path); f.err != nil {
			return
		}
		f.digest = digest.Of(data)
		var missing []digest.Digest
		missing, f.err = s.blobs.Missing(ctx, []digest.Digest{f.digest})
		if len(missing) > 0 {
			_, f.err = s.blobs.Put(ctx, data)
		}
	})
	return f.digest, f.err
}

// restore puts the file into the store again, after it got lost there.
func (s *sources) restore(ctx context.Context, path string, want digest.Digest) error {
	data, _, err := s.read(path)
	if err != nil {
		return err
	}
	if digest.Of(data) != want {
		return fmt.Errorf("source file %s was changed during the build; build again", path)
	}
	_, err = s.blobs.Put(ctx, data)
	return err
}

func (s *sources) read(path string) ([]byte, fs.FileInfo, error) {
	// Reading a pipe could take forever, so look first.
	info, err := fs.Stat(s.fsys, path)
	if err != nil {
		return nil, nil, fmt.Errorf("source file %s: %w", path, cause(err))
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("source file %s is not a regular file", path)
	}
	data, err := fs.ReadFile(s.fsys, path)
	if err != nil {
		return nil, nil, fmt.Errorf("source file %s: %w", path, cause(err))
	}
	return data, info, nil
}

// changed returns the paths of the files that were changed after they were
// read, sorted.
func (s *sources) changed() []string {
	var paths []string
	for path, f := range s.files {
		if f.err != nil {
			continue
		}
		info, err := fs.Stat(s.fsys, path)
		if err != nil || info.Size() != f.info.Size() || !info.ModTime().Equal(f.info.ModTime()) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// cause returns err without the host path in it.
func cause(err error) error {
	if pathErr, ok := err.(*fs.PathError); ok {
		return pathErr.Err
	}
	return err
}
