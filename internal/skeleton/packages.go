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

// toolFolder is one that may have bundles too, which are for building others.
const toolFolder = "toolchains"

// Packages are the bundles that a workspace has already.
type Packages struct {
	names    map[string]string // labels by canonical name of the distribution
	byImport map[string]string // labels by top-level module
	tools    map[string]string // labels of those that are for building others, by canonical name
}

// ReadPackages looks for bundles in the BUILD files of packages. It reads what
// is written there without evaluating it, so that a mistake in one package does
// not keep others from being written; one that cannot be parsed counts as empty.
func ReadPackages(root fs.FS) (*Packages, error) {
	p := &Packages{names: map[string]string{}, byImport: map[string]string{}, tools: map[string]string{}}
	err := eachBundle(root, Folder, p.add)
	if err == nil {
		err = eachBundle(root, toolFolder, func(label string, rule *build.Rule) {
			p.tools[distribution.CanonicalName(rule.Name())] = label
		})
	}
	return p, err
}

// eachBundle calls f for each bundle of the packages directly below a folder.
func eachBundle(root fs.FS, folder string, f func(label string, rule *build.Rule)) error {
	entries, err := fs.ReadDir(root, folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		file := path.Join(folder, entry.Name(), "BUILD")
		data, err := fs.ReadFile(root, file)
		if err != nil {
			continue // not a package
		}
		tree, err := build.ParseBuild(file, data)
		if err != nil {
			continue
		}
		for _, rule := range tree.Rules("") {
			if !strings.HasSuffix(rule.Kind(), "_bundle") || rule.Name() == "" {
				continue
			}
			label := "//" + folder + "/" + entry.Name()
			if rule.Name() != entry.Name() {
				label += ":" + rule.Name()
			}
			f(label, rule)
		}
	}
	return nil
}

func (p *Packages) add(label string, rule *build.Rule) {
	p.names[distribution.CanonicalName(rule.Name())] = label
	importName := rule.AttrString("import_name")
	if importName == "" {
		importName = strings.ReplaceAll(rule.Name(), "-", "_")
	}
	for _, module := range append(rule.AttrStrings("modules"), importName) {
		p.byImport[module] = label
	}
}

// label returns the label of a distribution and whether it is there.
func (p *Packages) label(name string) (label string, ok bool) {
	if label, ok := p.names[name]; ok {
		return label, true
	}
	return "//" + Folder + "/" + name, false
}

// buildLabel returns the label of a distribution that builds need, and whether it
// is there.
func (p *Packages) buildLabel(name string) (label string, ok bool) {
	if label, ok := p.tools[name]; ok {
		return label, true
	}
	return p.label(name)
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
