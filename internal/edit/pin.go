package edit

import (
	"strings"

	"github.com/bazelbuild/buildtools/build"
	"github.com/package-url/packageurl-go"

	"github.com/cowasm/cowasm/internal/label"
)

// A Pin is a source_archive whose version and hash are written in a BUILD file.
type Pin struct {
	Label   label.Label
	Type    string // of the package URL, as in "pypi"
	Name    string
	Version string
	Held    bool // a comment "keep" says that the version is to stay

	file   *File
	purl   *build.StringExpr
	sha256 *build.StringExpr
}

// Pins returns the pins of a file, in its order. A source whose package URL or
// hash is computed is none, nor is one that is fetched from upstream alone.
func (f *File) Pins() []*Pin {
	var pins []*Pin
	for _, rule := range f.Tree.Rules("source_archive") {
		purl, isString := rule.Attr("purl").(*build.StringExpr)
		sha256, alsoString := rule.Attr("sha256").(*build.StringExpr)
		if !isString || !alsoString {
			continue
		}
		u, err := packageurl.FromString(purl.Value)
		if err != nil {
			continue // building the target says why
		}
		pins = append(pins, &Pin{
			Label:   label.Label{Package: f.Package, Name: rule.Name()},
			Type:    u.Type,
			Name:    u.Name,
			Version: u.Version,
			Held:    isHeld(rule),
			file:    f,
			purl:    purl,
			sha256:  sha256,
		})
	}
	return pins
}

// isHeld reports whether a comment at the package URL says "keep".
func isHeld(rule *build.Rule) bool {
	attr := rule.AttrDefn("purl")
	for _, e := range []build.Expr{rule.Call, attr, attr.LHS, attr.RHS} {
		for _, c := range append(e.Comment().Before, e.Comment().Suffix...) {
			if text, ok := strings.CutPrefix(c.Token, "# keep"); ok && (text == "" || strings.ContainsAny(text[:1], " :,;")) {
				return true
			}
		}
	}
	return false
}

// Set changes the version and the hash, in memory: see File.Write.
func (p *Pin) Set(version, sha256 string) {
	name, _, _ := strings.Cut(p.purl.Value, "@")
	rest := ""
	if i := strings.IndexAny(p.purl.Value, "?#"); i >= 0 {
		rest = p.purl.Value[i:]
	}
	p.file.Replace(p.purl, name+"@"+strings.ReplaceAll(version, "+", "%2B")+rest)
	p.file.Replace(p.sha256, sha256)
}

// SHA256 returns the hash as it is written.
func (p *Pin) SHA256() string { return p.sha256.Value }
