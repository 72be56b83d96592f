package fetch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/google/osv-scalibr/clients/datasource"
	"golang.org/x/net/html"
)

// pypi resolves package URLs through the indexes that pip is configured to use.
type pypi struct {
	client *client
}

// An indexFile is a file of a project in an index.
type indexFile struct {
	name           string
	url            string
	sha256         string // lower-case hexadecimal, or empty if the index does not tell
	requiresPython string // a version specifier, or empty
	yanked         bool   // withdrawn by who published it
}

func (r *pypi) locate(ctx context.Context, p purl, sha256 string) ([]location, error) {
	indexes, err := pipIndexes()
	if err != nil {
		return nil, err
	}
	var locations []location
	var errs errList
	for _, index := range indexes {
		files, err := r.files(ctx, index, normaliseProject(p.name))
		if err == nil {
			var loc location
			if loc.url, err = chooseFile(files, p, sha256); err == nil {
				loc.url = withUser(loc.url, index)
				locations = append(locations, loc)
				continue
			}
		}
		errs.add(location{url: index}, err)
	}
	if len(locations) > 0 {
		return locations, nil
	}
	return nil, errs.err()
}

// normaliseProject returns the form of a project's name that indexes use, by
// PEP 503.
func normaliseProject(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	return strings.Join(parts, "-")
}

// chooseFile returns the URL of the file that p means: the one with the right
// hash, or if the index tells none, the one with the right name.
func chooseFile(files []indexFile, p purl, sha256 string) (string, error) {
	var byName, other []indexFile
	for _, f := range files {
		switch {
		case f.sha256 == sha256:
			return f.url, nil
		case !isNamed(f.name, p):
		case f.sha256 == "":
			byName = append(byName, f)
		default:
			other = append(other, f)
		}
	}
	switch {
	case len(byName) > 0:
		return byName[0].url, nil
	case len(other) > 0:
		return "", &otherFileError{other[0]}
	}
	return "", fmt.Errorf("the index has no file with this sha256, and none for version %s of %s", p.version, p.name)
}

// An otherFileError says that the index has another file of the name that is
// meant.
type otherFileError struct{ file indexFile }

func (e *otherFileError) Error() string {
	return fmt.Sprintf("the index has %s with another sha256, %s", e.file.name, e.file.sha256)
}

// isNamed reports whether a file of the project is the one that p means by its
// name: its file_name, or else the sdist of its version.
func isNamed(file string, p purl) bool {
	if p.fileName != "" {
		return file == p.fileName
	}
	for _, ext := range []string{".tar.gz", ".zip", ".tar.bz2", ".tar.xz"} {
		stem, ok := strings.CutSuffix(file, ext)
		if !ok {
			continue
		}
		name, ok := strings.CutSuffix(stem, "-"+p.version)
		return ok && normaliseProject(name) == normaliseProject(p.name)
	}
	return false
}

// files asks the index for the files of a project: as JSON (PEP 691) or as a web
// page (PEP 503).
func (r *pypi) files(ctx context.Context, index, project string) ([]indexFile, error) {
	u := strings.TrimSuffix(index, "/") + "/" + project + "/"
	const wanted = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.5, text/html;q=0.1"
	page, err := r.client.page(ctx, location{url: u}, wanted)
	if err != nil {
		return nil, err
	}
	if page.kind == "application/vnd.pypi.simple.v1+json" {
		return parseIndexJSON(page)
	}
	return parseIndexHTML(page)
}

func parseIndexJSON(page *page) ([]indexFile, error) {
	var body struct {
		Files []struct {
			Filename       string            `json:"filename"`
			URL            string            `json:"url"`
			Hashes         map[string]string `json:"hashes"`
			RequiresPython string            `json:"requires-python"`
			Yanked         any               `json:"yanked"` // whether, or why
		} `json:"files"`
	}
	if err := json.Unmarshal(page.body, &body); err != nil {
		return nil, fmt.Errorf("the index answers with bad JSON: %w", err)
	}
	var files []indexFile
	for _, f := range body.Files {
		if u, err := page.url.Parse(f.URL); err == nil {
			files = append(files, indexFile{
				name:           f.Filename,
				url:            u.String(),
				sha256:         strings.ToLower(f.Hashes["sha256"]),
				requiresPython: f.RequiresPython,
				yanked:         f.Yanked != nil && f.Yanked != false,
			})
		}
	}
	return files, nil
}

func parseIndexHTML(page *page) ([]indexFile, error) {
	var files []indexFile
	base, href := page.url, ""
	var file indexFile // the one that the anchor is about
	for z := html.NewTokenizer(bytes.NewReader(page.body)); ; {
		switch z.Next() {
		case html.ErrorToken: // the end, usually
			if len(files) == 0 {
				return nil, errors.New("the index answers with a page that lists no files")
			}
			return files, nil
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data == "a" {
				file = indexFile{}
			}
			for _, a := range t.Attr {
				switch t.Data + " " + a.Key {
				case "a href":
					href = a.Val
				case "a data-requires-python":
					file.requiresPython = a.Val
				case "a data-yanked":
					file.yanked = true
				case "base href":
					if u, err := base.Parse(a.Val); err == nil {
						base = u
					}
				}
			}
		case html.TextToken:
			u, err := base.Parse(href)
			if href == "" || err != nil {
				continue
			}
			hash, _ := strings.CutPrefix(u.Fragment, "sha256=")
			if hash == u.Fragment {
				hash = ""
			}
			u.Fragment = ""
			file.name = strings.TrimSpace(string(z.Text()))
			file.url = u.String()
			file.sha256 = strings.ToLower(hash)
			files = append(files, file)
			href = ""
		}
	}
}

// withUser adds the user and password of the index to a URL on the same host,
// as pip does.
func withUser(raw, index string) string {
	u, err := url.Parse(raw)
	i, indexErr := url.Parse(index)
	if err != nil || indexErr != nil || u.Host != i.Host || u.Scheme != i.Scheme || u.User != nil {
		return raw
	}
	u.User = i.User
	return u.String()
}

// defaultIndex returns the index that is used without any configuration. The
// library that knows it tells it only by asking it something.
var defaultIndex = sync.OnceValues(func() (string, error) {
	const project = "x"
	asked := ""
	c, err := datasource.NewPyPIRegistryAPIClient("", "", &http.Client{
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			asked = req.URL.String()
			return nil, errors.New("not sent")
		}),
	})
	if err != nil {
		return "", err
	}
	_, _ = c.GetIndex(context.Background(), project) // fails, by the transport
	index, ok := strings.CutSuffix(asked, "/"+project+"/")
	if !ok {
		return "", errors.New("no default index is known: set index-url in pip.conf")
	}
	return index, nil
})

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// errList gathers what several mirrors answered.
type errList []error

func (l *errList) add(loc location, err error) {
	*l = append(*l, fmt.Errorf("%s: %w", loc, err))
}

// err returns one error on one line. It is transient if one of them is.
func (l errList) err() error {
	if len(l) == 1 {
		return l[0]
	}
	texts := make([]string, len(l))
	for i, e := range l {
		texts[i] = e.Error()
	}
	err := errors.New(strings.Join(texts, "; "))
	for _, e := range l {
		if pause := retryPause(e); pause > 0 {
			return &transientError{err: err, after: pause}
		}
	}
	return err
}
