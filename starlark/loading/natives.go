package loading

import (
	"fmt"
	"path"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/lang"
)

// The rules that are part of the language. Analysis gives them their meaning.
var (
	// Alias gives another name to a target.
	Alias = lang.BuiltinRule("alias", "Another name for a target.", map[string]*lang.Attr{
		"actual": {Kind: lang.LabelKind, Mandatory: true, AllowFiles: true, Doc: "The target that is meant."},
	})
	// FileGroup stands for the files of other targets.
	FileGroup = lang.BuiltinRule("filegroup", "A name for several files.", map[string]*lang.Attr{
		"srcs": {Kind: lang.LabelList, AllowFiles: true, Doc: "The files, and targets whose files are meant."},
	})
	// ConfigSetting is a condition on build settings.
	ConfigSetting = lang.BuiltinRule("config_setting", "A condition for select: that build settings have these values.", map[string]*lang.Attr{
		"values": {Kind: lang.StringDict, Mandatory: true, Doc: "From names of build settings to values."},
	})
)

// natives returns the globals that only BUILD files and, as native.NAME, macros
// have.
func natives() starlark.StringDict {
	dict := starlark.StringDict{}
	for _, r := range []*lang.Rule{Alias, FileGroup, ConfigSetting} {
		dict[r.Name()] = r
	}
	for name, f := range map[string]func(*packageLoader, *starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error){
		"exports_files": (*packageLoader).exportsFiles,
		"glob":          (*packageLoader).glob,
		"package":       (*packageLoader).declarePackage,
		"package_name":  (*packageLoader).packageName,
	} {
		dict[name] = starlark.NewBuiltin(name, func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			l, ok := lang.DeclarerOf(thread).(*packageLoader)
			if !ok {
				return nil, fmt.Errorf("%s can be called only while a BUILD file is loaded", b.Name())
			}
			return f(l, thread, b, args, kwargs)
		})
	}
	return dict
}

func nativeModule() *starlarkstruct.Module {
	members := natives()
	delete(members, "package")
	return &starlarkstruct.Module{Name: "native", Members: members}
}

func (l *packageLoader) packageName(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	return starlark.String(l.pkg.Path), starlark.UnpackArgs(b.Name(), args, kwargs)
}

func (l *packageLoader) declarePackage(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var list *starlark.List
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "default_visibility?", &list); err != nil {
		return nil, err
	}
	if l.called {
		return nil, fmt.Errorf("package is called twice")
	}
	l.called = true
	if len(l.pkg.targets) > 0 || len(l.pkg.exports) > 0 {
		return nil, fmt.Errorf("package must be called before the first target")
	}
	specs, err := toStrings("default_visibility", list)
	if err != nil {
		return nil, err
	}
	l.pkg.visibility, err = parseVisibility(specs, l.pkg.Path)
	return starlark.None, err
}

func (l *packageLoader) exportsFiles(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var files, specs *starlark.List
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "srcs", &files, "visibility??", &specs); err != nil {
		return nil, err
	}
	v := public
	if specs != nil {
		strs, err := toStrings("visibility", specs)
		if err != nil {
			return nil, err
		}
		if v, err = parseVisibility(strs, l.pkg.Path); err != nil {
			return nil, err
		}
	}
	names, err := toStrings("srcs", files)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		file, err := label.Parse(name, l.pkg.Path)
		if err != nil {
			return nil, err
		}
		if file.Package != l.pkg.Path {
			return nil, diag.Errorf(diag.Position{}, "%s is not a file of package //%s", file, l.pkg.Path)
		}
		if _, err := l.ws.stat(path.Join(l.pkg.Path, file.Name)); err != nil && l.pkg.targets[file.Name] == nil {
			return nil, fmt.Errorf("exports_files: there is no file %q", name)
		}
		l.pkg.exports[file.Name] = v
	}
	return starlark.None, nil
}

// toStrings converts a list of strings, which may be nil.
func toStrings(what string, list *starlark.List) ([]string, error) {
	if list == nil {
		return nil, nil
	}
	strs := make([]string, 0, list.Len())
	for v := range list.Elements() {
		s, ok := starlark.AsString(v)
		if !ok {
			return nil, fmt.Errorf("%s holds %s, want strings", what, lang.Describe(v))
		}
		strs = append(strs, s)
	}
	return strs, nil
}
