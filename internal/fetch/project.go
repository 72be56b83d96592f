package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/event"
)

// A ProjectFile is a file that an index of Python packages offers.
type ProjectFile struct {
	Name           string // as in "six-1.17.0.tar.gz"
	SHA256         string // in lower-case hexadecimal, or empty if the index does not tell
	RequiresPython string // a version specifier, or empty
	Yanked         bool   // withdrawn by who published it
}

// Project returns the files of a Python project, those of all indexes that pip
// is configured to use, in their order. The name may be spelt in any way.
func (f *Fetcher) Project(ctx context.Context, name string) ([]ProjectFile, error) {
	if f.options.Offline {
		return nil, diag.Errorf(diag.Position{}, "which releases %s has is known to the package index only, and --offline forbids to ask it", name)
	}
	indexes, err := pipIndexes()
	if err != nil {
		return nil, err
	}
	r := &pypi{client: f.client}
	var files []ProjectFile
	for _, index := range indexes {
		found, err := f.indexFiles(ctx, r, index, normaliseProject(name))
		var answer *answerError
		switch {
		case errors.As(err, &answer) && answer.code == http.StatusNotFound:
			continue
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, &IndexError{Projects: []string{name}, Index: location{url: index}.String(), Err: err}
		}
		for _, file := range found {
			files = append(files, ProjectFile{
				Name:           file.name,
				SHA256:         file.sha256,
				RequiresPython: file.requiresPython,
				Yanked:         file.yanked,
			})
		}
	}
	if files == nil {
		return nil, &NoProjectError{Name: name, Indexes: len(indexes)}
	}
	return files, nil
}

// indexFiles asks an index, a few times if its failure may pass.
func (f *Fetcher) indexFiles(ctx context.Context, r *pypi, index, project string) ([]indexFile, error) {
	for round := 0; ; round++ {
		files, err := r.files(ctx, index, project)
		if err == nil || !mayRetry(err) || round == len(backoffs) {
			return files, err
		}
		f.options.Events.Emit(event.Warning{Message: fmt.Sprintf("asking the package index for %s again: %v", project, err)})
		if err := f.sleep(ctx, max(retryPause(err), backoffs[round])); err != nil {
			return nil, err
		}
	}
}

// An IndexError says that an index of Python packages could not be asked.
type IndexError struct {
	Projects []string // for which it was asked
	Index    string   // without any password
	Err      error
}

func (e *IndexError) Error() string {
	return diag.Errorf(diag.Position{}, "asking the package index for %s: %s: %w", diag.Some(e.Projects), e.Index, e.Err).
		WithHint("check the network and pip's configuration (index-url), then try again").Error()
}

// Unwrap returns why.
func (e *IndexError) Unwrap() error { return e.Err }

// A NoProjectError says that no index has a project.
type NoProjectError struct {
	Name    string
	Indexes int // how many were asked
}

func (e *NoProjectError) Error() string {
	if e.Indexes > 1 {
		return fmt.Sprintf("none of the %d package indexes has a project named %q", e.Indexes, e.Name)
	}
	return fmt.Sprintf("the package index has no project named %q", e.Name)
}
