package skeleton

import (
	"slices"
	"strings"
)

// A Skeleton is what there is to write into a package's BUILD file, and what
// its author should be told.
type Skeleton struct {
	Release *Release
	Summary string
	Licence string // an SPDX expression, or empty if it is not known

	ImportName string
	Guessed    bool     // ImportName is not evident
	Modules    []string // to be listed, if they cannot be found without
	Deps       []string // labels
	Missing    []string // distributions among Deps that the workspace lacks
	Native     *Native  // how it is built; nil for a pure bundle
	Optional   []string // native sources of a pure bundle, which can do without
	Tests      *Tests   // nil if there are none
}

// New returns the skeleton of a package. known are the packages that the
// workspace has already.
func New(r *Release, s *Source, known *Packages) (*Skeleton, error) {
	if r.Version != s.Metadata.Version {
		return nil, mistake("the index says that %s is version %s, the sdist itself %s", r.Sdist.Name, r.Version, s.Metadata.Version)
	}
	native, err := findNative(r, s, known)
	if err != nil {
		return nil, err
	}
	find := findLayout
	if native != nil {
		find = nativeLayout
	}
	l, err := find(s, r.Project)
	if err != nil {
		return nil, err
	}
	required, err := s.Metadata.Dependencies()
	if err != nil {
		return nil, err
	}
	k := &Skeleton{
		Release:    r,
		Summary:    s.Metadata.Summary,
		Licence:    s.licence(),
		ImportName: l.importName,
		Guessed:    l.guessed,
		Missing:    known.Missing(required),
		Native:     native,
		Tests:      findTests(s, l, native != nil),
	}
	for _, name := range required {
		label, _ := known.label(name)
		k.Deps = append(k.Deps, label)
	}
	if native == nil && !l.declared && len(l.modules) > 1 {
		k.Modules = slices.DeleteFunc(slices.Clone(l.modules), func(m string) bool { return m == l.importName })
	}
	if native == nil && r.Pure {
		k.Optional = s.native()
	}
	if k.Tests != nil {
		k.Tests.findDeps(s, l, required, known)
	}
	return k, nil
}

// Package returns the package of the workspace that the skeleton is for.
func (k *Skeleton) Package() string { return Folder + "/" + k.Release.Project }

// docstring returns one sentence on what the package is.
func (k *Skeleton) docstring() string {
	text := strings.Join(strings.Fields(k.Summary), " ")
	text = strings.NewReplacer(`\`, `\\`, `"""`, `\"""`).Replace(text)
	if text == "" {
		text = "The distribution " + k.Release.Project
	}
	if strings.HasSuffix(text, `"`) {
		text += " "
	}
	if !strings.ContainsAny(text[len(text)-1:], ".!?") {
		text = strings.TrimRight(text, " ") + "."
	}
	return text
}
