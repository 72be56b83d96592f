package fetch

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// writeFiles writes files below dir, by their paths with slashes.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// serveFiles starts a server with answers by path. An answer beginning with "{"
// is sent as JSON, in the type that indexes of Python packages use.
func serveFiles(t *testing.T, files map[string]string) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		text, ok := files[r.URL.EscapedPath()]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if strings.HasPrefix(text, "{") {
			w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json; charset=utf-8")
		}
		fmt.Fprint(w, text)
	})
}

func fetchPURL(t *testing.T, f *Fetcher, purl string) error {
	t.Helper()
	d, err := f.Fetch(t.Context(), Source{SHA256: hash, PURLs: []string{purl}})
	if err == nil {
		wantContent(t, f, d)
	}
	return err
}

func TestPyPI(t *testing.T) {
	const project = "/simple/my-six/"
	const otherHash = "0000000000000000000000000000000000000000000000000000000000000000"
	json := func(name, sha256 string) string {
		return fmt.Sprintf(`{"files": [{"filename": "other", "url": "/other", "hashes": {}}, {"filename": %q, "url": "../../f/%[1]s", "hashes": {"sha256": %q}}]}`, name, sha256)
	}
	tests := map[string]struct {
		index string
		purl  string
		want  []string // of the error; none is expected if it is empty
	}{
		"by hash":           {json("whatever", hash), "pkg:pypi/My_Six@1", nil},
		"by name":           {`{"files": [{"filename": "my.six-1.tar.gz", "url": "/f/x"}]}`, "pkg:pypi/my-six@1", nil},
		"by file_name":      {`{"files": [{"filename": "x.whl", "url": "/f/x"}]}`, "pkg:pypi/my-six@1?file_name=x.whl", nil},
		"page by hash":      {`<!DOCTYPE html><a href="/f/a&amp;b#sha256=` + hash + `">x</a><br/>`, "pkg:pypi/my-six@1", nil},
		"page by name":      {`<base href="/f/"><a data-requires-python="&gt;=3" href="x">my_six-1.zip</a>`, "pkg:pypi/my-six@1", nil},
		"other hash":        {json("my_six-1.tar.gz", otherHash), "pkg:pypi/my-six@1", []string{"my_six-1.tar.gz with another sha256, " + otherHash, "either the declared sha256 is wrong or a server has replaced the file"}},
		"no such version":   {json("my_six-2.tar.gz", otherHash), "pkg:pypi/my-six@1", []string{"no file with this sha256", "version 1 of my-six"}},
		"no such project":   {json("x", hash), "pkg:pypi/seven@1", []string{"/simple/: the server answers 404"}},
		"bad JSON":          {`{"files": [`, "pkg:pypi/my-six@1", []string{"bad JSON"}},
		"error page":        {"<html><body>Please log in", "pkg:pypi/my-six@1", []string{"a page that lists no files"}},
		"garbage":           {"\x00\x01<a\xff", "pkg:pypi/my-six@1", []string{"a page that lists no files"}},
		"file is not there": {`{"files": [{"filename": "x", "url": "/gone", "hashes": {"sha256": "` + hash + `"}}]}`, "pkg:pypi/my-six@1", []string{"/gone: the server answers 404"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFetcher(t, Options{})
			files := map[string]string{project: test.index}
			for _, p := range []string{"/f/x", "/f/a&b", "/f/whatever", "/f/my_six-1.tar.gz"} {
				files[p] = string(content)
			}
			t.Setenv("PIP_INDEX_URL", serveFiles(t, files)+"/simple/")
			err := fetchPURL(t, f, test.purl)
			if test.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, test.want...)
		})
	}
}

func TestHugeIndex(t *testing.T) {
	f := newFetcher(t, Options{})
	t.Setenv("PIP_INDEX_URL", serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		block := make([]byte, 1<<20)
		for range maxPage>>20 + 1 {
			w.Write(block)
		}
	}))
	wantError(t, fetchPURL(t, f, "pkg:pypi/six@1"), "larger than")
}

func TestPyPISecondIndexAndPassword(t *testing.T) {
	f := newFetcher(t, Options{})
	page := `{"files": [{"filename": "x", "url": "/f", "hashes": {"sha256": "` + hash + `"}}]}`
	u := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.Path == "/f" {
			w.Write(content)
			return
		}
		w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
		fmt.Fprint(w, page)
	})
	t.Setenv("PIP_INDEX_URL", refused(t))
	t.Setenv("PIP_EXTRA_INDEX_URL", strings.Replace(u, "://", "://me:secret@", 1))
	if err := fetchPURL(t, f, "pkg:pypi/six@1"); err != nil {
		t.Error(err)
	}

	// The password must not be told.
	page = `{"files": []}`
	err := fetchPURL(t, newFetcherWithEnv(t), "pkg:pypi/six@1")
	wantError(t, err, "me:xxxxx@")
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the error tells the password:\n%v", err)
	}
}

