package cli

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/catalogue"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/query"
	"github.com/cowasm/cowasm/starlark/loading"
)

// TestTableOfPackagesIsCurrent fails when a package was added, updated or
// removed and docs/PACKAGES.md was not, a manual one too. Figures it does not
// compare: that would take a build.
func TestTableOfPackagesIsCurrent(t *testing.T) {
	page, err := os.ReadFile("../../docs/PACKAGES.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := catalogue.Read(page)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, r.Package+" "+r.Version)
	}
	ws, err := loading.Open(os.DirFS("../.."), loading.Options{})
	if err != nil {
		t.Fatal(err)
	}
	graph := query.FromWorkspace(ws)
	labels, err := graph.Targets(context.Background(), label.Pattern{Label: label.Label{Package: "packages"}, Recursive: true})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, l := range labels {
		target, err := graph.Target(context.Background(), l)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(target.Kind, bundleRule) {
			continue
		}
		version := ""
		for version == "" { // what a build system made is a source with a source
			src := slices.IndexFunc(target.Attrs, func(a query.Attr) bool { return a.Name == "src" })
			if src < 0 {
				t.Fatalf("%s has no source with a version", l)
			}
			from := target.Attrs[src].Labels[0]
			if version, err = sourceVersion(context.Background(), graph, from); err != nil {
				t.Fatal(err)
			}
			if target, err = graph.Target(context.Background(), from); err != nil {
				t.Fatal(err)
			}
		}
		want = append(want, shortName(l)+" "+version)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/PACKAGES.md is stale; run go run ./cmd/cowasm packages docs/PACKAGES.md //packages/NAME/... (-want +got)\n%s", diff)
	}
}
