package fetch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"

	"github.com/cowasm/cowasm/internal/diag"
)

// A purl is a package URL of one of the types that can be resolved.
type purl struct {
	kind     string
	scope    string // npm: with its "@"; deb: the distribution
	name     string
	version  string
	fileName string
}

// A resolver finds where the file that a package URL means can be downloaded.
type resolver interface {
	locate(ctx context.Context, p purl, sha256 string) ([]location, error)
}

// clients are the resolvers, by the type of package URLs.
type clients map[string]resolver

func newClients(c *client, workspace string) clients {
	return clients{
		packageurl.TypePyPi:   &pypi{client: c},
		packageurl.TypeNPM:    &npm{client: c, workspace: workspace},
		packageurl.TypeCargo:  &cargo{client: c, workspace: workspace},
		packageurl.TypeDebian: &deb{dir: aptDir},
	}
}

func (c clients) locate(ctx context.Context, p purl, sha256 string) ([]location, error) {
	locations, err := c[p.kind].locate(ctx, p, sha256)
	if err == nil && len(locations) == 0 {
		err = errors.New("nothing is known to have it")
	}
	return locations, err
}

// qualifiers are those that each type may have.
var qualifiers = map[string][]string{
	packageurl.TypePyPi:   {"file_name"},
	packageurl.TypeNPM:    {},
	packageurl.TypeCargo:  {},
	packageurl.TypeDebian: {"file_name", "arch"},
}

// parsePURL parses a package URL and checks that it can be resolved.
func parsePURL(raw string) (purl, error) {
	u, err := packageurl.FromString(raw)
	if err != nil {
		return purl{}, fmt.Errorf("purl %q: %w", raw, err)
	}
	fail := func(format string, args ...any) (purl, error) {
		return purl{}, fmt.Errorf("purl %q: %w", raw, fmt.Errorf(format, args...))
	}
	allowed, ok := qualifiers[u.Type]
	if !ok {
		return fail("type %q is not one of %s", u.Type, strings.Join(slices.Sorted(maps.Keys(qualifiers)), ", "))
	}
	p := purl{kind: u.Type, scope: u.Namespace, name: u.Name, version: u.Version}
	for name, value := range u.Qualifiers.Map() {
		if !slices.Contains(allowed, name) {
			err := diag.Errorf(diag.Position{}, "purl %q: %s has no qualifier %q", raw, u.Type, name)
			if near := diag.Nearest(name, allowed); near != "" {
				err = err.WithHint("did you mean %q?", near)
			}
			return purl{}, err
		}
		if name == "arch" && value != "source" {
			return fail("arch is %q, but only source packages can be fetched", value)
		}
		if name == "file_name" {
			p.fileName = value
		}
	}
	switch {
	case p.version == "":
		return fail("it has no version: add @VERSION")
	case u.Subpath != "":
		return fail("it has a subpath, which no archive has")
	case p.scope != "" && u.Type != packageurl.TypeNPM && u.Type != packageurl.TypeDebian:
		return fail("%s has no namespaces", u.Type)
	case p.scope == "" && u.Type == packageurl.TypeDebian:
		return fail("it has no distribution, as in pkg:deb/debian/zlib")
	}
	for _, part := range []string{p.scope, p.name, p.version, p.fileName} {
		if strings.ContainsAny(part, "/\\?#\x00") || part == "." || part == ".." {
			return fail("%q is no name for a part of a URL", part)
		}
	}
	return p, nil
}
