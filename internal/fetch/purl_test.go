package fetch

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePURL(t *testing.T) {
	tests := map[string]purl{
		"pkg:pypi/six@1.17.0":                                   {kind: "pypi", name: "six", version: "1.17.0"},
		"pkg:pypi/x@1?file_name=x-1.whl":                        {kind: "pypi", name: "x", version: "1", fileName: "x-1.whl"},
		"pkg:npm/left-pad@1.3.0":                                {kind: "npm", name: "left-pad", version: "1.3.0"},
		"pkg:npm/%40yowasp/clang@22.0-10":                       {kind: "npm", scope: "@yowasp", name: "clang", version: "22.0-10"},
		"pkg:cargo/libz-sys@1.1.31":                             {kind: "cargo", name: "libz-sys", version: "1.1.31"},
		"pkg:deb/debian/bzip2@1.0.8-6":                          {kind: "deb", scope: "debian", name: "bzip2", version: "1.0.8-6"},
		"pkg:deb/debian/z@1:2+x-1":                              {kind: "deb", scope: "debian", name: "z", version: "1:2+x-1"},
		"pkg:deb/debian/z@1?arch=source":                        {kind: "deb", scope: "debian", name: "z", version: "1"},
		"pkg:deb/debian/z@1%3A2%2Bx-1?file_name=z_2%2Bx.tar.gz": {kind: "deb", scope: "debian", name: "z", version: "1:2+x-1", fileName: "z_2+x.tar.gz"},
	}
	for raw, want := range tests {
		got, err := parsePURL(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(purl{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", raw, diff)
		}
	}
}

func TestParsePURLFails(t *testing.T) {
	tests := map[string]string{
		"":                                   "purl",
		"https://example.org/x":              "purl",
		"pkg:generic/x@1":                    `type "generic" is not one of`,
		"pkg:pypi/six":                       "no version",
		"pkg:pypi/ns/six@1":                  "no namespaces",
		"pkg:deb/zlib@1":                     "no distribution",
		"pkg:pypi/six@1#sub/path":            "subpath",
		"pkg:deb/debian/z@1?arch=amd64":      "only source packages",
		"pkg:pypi/six@1?filename=x":          `did you mean "file_name"`,
		"pkg:npm/x@1?file_name=x":            `npm has no qualifier "file_name"`,
		"pkg:pypi/six@..%2F..%2Fx":           "no name for a part of a URL",
		"pkg:deb/debian/z@1?file_name=..":    "no name for a part of a URL",
		"pkg:deb/debian/z@1?file_name=a%2Fb": "no name for a part of a URL",
	}
	for raw, want := range tests {
		_, err := parsePURL(raw)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", raw, err, want)
		}
	}
}

func FuzzParsePURL(f *testing.F) {
	f.Add("pkg:npm/%40yowasp/clang@22.0-10")
	f.Add("pkg:deb/debian/z@1%3A2%2Bx-1?file_name=z_2%2Bx.tar.gz&arch=source")
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := parsePURL(raw)
		if err != nil {
			return
		}
		if p.name == "" || p.version == "" || strings.ContainsAny(p.name+p.version+p.scope+p.fileName, "/\\") {
			t.Errorf("%q gives %+v", raw, p)
		}
		for _, file := range debFiles(p) {
			if path := poolPath(p.name, file); strings.Count(path, "/") != 4 || strings.Contains(path, "/../") {
				t.Errorf("%q gives the path %q", raw, path)
			}
		}
		if u := crateURL("https://h/dl", p, ""); strings.Count(u, "/") != 6 {
			t.Errorf("%q gives the URL %q", raw, u)
		}
	})
}
