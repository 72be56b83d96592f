package skeleton

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bazelbuild/buildtools/build"

	"github.com/cowasm/cowasm/internal/distribution"
)

// Folder is the folder of a workspace that has one folder for each package.
const Folder = "packages"

// Packages are the bundles that a workspace has already.
type Packages struct {
	names    map[string]string // labels by canonical name of the distribution
	byImport map[string]string // labels by top-level module
}

// ReadPackages looks for bundles in the BUILD files of packages. It reads what
// is written there without evaluating it, so that a mistake in one package does
// not keep others from being written; one that cannot be parsed counts as empty.
func ReadPackages(root fs.FS) (*Packages, error) {
	p := &Packages{names: map[string]string{}, byImport: map[string]string{}}
	entries, err := fs.ReadDir(root, Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		file := path.Join(Folder, entry.Name(), "BUILD")
		data, err := fs.ReadFile(root, file)
		if err != nil {
			continue // not a package
		}
		if tree, err := build.ParseBuild(file, data); err == nil {
			p.add(entry.Name(), tree)
		}
	}
	return p, nil
}

func (p *Packages) add(folder string, tree *build.File) {
	for _, rule := range tree.Rules("") {
		if !strings.HasSuffix(rule.Kind(), "_bundle") || rule.Name() == "" {
			continue
		}
		label := "//" + Folder + "/" + folder
		if rule.Name() != folder {
			label += ":" + rule.Name()
		}
		p.names[distribution.CanonicalName(rule.Name())] = label
		importName := rule.AttrString("import_name")
		if importName == "" {
			importName = strings.ReplaceAll(rule.Name(), "-", "_")
		}
		for _, module := range append(rule.AttrStrings("modules"), importName) {
			p.byImport[module] = label
		}
	}
}

// label returns the label of a distribution and whether it is there.
func (p *Packages) label(name string) (label string, ok bool) {
	if label, ok := p.names[name]; ok {
		return label, true
	}
	return "//" + Folder + "/" + name, false
}

// Missing returns those of the distributions that the workspace does not have.
func (p *Packages) Missing(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, ok := p.label(name)
		return ok
	})
}

// ByName returns the label of a distribution's bundle, or the empty string.
func (p *Packages) ByName(name string) string { return p.names[name] }

// Label returns the label of the bundle that has a top-level module, or the
// empty string.
func (p *Packages) Label(module string) string { return p.byImport[module] }

// Modules returns the top-level modules of a bundle, as far as its BUILD file
// tells them, sorted.
func (p *Packages) Modules(label string) []string {
	var modules []string
	for module, l := range p.byImport {
		if l == label {
			modules = append(modules, module)
		}
	}
	slices.Sort(modules)
	return modules
}
