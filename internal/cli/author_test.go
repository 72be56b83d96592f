package cli

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/distribution"
)

// TestAuthorScript runs testdata/author/*.txt with a package index of its own.
// $INDEX/simple is right, $INDEX/changed tells hashes that the files do not
// have, $INDEX/hashless tells none, and $INDEX/garbage answers with rubbish.
// $SHA256_spam_1_0 is the hash of spam-1.0.tar.gz.
func TestAuthorScript(t *testing.T) {
	index, hashes := newIndex(t)
	server := httptest.NewServer(index)
	t.Cleanup(server.Close)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/author",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("COWASM_CACHE", filepath.Join(env.WorkDir, ".cache"))
			env.Setenv("INDEX", server.URL)
			env.Setenv("PIP_INDEX_URL", server.URL+"/simple")
			for stem, hash := range hashes {
				env.Setenv("SHA256_"+strings.NewReplacer("-", "_", ".", "_").Replace(stem), hash)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCodeIs,
			// untime FILE sets the times in a table of packages, its last column, to 0.
			"untime": func(ts *testscript.TestScript, _ bool, args []string) {
				text := regexp.MustCompile(`[0-9.]+ \|\n`).ReplaceAllString(ts.ReadFile(args[0]), "0.0 |\n")
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
			},
		},
	})
}

// newIndex returns a package index of the files in testdata/index, each of
// which is an sdist or a wheel in the txtar format. The comment of a file may
// have the lines "yanked" and "requires-python: SPECIFIER". The hashes are by the
// files' names without extensions.
func newIndex(t *testing.T) (index http.Handler, hashes map[string]string) {
	t.Helper()
	type file struct {
		Filename       string            `json:"filename"`
		URL            string            `json:"url"`
		Hashes         map[string]string `json:"hashes"`
		RequiresPython string            `json:"requires-python,omitempty"`
		Yanked         bool              `json:"yanked"`
	}
	projects := map[string][]file{}
	content := map[string][]byte{}
	hashes = map[string]string{}
	names, err := filepath.Glob(filepath.Join("testdata", "index", "*.txtar"))
	if err != nil || names == nil {
		t.Fatalf("no index: %v", err)
	}
	for _, name := range names {
		parsed, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f := file{Filename: strings.TrimSuffix(filepath.Base(name), ".txtar")}
		f.URL = "/files/" + f.Filename
		for line := range strings.Lines(string(parsed.Comment)) {
			line = strings.TrimSpace(line)
			f.Yanked = f.Yanked || line == "yanked"
			if v, ok := strings.CutPrefix(line, "requires-python: "); ok {
				f.RequiresPython = v
			}
		}
		stem, _, _ := strings.Cut(strings.TrimSuffix(f.Filename, ".tar.gz"), "-py3")
		project := distribution.CanonicalName(stem[:strings.LastIndexByte(stem, '-')])
		if strings.HasSuffix(f.Filename, ".whl") {
			content[f.Filename] = wheel(t, parsed)
		} else {
			content[f.Filename] = tarball(t, stem, parsed)
		}
		hashes[stem] = digest.Of(content[f.Filename]).Hash()
		f.Hashes = map[string]string{"sha256": hashes[stem]}
		projects[project] = append(projects[project], f)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		if len(parts) == 2 && parts[0] == "files" {
			w.Write(content[parts[1]])
			return
		}
		if len(parts) != 2 || projects[parts[1]] == nil {
			http.NotFound(w, r)
			return
		}
		files := append([]file(nil), projects[parts[1]]...)
		for i := range files {
			switch parts[0] {
			case "changed":
				files[i].Hashes = map[string]string{"sha256": strings.Repeat("0", 64)}
			case "hashless":
				files[i].Hashes = nil
			}
		}
		if parts[0] == "garbage" {
			w.Write([]byte("\x00\x01<a\xff"))
			return
		}
		w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
		json.NewEncoder(w).Encode(map[string]any{"files": files})
	}), hashes
}

// wheel returns the files of an archive as a wheel, always in the same bytes.
func wheel(t *testing.T, files *txtar.Archive) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files.Files {
		file, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(f.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tarball returns the files of an archive below one folder, always in the same
// bytes.
func tarball(t *testing.T, folder string, files *txtar.Archive) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, f := range files.Files {
		if err := w.WriteHeader(&tar.Header{Name: folder + "/" + f.Name, Mode: 0o644, Size: int64(len(f.Data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
