package skeleton

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/archive"
	"github.com/cowasm/cowasm/internal/distribution"
)

// A Source is what there is to know of an sdist.
type Source struct {
	Metadata *distribution.Metadata
	Files    []string                         // sorted paths, without the top folder
	Imports  map[string][]distribution.Import // of the .py files, by path

	texts map[string][]byte // of small files that tell something, by path
}

// maxText is how large a file may be that is read as a whole, in bytes.
const maxText = 8 << 20

// ReadSource reads an sdist of the given size.
func ReadSource(name string, r io.ReaderAt, size int64) (*Source, error) {
	s := &Source{Imports: map[string][]distribution.Import{}, texts: map[string][]byte{}}
	err := archive.Walk(name, r, size, archive.DefaultLimits, func(e archive.Entry, content io.Reader) error {
		// An sdist has one folder at its top.
		_, p, ok := strings.Cut(e.Path, "/")
		if e.Kind != archive.File || !ok {
			return nil
		}
		s.Files = append(s.Files, p)
		if e.Size > maxText || !strings.HasSuffix(p, ".py") && !tells(p) {
			return nil
		}
		text, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		if strings.HasSuffix(p, ".py") {
			s.Imports[p] = distribution.Imports(text)
		}
		if tells(p) {
			s.texts[p] = text
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(s.Files)
	info, ok := s.texts["PKG-INFO"]
	if !ok {
		return nil, fmt.Errorf("%s has no PKG-INFO at its top: it is no sdist", name)
	}
	s.Metadata, err = distribution.ParseMetadata(info)
	if err != nil {
		return nil, fmt.Errorf("%s: PKG-INFO: %w", name, err)
	}
	return s, nil
}

// tells reports whether the content of a file says how the project is made.
func tells(p string) bool {
	dir, name := path.Split(p)
	switch name {
	case "PKG-INFO", "pyproject.toml", "setup.cfg", "setup.py", "pytest.ini", "tox.ini":
		return dir == ""
	case "top_level.txt":
		return strings.HasSuffix(dir, ".egg-info/")
	}
	if dir == "" && isLicence(name) {
		return true
	}
	return strings.HasSuffix(name, ".txt") && strings.Contains(p, "require") && strings.Count(p, "/") < 2
}

// has reports whether there is a file p or a folder p.
func (s *Source) has(p string) bool {
	i, found := slices.BinarySearch(s.Files, p)
	if found {
		return true
	}
	// What sorts behind p may still be outside the folder: "p-x" before "p/".
	for ; i < len(s.Files) && strings.HasPrefix(s.Files[i], p); i++ {
		if strings.HasPrefix(s.Files[i], p+"/") {
			return true
		}
	}
	return false
}

// below returns the paths of the files in folder dir and below.
func (s *Source) below(dir string) []string {
	var list []string
	for _, f := range s.Files {
		if dir == "." || strings.HasPrefix(f, dir+"/") {
			list = append(list, f)
		}
	}
	return list
}
