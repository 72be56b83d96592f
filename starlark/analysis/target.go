package analysis

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/lang"
	"github.com/cowasm/cowasm/starlark/loading"
)

// A Target is what became of a target: the facts and files that its rule
// returned. It is immutable, and a Starlark value: t[Provider], Provider in t,
// t.label, t.files.
type Target struct {
	Label label.Label
	Kind  string // the name of its rule; "source file" for a file
	Pos   diag.Position
	Files []*action.Artifact // what the target stands for
	Run   *RunSpec           // nil if it cannot be run
	Test  *TestSpec          // nil if it is no test
	Steps []*action.Step     // all that its rule declared, in order

	infos   []*lang.Info
	actions *starlark.List // nil unless it is shown to an analysis test
}

// A RunSpec says how to start a program with the terminal attached.
type RunSpec struct {
	Executable       string   // path in the sandbox
	Arguments        []string // without the program itself; the user's own follow
	DefaultArguments []string // in the place of the user's own if there are none
	Env              map[string]string
	Inputs           []action.Input
	UserDirectory    string // where the user's folder is placed, and where the program starts; or empty
}

// A TestSpec says which reports decide about a test.
type TestSpec struct {
	Reports []*action.Artifact
}

var (
	_ starlark.HasAttrs = (*Target)(nil)
	_ starlark.Mapping  = (*Target)(nil)
)

func newTarget(t *loading.Target, infos []*lang.Info) *Target {
	return &Target{Label: t.Label, Kind: t.Kind(), Pos: t.Pos, infos: infos}
}

func sourceTarget(l label.Label, f *lang.File) (*Target, error) {
	files, err := lang.NewDepset([]starlark.Value{f})
	if err != nil {
		return nil, err
	}
	return &Target{
		Label: l,
		Kind:  "source file",
		Pos:   diag.Position{File: f.Artifact.Path},
		Files: []*action.Artifact{f.Artifact},
		infos: []*lang.Info{lang.NewInfo(lang.DefaultInfo, map[string]starlark.Value{"files": files})},
	}, nil
}

// Provider returns the instance of p that the rule returned, or nil.
func (t *Target) Provider(p *lang.Provider) *lang.Info {
	for _, i := range t.infos {
		if i.Provider() == p {
			return i
		}
	}
	return nil
}

// files returns the files that the target stands for.
func (t *Target) files() *lang.Depset {
	if i := t.Provider(lang.DefaultInfo); i != nil {
		return i.Field("files").(*lang.Depset)
	}
	d, _ := lang.NewDepset(nil)
	return d
}

// Get returns t[Provider].
func (t *Target) Get(key starlark.Value) (starlark.Value, bool, error) {
	p, ok := key.(*lang.Provider)
	if !ok {
		return nil, false, fmt.Errorf("a target is indexed by a provider, not by %s", lang.Describe(key))
	}
	if i := t.Provider(p); i != nil {
		return i, true, nil
	}
	return nil, false, fmt.Errorf("%s (a %s) does not provide %s", t.Label, t.Kind, p.Name())
}

// Attr returns t.label, t.files or, in an analysis test, t.actions.
func (t *Target) Attr(name string) (starlark.Value, error) {
	switch name {
	case "actions":
		if t.actions == nil {
			return nil, diag.Errorf(diag.Position{}, "the actions of %s are shown to tests only", t.Label).
				WithHint("give the rule that looks at them analysis_test = True")
		}
		return t.actions, nil
	case "label":
		return lang.Label{Label: t.Label}, nil
	case "files":
		return t.files(), nil
	}
	return nil, nil
}

// AttrNames returns the names that Attr knows.
func (*Target) AttrNames() []string { return []string{"actions", "files", "label"} }

// String returns "<target LABEL>".
func (t *Target) String() string { return "<target " + t.Label.String() + ">" }

// Type returns "Target".
func (*Target) Type() string { return "Target" }

// Freeze does nothing: a target is immutable.
func (*Target) Freeze() {}

// Truth returns true.
func (*Target) Truth() starlark.Bool { return true }

// Hash returns the hash of the label.
func (t *Target) Hash() (uint32, error) { return starlark.String(t.Label.String()).Hash() }
