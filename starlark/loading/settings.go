package loading

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/starlark/lang"
)

// A Setting is what a user chooses for a whole build, as in --mode=debug, and
// select can look at.
type Setting struct {
	Name    string
	Default string
	Values  []string // allowed ones; nil if all are
	Doc     string
	Pos     diag.Position
}

// Settings returns the build settings that the WORKSPACE file declares, sorted
// by name.
func (ws *Workspace) Settings() []*Setting { return slices.Clone(ws.settings) }

func (ws *Workspace) setting(name string) *Setting {
	for _, s := range ws.settings {
		if s.Name == name {
			return s
		}
	}
	return nil
}

func (ws *Workspace) settingNames() []string {
	names := make([]string, len(ws.settings))
	for i, s := range ws.settings {
		names[i] = s.Name
	}
	return names
}

// checkSetting reports whether a build may set name to value.
func (ws *Workspace) checkSetting(name, value string) error {
	s := ws.setting(name)
	if s == nil {
		return diag.Errorf(diag.Position{}, "there is no build setting %q", name).
			WithHint("%s", lang.Suggest(name, ws.settingNames(), "the settings are "))
	}
	if s.Values != nil && !slices.Contains(s.Values, value) {
		return diag.Errorf(diag.Position{}, "build setting %q cannot be %q", name, value).
			WithHint("it may be %s", strings.Join(s.Values, ", "))
	}
	return nil
}

func (ws *Workspace) loadWorkspaceFile() error {
	src, err := readFile(ws.fsys, WorkspaceFile)
	if errors.Is(err, fs.ErrNotExist) {
		return diag.Errorf(diag.Position{File: WorkspaceFile}, "no such file").WithHint("the root of a workspace has a file of that name, which may be empty")
	}
	if err != nil {
		return err
	}
	predeclared := merge(ws.commonGlobals, starlark.StringDict{
		"workspace":     starlark.NewBuiltin("workspace", ws.declareWorkspace),
		"build_setting": starlark.NewBuiltin("build_setting", ws.declareSetting),
	})
	f, err := lang.Parse(WorkspaceFile, src)
	if err != nil {
		return err
	}
	p, err := lang.Compile(f, predeclared)
	if err != nil {
		return err
	}
	load := func(string) (starlark.StringDict, error) {
		return nil, fmt.Errorf("%s cannot load other files", WorkspaceFile)
	}
	if _, err := ws.runner(WorkspaceFile, nil, load).Exec(p, predeclared); err != nil {
		return err
	}
	slices.SortFunc(ws.settings, func(a, b *Setting) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

func (ws *Workspace) declareWorkspace(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "name", &name); err != nil {
		return nil, err
	}
	if ws.name != "" {
		return nil, fmt.Errorf("workspace is called twice")
	}
	ws.name = name
	return starlark.None, nil
}

func (ws *Workspace) declareSetting(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	s := &Setting{Pos: lang.Position(thread.CallFrame(1).Pos)}
	var values *starlark.List
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "name", &s.Name, "default", &s.Default, "values??", &values, "doc?", &s.Doc); err != nil {
		return nil, err
	}
	if old := ws.setting(s.Name); old != nil {
		return nil, fmt.Errorf("build setting %q is declared already, at %s", s.Name, old.Pos)
	}
	if s.Name == "" || strings.Trim(s.Name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		return nil, fmt.Errorf("build setting %q: a name has lower-case letters, digits, _ and -", s.Name)
	}
	if values != nil {
		for v := range values.Elements() {
			text, ok := starlark.AsString(v)
			if !ok {
				return nil, fmt.Errorf("build setting %q: values holds %s, want strings", s.Name, lang.Describe(v))
			}
			s.Values = append(s.Values, text)
		}
		if !slices.Contains(s.Values, s.Default) {
			return nil, fmt.Errorf("build setting %q: the default %q is not among the values", s.Name, s.Default)
		}
	}
	ws.settings = append(ws.settings, s)
	return starlark.None, nil
}
