package fetch

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// deb resolves package URLs of source packages through the mirrors that apt is
// configured to use: their files lie in the pool of the component main.
type deb struct {
	dir string // apt's configuration
}

func (r *deb) locate(_ context.Context, p purl, _ string) ([]location, error) {
	mirrors, err := aptMirrors(r.dir)
	if err != nil {
		return nil, err
	}
	if len(mirrors) == 0 {
		return nil, fmt.Errorf("this machine has no sources of apt with a component main in %s", r.dir)
	}
	var locations []location
	for _, file := range debFiles(p) {
		for _, mirror := range mirrors {
			locations = append(locations, location{url: strings.TrimSuffix(mirror, "/") + "/" + poolPath(p.name, file)})
		}
	}
	return locations, nil
}

// debFiles returns the names that the file may have. The original tarball of a
// source package is named by upstream's version: without the epoch before it
// and the revision behind it.
func debFiles(p purl) []string {
	if p.fileName != "" {
		return []string{p.fileName}
	}
	version := p.version
	if _, rest, ok := strings.Cut(version, ":"); ok {
		version = rest
	}
	if i := strings.LastIndexByte(version, '-'); i >= 0 {
		version = version[:i]
	}
	var files []string
	for _, ext := range []string{"xz", "gz", "bz2"} {
		files = append(files, p.name+"_"+version+".orig.tar."+ext)
	}
	return files
}

// poolPath returns the path of a source package's file below a mirror: in a
// folder by the first letter of the package, or of libraries, the first four.
func poolPath(source, file string) string {
	prefix := url.PathEscape(source[:1])
	if strings.HasPrefix(source, "lib") && len(source) > 3 {
		prefix = url.PathEscape(source[:4])
	}
	p := strings.Join([]string{"pool", "main", prefix, url.PathEscape(source), url.PathEscape(file)}, "/")
	// Some servers take a plus for a blank, so apt escapes it too.
	return strings.ReplaceAll(p, "+", "%2B")
}