// newFetcherWithEnv returns a Fetcher with an empty store that uses the
// environment as the test has set it.
func newFetcherWithEnv(t *testing.T) *Fetcher {
	f := New(newStore(t), Options{})
	f.sleep = func(context.Context, time.Duration) error { return nil }
	return f
}

func TestNPM(t *testing.T) {
	f := newFetcher(t, Options{Workspace: t.TempDir()})
	var u string
	u = serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		switch want := "Bearer t0ken"; {
		case r.Header.Get("Authorization") != want:
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.EscapedPath() == "/npm/@yowasp%2fclang/22.0-10":
			fmt.Fprintf(w, `{"dist": {"tarball": "%s/npm/clang.tgz"}}`, u)
		case r.URL.Path == "/npm/clang.tgz":
			w.Write(content)
		case r.URL.Path == "/npm/lost/1":
			fmt.Fprint(w, `{"dist": {}}`)
		case r.URL.Path == "/npm/page/1":
			fmt.Fprint(w, `<html>`)
		default:
			http.NotFound(w, r)
		}
	})
	host := strings.TrimPrefix(u, "http:")
	writeFiles(t, f.options.Workspace, map[string]string{
		".npmrc": "registry=" + refused(t) + "\n@yowasp:registry=" + u + "/npm/\n" + host + "/npm/:_authToken=t0ken\n",
	})
	if err := fetchPURL(t, f, "pkg:npm/%40yowasp/clang@22.0-10"); err != nil {
		t.Error(err)
	}

	g := newFetcher(t, Options{Workspace: f.options.Workspace})
	wantError(t, fetchPURL(t, g, "pkg:npm/clang@22.0-10"), "connection refused")
	t.Setenv("NPM_CONFIG_REGISTRY", u+"/npm")
	wantError(t, fetchPURL(t, g, "pkg:npm/lost@1"), "does not tell where the tarball is")
	wantError(t, fetchPURL(t, g, "pkg:npm/page@1"), "bad JSON")
	wantError(t, fetchPURL(t, g, "pkg:npm/none@1"), "/npm/none/1: the server answers 404")
	t.Setenv("NPM_CONFIG_REGISTRY", "nonsense")
	wantError(t, fetchPURL(t, g, "pkg:npm/none@1"), "npm's registry", `"nonsense"`)
}

func TestCargo(t *testing.T) {
	mirror := serveFiles(t, map[string]string{
		"/dl/libz-sys/1.1.31/download": string(content),
	})
	index := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.URL.Path == "/page/config.json" {
			fmt.Fprint(w, "<html>")
			return
		}
		fmt.Fprintf(w, `{"dl": "%s/dl", "api": null}`, mirror)
	})
	tests := map[string]struct {
		home      map[string]string
		workspace map[string]string
		want      []string
	}{
		"replaced": {home: map[string]string{"config.toml": `
[source.crates-io]
replace-with = "mirror"
[source.mirror]
registry = "sparse+` + index + `/index/"
`}},
		"replaced by a registry": {
			home: map[string]string{"config": `source.crates-io.replace-with = "company"`},
			workspace: map[string]string{"../.cargo/config.toml": `
[registries.company]
index = "sparse+` + index + `/index/"
`}},
		"used before":     {home: map[string]string{"registry/index/x-1/config.json": `{"dl": "` + mirror + `/dl"}`, "registry/index/y/.last": "", "registry/index/z/config.json": "{"}},
		"replaced by git": {home: map[string]string{"config.toml": "source.crates-io.replace-with = 'm'\nsource.m.registry = 'https://h/x.git'"}, want: []string{`"m" is no sparse registry`}},
		"loop":            {home: map[string]string{"config.toml": "source.crates-io.replace-with = 'm'\nsource.m.replace-with = 'crates-io'"}, want: []string{"replaced by itself"}},
		"bad file":        {workspace: map[string]string{".cargo/config.toml": "[source"}, want: []string{".cargo", "config.toml", "line 1"}},
		"bad registry":    {home: map[string]string{"config.toml": "source.crates-io.replace-with = 'm'\nsource.m.registry = 'sparse+" + index + "/page/'"}, want: []string{"/page/config.json", "bad JSON"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFetcher(t, Options{Workspace: filepath.Join(t.TempDir(), "w")})
			writeFiles(t, os.Getenv("CARGO_HOME"), test.home)
			writeFiles(t, f.clients["cargo"].(*cargo).workspace, test.workspace)
			err := fetchPURL(t, f, "pkg:cargo/libz-sys@1.1.31")
			if test.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, test.want...)
		})
	}
}

