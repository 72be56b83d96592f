// Package skeleton writes the BUILD file of a package from what its release
// says of itself, so that a pure one builds and is tested at once.
package skeleton

import (
	"slices"
	"strings"

	"deps.dev/util/pypi"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/distribution"
	"github.com/cowasm/cowasm/internal/fetch"
)

// A Release is a version of a project that a bundle can be made from.
type Release struct {
	Project string // canonical name
	Version string
	Sdist   fetch.ProjectFile

	// Pure says that there is a wheel for any platform, so that nothing in the
	// release has to be compiled.
	Pure bool
}

// PURL returns the package URL of the sdist.
func (r *Release) PURL() string {
	// A "+" would stand for a space in some parts of a URL.
	return "pkg:pypi/" + r.Project + "@" + strings.ReplaceAll(r.Version, "+", "%2B")
}

// sdistExtensions are those that sdists have (PEP 527), the best first.
var sdistExtensions = []string{".tar.gz", ".zip", ".tar.bz2", ".tar.xz"}

// Releases returns the releases that files are of, by PEP 440 the newest first.
// Withdrawn files and those for another Python do not count. Sdist is empty in
// a release that has none.
func Releases(project string, files []fetch.ProjectFile) []*Release {
	project = distribution.CanonicalName(project)
	byVersion := map[string]*Release{}
	release := func(version string) *Release {
		r := byVersion[version]
		if r == nil {
			r = &Release{Project: project, Version: version}
			byVersion[version] = r
		}
		return r
	}
	for _, file := range files {
		if file.Yanked || !distribution.AllowsPython(file.RequiresPython) {
			continue
		}
		if wheel, ok := strings.CutSuffix(file.Name, ".whl"); ok {
			if parts := strings.Split(wheel, "-"); len(parts) >= 5 {
				r := release(parts[1])
				r.Pure = r.Pure || strings.HasSuffix(wheel, "-none-any")
			}
			continue
		}
		if !slices.ContainsFunc(sdistExtensions, func(ext string) bool { return strings.HasSuffix(file.Name, ext) }) {
			continue
		}
		if _, version, err := pypi.SdistVersion(project, file.Name); err == nil && distribution.ValidVersion(version) {
			release(version).Sdist = file
		}
	}
	var list []*Release
	for _, r := range byVersion {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *Release) int {
		if c := distribution.CompareVersions(b.Version, a.Version); c != 0 {
			return c
		}
		return strings.Compare(a.Version, b.Version)
	})
	return list
}

// Choose returns the release with the given version or, if that is empty, the
// newest final one that has an sdist.
func Choose(project, version string, files []fetch.ProjectFile) (*Release, error) {
	releases := Releases(project, files)
	if version != "" {
		return chooseVersion(project, version, releases, files)
	}
	finals := slices.DeleteFunc(slices.Clone(releases), func(r *Release) bool { return !distribution.IsFinal(r.Version) })
	for _, r := range finals {
		if r.Sdist.Name != "" {
			return pinned(r)
		}
	}
	switch {
	case len(finals) > 0:
		return nil, withoutSdist(project, finals[0].Version)
	case len(releases) > 0:
		return nil, mistake("%s has no final release for Python %s", project, distribution.PythonVersion).
			WithHint("name one: cowasm new %s==%s", project, releases[0].Version)
	}
	return nil, mistake("%s has no release for Python %s", project, distribution.PythonVersion).
		WithHint("the index offers files for other versions of Python, or only withdrawn ones")
}

func chooseVersion(project, version string, releases []*Release, files []fetch.ProjectFile) (*Release, error) {
	for _, r := range releases {
		if distribution.CompareVersions(r.Version, version) != 0 {
			continue
		}
		if r.Sdist.Name == "" {
			return nil, withoutSdist(project, r.Version)
		}
		return pinned(r)
	}
	for _, file := range files {
		if strings.Contains(file.Name, "-"+version+".") || strings.Contains(file.Name, "-"+version+"-") {
			if file.Yanked {
				return nil, mistake("version %s of %s has been withdrawn", version, project)
			}
			return nil, mistake("version %s of %s is not for Python %s: it wants %s", version, project, distribution.PythonVersion, file.RequiresPython)
		}
	}
	err := mistake("%s has no version %s", project, version)
	var newest []string
	for _, r := range releases[:min(5, len(releases))] {
		newest = append(newest, r.Version)
	}
	if newest != nil {
		return nil, err.WithHint("the newest are %s", strings.Join(newest, ", "))
	}
	return nil, err
}

// pinned returns r if its hash is known.
func pinned(r *Release) (*Release, error) {
	if r.Sdist.SHA256 == "" {
		return nil, mistake("the package index does not tell the sha256 of %s", r.Sdist.Name).
			WithHint("use an index that tells hashes, or write the BUILD file by hand with a hash that you trust")
	}
	return r, nil
}

func withoutSdist(project, version string) error {
	return mistake("version %s of %s has no sdist, only wheels, and bundles are made from source", version, project).
		WithHint("if the project publishes its source elsewhere, write a BUILD file with urls = [...] in its source_archive")
}

func mistake(format string, args ...any) *diag.Error {
	return diag.Errorf(diag.Position{}, format, args...)
}
