package fetch

import (
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadPipConfig(t *testing.T) {
	tests := map[string]struct {
		text string
		want map[string]string
	}{
		"nothing": {"", map[string]string{}},
		"global": {
			"; comment\n[global]\nindex-url = https://me:p%40ss#1@h/simple\ntimeout=60\n",
			map[string]string{"index-url": "https://me:p%40ss#1@h/simple", "timeout": "60"},
		},
		"commands override": {
			"[install]\nindex_url: https://install\n[global]\nIndex-Url=https://global\n[freeze]\nindex-url=https://freeze\n",
			map[string]string{"index-url": "https://install"},
		},
		"several lines": {
			"[global]\nextra-index-url =\n    https://a/simple\n    https://b/simple\nno-index = false\n",
			map[string]string{"extra-index-url": "\n    https://a/simple\n    https://b/simple", "no-index": "false"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := map[string]string{}
			if err := readPipConfig([]byte(test.text), got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPipIndexes(t *testing.T) {
	newFetcher(t, Options{})
	if runtime.GOOS == "windows" {
		t.Setenv("APPDATA", os.Getenv("HOME"))
	}
	config := filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "pip", "pip.conf")
	if runtime.GOOS == "windows" {
		config = filepath.Join(os.Getenv("APPDATA"), "pip", "pip.ini")
	}
	other := filepath.Join(t.TempDir(), "other.conf")
	want := func(indexes ...string) {
		t.Helper()
		got, err := pipIndexes()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(indexes, got); diff != "" {
			t.Errorf("indexes (-want +got):\n%s", diff)
		}
	}
	writeFiles(t, filepath.Dir(config), map[string]string{filepath.Base(config): "[global]\nindex-url=https://user\nextra-index-url=https://a https://b"})
	want("https://user", "https://a", "https://b")
	writeFiles(t, filepath.Dir(other), map[string]string{"other.conf": "[global]\nindex-url=https://other"})
	t.Setenv("PIP_CONFIG_FILE", other)
	want("https://other", "https://a", "https://b")
	t.Setenv("PIP_INDEX_URL", "https://env")
	want("https://env", "https://a", "https://b")
	t.Setenv("PIP_CONFIG_FILE", os.DevNull)
	want("https://env")
	t.Setenv("PIP_NO_INDEX", "1")
	_, err := pipIndexes()
	wantError(t, err, "no-index")
	t.Setenv("PIP_NO_INDEX", "0")
	t.Setenv("PIP_INDEX_URL", "/srv/index")
	_, err = pipIndexes()
	wantError(t, err, "pip's index", `"/srv/index"`)
}

func TestParseSourcesList(t *testing.T) {
	got := parseSourcesList(`
# deb http://comment stable main
deb http://a/debian stable main contrib # deb http://b
deb-src	http://tab/debian stable main
  deb [ arch=amd64 signed-by=/usr/share/x.gpg ] http://c/debian stable/updates main
deb http://no-main stable contrib
deb http://flat ./
deb
deb [ http://unclosed stable main
debug http://x stable main
`)
	if diff := cmp.Diff([]string{"http://a/debian", "http://tab/debian", "http://c/debian"}, got); diff != "" {
		t.Errorf("URIs (-want +got):\n%s", diff)
	}
}

func TestParseDeb822(t *testing.T) {
	got := parseDeb822(`# about
Types: deb
# http://commented
URIs: http://a/debian
  http://b/debian
Suites: stable
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEXEkVjR

uris: http://c/debian
components:
 contrib
 main
enabled: yes

URIs: http://off
Components: main
Enabled: no

URIs: http://contrib
Components: contrib

 URIs: http://continues-nothing
Components: main`)
	if diff := cmp.Diff([]string{"http://a/debian", "http://b/debian", "http://c/debian"}, got); diff != "" {
		t.Errorf("URIs (-want +got):\n%s", diff)
	}
}

func TestAptMirrors(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"sources.list":                   "deb http://a stable main\ndeb cdrom:[Debian]/ stable main\ndeb file:/srv stable main\n",
		"sources.list.d/b.sources":       "URIs: http://b http://a\nComponents: main\n",
		"sources.list.d/l.list":          "deb mirror+file://" + filepath.ToSlash(dir) + "/mirrors stable main\ndeb mirror+file:/none stable main\n",
		"mirrors":                        "http://m/debian\tpriority:1\n\nhttp://a\n",
		"sources.list.d/c.list":          "deb https://c stable main\n",
		"sources.list.d/d.list.disabled": "deb http://d stable main\n",
	})
	got, err := aptMirrors(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"http://a", "http://b", "https://c", "http://m/debian"}, got); diff != "" {
		t.Errorf("mirrors (-want +got):\n%s", diff)
	}
}

func FuzzReadPipConfig(f *testing.F) {
	f.Add("[global]\nindex-url = https://h/simple\nextra-index-url =\n    https://a\n    https://b\n")
	f.Fuzz(func(_ *testing.T, text string) {
		_ = readPipConfig([]byte(text), map[string]string{}) // must return
	})
}

func FuzzAptSources(f *testing.F) {
	f.Add("deb [ arch=amd64 ] http://c/debian stable main # x\n")
	f.Add("Types: deb\nURIs: http://a\n http://b\nComponents: main\nEnabled: yes\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, uri := range append(parseSourcesList(text), parseDeb822(text)...) {
			if uri == "" {
				t.Errorf("%q gives an empty URI", text)
			}
		}
	})
}

func FuzzCargoConfig(f *testing.F) {
	f.Add("source.crates-io.replace-with = 'm'\n[source.m]\nregistry = 'sparse+https://h/'\n[registries.x]\nindex = 'y'\n")
	f.Fuzz(func(t *testing.T, text string) {
		var c cargoConfig
		if c.merge([]byte(text)) != nil {
			return
		}
		if index, err := c.index(); err == nil && index != "" && checkURL(index) != nil {
			t.Errorf("%q gives the index %q", text, index)
		}
	})
}

func FuzzIndex(f *testing.F) {
	f.Add(`{"files": [{"filename": "x", "url": "../f", "hashes": {"sha256": "00"}}]}`)
	f.Add(`<base href="/f/"><a href="x#sha256=00">x-1.tar.gz</a>`)
	base, err := url.Parse("https://h/simple/x/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(_ *testing.T, body string) {
		p := &page{body: []byte(body), url: base}
		for _, parse := range []func(*page) ([]indexFile, error){parseIndexJSON, parseIndexHTML} {
			files, err := parse(p) // must return
			if err == nil {
				_, _ = chooseFile(files, purl{name: "x", version: "1"}, hash)
			}
		}
	})
}