func TestCrateURL(t *testing.T) {
	p := purl{name: "LibZ", version: "1.0+a"}
	tests := map[string]string{
		"https://h/dl": "https://h/dl/LibZ/1.0+a/download",
		"https://h/{crate}/{crate}-{version}.crate":          "https://h/LibZ/LibZ-1.0+a.crate",
		"https://h/{prefix}/{lowerprefix}/{sha256-checksum}": "https://h/Li/bZ/li/bz/0123",
	}
	for dl, want := range tests {
		if got := crateURL(dl, p, "0123"); got != want {
			t.Errorf("%s gives %s, want %s", dl, got, want)
		}
	}
	for name, want := range map[string]string{"a": "1", "ab": "2", "abc": "3/a", "abcd": "ab/cd"} {
		if got := cratePrefix(name); got != want {
			t.Errorf("the prefix of %s is %s, want %s", name, got, want)
		}
	}
}

func TestDefaults(t *testing.T) {
	newFetcher(t, Options{}) // without any configuration
	indexes, err := pipIndexes()
	if err != nil || len(indexes) != 1 || !strings.HasPrefix(indexes[0], "https://") || !strings.HasSuffix(indexes[0], "/simple") {
		t.Errorf("pip's default index is %q, error %v", indexes, err)
	}
	downloads, err := (&cargo{}).defaults(&cargoConfig{home: t.TempDir()})
	if err != nil || len(downloads) != 1 || !strings.HasPrefix(downloads[0], "https://") || !strings.HasSuffix(downloads[0], "/api/v1/crates") {
		t.Errorf("cargo's default registry is %q, error %v", downloads, err)
	}
}

func TestDeb(t *testing.T) {
	u := serveFiles(t, map[string]string{
		"/debian/pool/main/libz/libzip/libzip_1.3%2Bdfsg.orig.tar.gz": string(content),
		"/debian/pool/main/b/bzip2/bzip2_1.0.8-6.dsc":                 string(content),
	})
	writeSources := func(text string) string {
		dir := t.TempDir()
		writeFiles(t, dir, map[string]string{"sources.list": text})
		return dir
	}
	for _, purl := range []string{"pkg:deb/debian/libzip@2:1.3%2Bdfsg-4", "pkg:deb/debian/bzip2@1.0.8-6?file_name=bzip2_1.0.8-6.dsc&arch=source"} {
		f := newFetcher(t, Options{})
		f.clients["deb"] = &deb{dir: writeSources("deb " + refused(t) + "/ stable main\ndeb [signed-by=x] " + u + "/debian stable contrib main\n")}
		if err := fetchPURL(t, f, purl); err != nil {
			t.Error(err)
		}
	}
	f := newFetcher(t, Options{})
	f.clients["deb"] = &deb{dir: filepath.Join(t.TempDir(), "none")}
	wantError(t, fetchPURL(t, f, "pkg:deb/debian/bzip2@1.0.8-6"), "no sources of apt")
}

func TestNPMLocation(t *testing.T) {
	dir := t.TempDir()
	newFetcher(t, Options{})
	password := base64.StdEncoding.EncodeToString([]byte("secret"))
	writeFiles(t, dir, map[string]string{".npmrc": "//a/:username=me\n//a/:_password=" + password + "\n//b/:_auth=Zm9v\n"})
	r := &npm{workspace: dir}
	config, err := r.config()
	if err != nil {
		t.Fatal(err)
	}
	for u, want := range map[string]string{
		"https://a/x/y": "Basic " + base64.StdEncoding.EncodeToString([]byte("me:secret")),
		"https://b/x":   "Basic Zm9v",
		"https://c/x":   "",
	} {
		if got := npmLocation(config, u).header.Get("Authorization"); got != want {
			t.Errorf("%s gets %q, want %q", u, got, want)
		}
	}
}

func TestNormaliseProject(t *testing.T) {
	got := normaliseProject("Friendly--_.Bard")
	if diff := cmp.Diff("friendly-bard", got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
