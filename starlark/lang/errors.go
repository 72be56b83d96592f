package lang

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/cowasm/cowasm/internal/diag"
)

// Position converts a position of the interpreter.
func Position(p syntax.Position) diag.Position {
	return diag.Position{File: p.Filename(), Line: int(p.Line), Col: int(p.Col)}
}

// callerPosition returns where the running builtin was called.
func callerPosition(thread *starlark.Thread) diag.Position {
	if thread.CallStackDepth() < 2 {
		return diag.Position{}
	}
	return Position(thread.CallFrame(1).Pos)
}

// Diagnose converts an error of the interpreter to diagnostics, each with its
// position and hint.
func Diagnose(err error) diag.List {
	var list diag.List
	switch err := err.(type) {
	case nil:
	case diag.List:
		return err
	case syntax.Error:
		list = append(list, diagnostic(Position(err.Pos), err.Msg))
	case resolve.ErrorList:
		for i, e := range err {
			if i == maxErrors {
				return append(list, diag.Errorf(Position(e.Pos), "there are %d more errors of the like", len(err)-i))
			}
			list = append(list, diagnostic(Position(e.Pos), e.Msg))
		}
	case *starlark.EvalError:
		list = append(list, evalDiagnostic(err))
	default:
		list = append(list, err)
	}
	return list
}

// maxErrors is how many errors the resolver may report of one file.
const maxErrors = 50

// didYouMean matches the interpreter's own way to give a hint.
var didYouMean = regexp.MustCompile(` \((did you mean [^)]*\?)\)$`)

func diagnostic(pos diag.Position, msg string) *diag.Error {
	e := &diag.Error{Pos: pos, Msg: msg}
	if m := didYouMean.FindStringSubmatchIndex(msg); m != nil {
		e.Msg, e.Hint = msg[:m[0]], msg[m[2]:m[3]]
	}
	if e.Msg == "got while, want primary expression" || strings.HasPrefix(e.Msg, "this Starlark dialect does not support while") {
		e.Msg, e.Hint = "there are no while loops", "use a for loop over a list or range"
	}
	return e
}

// evalDiagnostic places a run-time error where it happened, and tells the calls
// that led there.
func evalDiagnostic(err *starlark.EvalError) error {
	var frames []starlark.CallFrame
	for _, f := range slices.Backward(err.CallStack) {
		if f.Pos.Line > 0 {
			frames = append(frames, f)
		}
	}
	e, ok := AsDiagnostic(err.Unwrap())
	if !ok {
		e = diagnostic(diag.Position{}, strings.TrimPrefix(err.Msg, "Starlark computation cancelled: "))
		e.Err = err.Unwrap()
	}
	if e.Pos.File == "" && len(frames) > 0 {
		e.Pos = Position(frames[0].Pos)
	}
	const most = 8 // calls that are worth telling
	for i, f := range frames[min(1, len(frames)):] {
		if i == most {
			e.Msg += "\n\t..."
			break
		}
		e.Msg += fmt.Sprintf("\n\tcalled from %s", Position(f.Pos))
	}
	return e
}

// AsDiagnostic returns a copy of the diagnostic that err is or wraps. What a
// wrapping error says before it becomes part of the message.
func AsDiagnostic(err error) (*diag.Error, bool) {
	var inner *diag.Error
	if !errors.As(err, &inner) {
		return nil, false
	}
	e := *inner
	e.Msg = strings.TrimSuffix(err.Error(), inner.Error()) + inner.Msg
	return &e, true
}

// hinted returns err with a hint.
func hinted(err error, format string, args ...any) error {
	return diag.Errorf(diag.Position{}, "%w", err).WithHint(format, args...)
}

// Suggest returns a hint for a word that is not among known: the nearest one
// or, if none is near, all after intro unless they are too many.
func Suggest(word string, known []string, intro string) string {
	if near := diag.Nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	known = slices.Sorted(slices.Values(known))
	if len(known) == 0 || len(known) > 30 {
		return ""
	}
	return intro + strings.Join(known, ", ")
}

// Describe returns the type of v and, if it is short, v itself.
func Describe(v starlark.Value) string {
	switch v.(type) {
	case starlark.NoneType:
		return "None"
	case starlark.String, starlark.Int, starlark.Bool, Label:
		if s := v.String(); len(s) <= 60 {
			return v.Type() + " " + s
		}
	}
	return v.Type()
}
