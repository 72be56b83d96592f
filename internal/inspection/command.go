package inspection

import (
	"fmt"
	"maps"
	"slices"

	"github.com/cowasm/cowasm/internal/action"
)

// commandDifferences returns in words what the command of an action has that an
// earlier one had not, and the other way round: nothing if they differ in their
// inputs at most.
func commandDifferences(was, is *action.Action) []string {
	var lines []string
	changed := func(what string, was, is any) {
		if was != is {
			lines = append(lines, fmt.Sprintf("%s: was %v, is %v", what, was, is))
		}
	}
	changed("executor", was.Executor, is.Executor)
	lines = append(lines, listDifferences("argument", was.Arguments, is.Arguments)...)
	names := slices.Collect(maps.Keys(was.Env))
	names = slices.AppendSeq(names, maps.Keys(is.Env))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		changed("environment variable "+name, value(was.Env, name), value(is.Env, name))
	}
	changed("working directory", "/"+was.WorkingDirectory, "/"+is.WorkingDirectory)
	lines = append(lines, listDifferences("output file", was.OutputFiles, is.OutputFiles)...)
	lines = append(lines, listDifferences("output folder", was.OutputDirs, is.OutputDirs)...)
	changed("time limit", orDefault(was.Limits.Timeout), orDefault(is.Limits.Timeout))
	changed("memory limit", orDefault(was.Limits.Memory), orDefault(is.Limits.Memory))
	changed("limit of bytes written", orDefault(was.Limits.Written), orDefault(is.Limits.Written))
	return lines
}

// value returns the value of a variable, in words.
func value(env map[string]string, name string) string {
	if v, ok := env[name]; ok {
		return fmt.Sprintf("%q", v)
	}
	return "not set"
}

// orDefault returns a limit in words.
func orDefault[T comparable](limit T) string {
	var none T
	if limit == none {
		return "the default"
	}
	return fmt.Sprint(limit)
}

// listDifferences returns in words what is in one of two lists only.
func listDifferences(what string, was, is []string) []string {
	var lines []string
	for _, s := range minus(was, is) {
		lines = append(lines, fmt.Sprintf("%s %q is gone", what, s))
	}
	for _, s := range minus(is, was) {
		lines = append(lines, fmt.Sprintf("%s %q is new", what, s))
	}
	if lines == nil && !slices.Equal(was, is) {
		lines = []string{what + "s: in another order"}
	}
	return lines
}

// minus returns what a list holds more often than another, in its order.
func minus(list, other []string) []string {
	left := map[string]int{}
	for _, s := range other {
		left[s]++
	}
	var more []string
	for _, s := range list {
		if left[s]--; left[s] < 0 {
			more = append(more, s)
		}
	}
	return more
}
