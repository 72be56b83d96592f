package lang

import (
	"fmt"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/cowasm/cowasm/internal/diag"
)

// AnalysisFailureInfo stands for a target that could not be analysed. Only
// tests whose attribute allows failures see it.
var AnalysisFailureInfo = &Provider{name: "AnalysisFailureInfo", Doc: "Why a target could not be analysed.",
	Fields: map[string]string{"causes": "depset of struct: each has a message, what a user would be told"}}

// Action is what an analysis test sees of an action. It is not made by files.
var Action = &Provider{name: "Action", Doc: "An action that a rule declared.",
	Fields: map[string]string{
		"argv":             "list of string: the program or builtin function, and its arguments",
		"content":          "string that the action writes, None unless it is of ctx.actions.write",
		"env":              "dict of string: the environment",
		"executor":         "string: what carries it out",
		"inputs":           "depset of File: all that it can see",
		"mnemonic":         "string: the kind of action",
		"mounts":           "dict from path in the sandbox to list of File: the inputs that are not at their own path",
		"outputs":          "depset of File: all that is kept of what it makes",
		"progress_message": "string: what the display says",
	}}

// A Transition says how targets that an attribute of an analysis test names
// are analysed.
type Transition struct {
	Settings      map[string]string // build settings that differ from those of the test
	AllowFailures bool              // a target that cannot be analysed has AnalysisFailureInfo
	Pos           diag.Position     // of the definition
}

// makeTransition is analysis_test_transition(settings = {}, allow_failures = False).
func makeTransition(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	t := &Transition{Settings: map[string]string{}, Pos: callerPosition(thread)}
	var settings *starlark.Dict
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "settings??", &settings, "allow_failures?", &t.AllowFailures); err != nil {
		return nil, err
	}
	if settings == nil {
		return t, nil
	}
	for k, v := range settings.Entries() {
		name, ok1 := starlark.AsString(k)
		value, ok2 := starlark.AsString(v)
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("%s: settings holds %s = %s, want strings", b.Name(), Describe(k), Describe(v))
		}
		t.Settings[name] = value
	}
	return t, nil
}

// String returns "<analysis_test_transition>".
func (*Transition) String() string { return "<analysis_test_transition>" }

// Type returns "transition".
func (*Transition) Type() string { return "transition" }

// Freeze does nothing: a Transition is immutable.
func (*Transition) Freeze() {}

// Truth returns true.
func (*Transition) Truth() starlark.Bool { return true }

// Hash returns an error: a transition is not hashable.
func (*Transition) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: transition") }

// testingModule is the global testing.
func testingModule() *starlarkstruct.Module {
	return &starlarkstruct.Module{Name: "testing", Members: starlark.StringDict{
		"call_site": starlark.NewBuiltin("testing.call_site", callSite),
	}}
}

// callSite is testing.call_site(): the place, as "file:line:column", in another
// file that led to this call. A library of assertions tells with it which of
// them failed.
func callSite(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := starlark.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	library := callerPosition(thread)
	for depth := 2; depth < thread.CallStackDepth(); depth++ {
		if pos := Position(thread.CallFrame(depth).Pos); pos.Line > 0 && pos.File != library.File {
			return starlark.String(pos.String()), nil
		}
	}
	return starlark.String(library.String()), nil
}
