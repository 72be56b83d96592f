package skeleton

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/cowasm/cowasm/internal/distribution"
)

// A Native says how the rule c_extension_bundle builds a source.
type Native struct {
	System  string   // its build_system
	Deps    []string // labels of what the build needs
	Missing []string // distributions among Deps that the workspace lacks
	Fortran []string // sources that there is no compiler for
}

// Build systems, as c_extension_bundle names them.
const (
	meson      = "meson"
	setuptools = "setuptools" // and all that build a wheel in a single run
)

// mesonBackend is the build backend of Meson projects.
const mesonBackend = "mesonpy"

// unsupported are tools that no rule runs, by the modules of build backends and
// the names of distributions that lead to them.
var unsupported = map[string]string{
	"cmake":             "CMake",
	"maturin":           "Cargo",
	"scikit-build":      "CMake",
	"scikit-build-core": "CMake",
	"scikit_build_core": "CMake",
	"setuptools-rust":   "Cargo",
	"sip":               "SIP",
	"sipbuild":          "SIP",
	"skbuild":           "CMake",
}

// inEnvironment are requirements that every build finds met.
var inEnvironment = []string{"ninja", "packaging"}

// findNative returns how the native code of a release is built, or nil if it
// has none that it cannot do without.
func findNative(r *Release, s *Source, known *Packages) (*Native, error) {
	if r.Pure {
		return nil, nil
	}
	backend, requires, err := s.buildSystem()
	if err != nil {
		return nil, err
	}
	sources := s.native()
	if len(sources) == 0 && backend != mesonBackend && unsupported[backend] == "" {
		return nil, nil
	}
	if tool := s.unsupportedTool(backend, requires, sources); tool != "" {
		return nil, mistake("%s %s is built with %s, for which there are no rules yet", r.Project, r.Version, tool).
			WithHint("what Meson, setuptools or any backend in Python builds from C, C++ or Cython can be had; an older version may be of that kind: cowasm new %s==VERSION", r.Project)
	}
	n := &Native{System: setuptools}
	switch backend {
	case mesonBackend:
		n.System = meson
		requires = append(requires, "meson-python")
	case "", "setuptools":
		requires = append(requires, "setuptools")
	}
	slices.Sort(requires)
	for _, name := range slices.Compact(requires) {
		if slices.Contains(inEnvironment, name) {
			continue
		}
		label, ok := known.buildLabel(name)
		n.Deps = append(n.Deps, label)
		if !ok {
			n.Missing = append(n.Missing, name)
		}
	}
	slices.Sort(n.Deps)
	for _, f := range sources {
		if ext := path.Ext(f); ext == ".f" || ext == ".f90" {
			n.Fortran = append(n.Fortran, f)
		}
	}
	return n, nil
}

// buildSystem returns the top-level module of the build backend that a source
// names (PEP 518), or the empty string, and the names of the distributions that
// it needs to be built.
func (s *Source) buildSystem() (backend string, requires []string, err error) {
	var project struct {
		BuildSystem struct {
			Backend  string   `toml:"build-backend"`
			Requires []string `toml:"requires"`
		} `toml:"build-system"`
	}
	if err := toml.Unmarshal(s.texts["pyproject.toml"], &project); err != nil {
		return "", nil, mistake("the sdist's pyproject.toml cannot be read: %w", err)
	}
	var list []distribution.Requirement
	for _, text := range project.BuildSystem.Requires {
		r, err := distribution.ParseRequirement(text)
		if err != nil {
			return "", nil, mistake("the sdist's pyproject.toml: %w", err)
		}
		list = append(list, r)
	}
	requires, err = distribution.Names(list)
	if err != nil {
		return "", nil, mistake("the sdist's pyproject.toml: %w", err)
	}
	backend, _, _ = strings.Cut(project.BuildSystem.Backend, ":")
	backend, _, _ = strings.Cut(backend, ".")
	return backend, requires, nil
}

// unsupportedTool returns the tool that it takes to build a source and that no
// rule runs, or the empty string.
func (s *Source) unsupportedTool(backend string, requires, sources []string) string {
	for _, name := range append([]string{backend}, requires...) {
		if tool := unsupported[name]; tool != "" {
			return tool
		}
	}
	rust := func(f string) bool { return path.Ext(f) == ".rs" }
	if s.has("Cargo.toml") && slices.ContainsFunc(sources, rust) && !slices.ContainsFunc(sources, func(f string) bool { return !rust(f) }) {
		return "Cargo"
	}
	return ""
}

// nativeExtensions are those of sources that must be compiled.
var nativeExtensions = []string{".c", ".cc", ".cpp", ".cxx", ".f", ".f90", ".pyx", ".rs"}

// native returns the sources of native code among a project's files: those of
// its modules and those at the top that are not examples or tests.
func (s *Source) native() []string {
	var list []string
	for _, f := range s.Files {
		if !slices.Contains(nativeExtensions, path.Ext(f)) {
			continue
		}
		if !isBeside(path.Dir(f)) {
			list = append(list, f)
		}
	}
	return list
}

// isBeside reports whether a folder is, or is in, one that is beside a project's
// modules.
func isBeside(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(name string) bool {
		return !slices.Contains(sourceRoots, name) && notModules[strings.ToLower(name)]
	})
}

// nativeLayout finds the modules that the wheel of a source will have. Its own
// build system knows where they are, which may be anywhere.
func nativeLayout(s *Source, project string) (layout, error) {
	var roots []string
	for _, f := range s.Files {
		folder := path.Dir(f)
		if isBeside(folder) {
			continue
		}
		if path.Base(f) == "top_level.txt" || path.Base(f) == "__init__.py" && matching([]string{path.Base(folder)}, project) != "" {
			roots = append(roots, path.Dir(folder))
		}
	}
	slices.SortStableFunc(roots, func(a, b string) int { return strings.Count(a, "/") - strings.Count(b, "/") })
	l, err := layoutBelow(s, project, append(roots, sourceRoots...))
	if err != nil {
		// There may be nothing but extension modules.
		for _, f := range s.Files {
			if path.Base(f) != "top_level.txt" {
				continue
			}
			if modules := s.topLevel(f); len(modules) > 0 {
				name := matching(modules, project)
				return layout{root: ".", importName: cmp.Or(name, modules[0]), modules: modules, declared: true, guessed: name == ""}, nil
			}
		}
	}
	return l, err
}
