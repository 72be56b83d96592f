// Package lang is the vocabulary of the build language: the values that
// WORKSPACE, BUILD and .bzl files work with, and their safe execution.
//
// The language is Starlark as go.starlark.net implements it, with the words of
// Bazel: rule, attr, provider, depset, select, struct, Label. What the words do
// depends on the file being loaded; that is told through a Scope.
//
// A file may be hostile. Before parsing, its size and nesting are checked, since
// the parser is recursive. While it runs, the number of steps is bounded, and so
// is what one step may allocate: operators and methods that make large values
// out of small ones are replaced by checked ones. Time and memory are watched
// besides. There are no while loops and no recursion.
package lang

import "go.starlark.net/starlark"

// A Scope tells the builtins on behalf of which file they are called.
type Scope struct {
	// FilePackage returns the package that a file of the workspace, given by
	// its path, is part of. Labels in the file are relative to that package.
	FilePackage func(file string) string
	// Declarer takes targets; nil unless a BUILD file is being loaded.
	Declarer Declarer
}

const scopeKey = "cowasm.scope"

func scopeOf(thread *starlark.Thread) *Scope {
	if s, ok := thread.Local(scopeKey).(*Scope); ok {
		return s
	}
	return &Scope{}
}

// DeclarerOf returns the declarer of the BUILD file that thread loads, nil if
// there is none.
func DeclarerOf(thread *starlark.Thread) Declarer { return scopeOf(thread).Declarer }

// callerPackage returns the package of the file whose code called the running
// builtin.
func callerPackage(thread *starlark.Thread) string {
	s := scopeOf(thread)
	if s.FilePackage == nil {
		return ""
	}
	return s.FilePackage(callerPosition(thread).File)
}

// targetPackage returns the package that is being loaded or, if it is a module
// that is, the package of the calling file.
func targetPackage(thread *starlark.Thread) string {
	if d := scopeOf(thread).Declarer; d != nil {
		return d.PackagePath()
	}
	return callerPackage(thread)
}

// Common returns the globals that all files have besides Starlark's own.
func Common() starlark.StringDict {
	dict := guards()
	dict["Label"] = starlark.NewBuiltin("Label", makeLabel)
	dict["depset"] = starlark.NewBuiltin("depset", makeDepset)
	dict["select"] = starlark.NewBuiltin("select", makeSelect)
	dict["struct"] = starlark.NewBuiltin("struct", makeStruct)
	return dict
}

// ModuleGlobals returns the globals that .bzl files have besides Common.
func ModuleGlobals() starlark.StringDict {
	return starlark.StringDict{
		"AnalysisFailureInfo":      AnalysisFailureInfo,
		"DefaultInfo":              DefaultInfo,
		"RunInfo":                  RunInfo,
		"TestInfo":                 TestInfo,
		"analysis_test_transition": starlark.NewBuiltin("analysis_test_transition", makeTransition),
		"attr":                     attrModule(),
		"provider":                 starlark.NewBuiltin("provider", makeProvider),
		"rule":                     starlark.NewBuiltin("rule", makeRule),
		"testing":                  testingModule(),
	}
}
