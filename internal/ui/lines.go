package ui

import (
	"fmt"
	"strings"

	"github.com/cowasm/cowasm/internal/event"
)

// An action's output is shown whole up to maxLines, and beyond that its first
// headLines and its last tailLines: compilers put the cause first, Python puts
// it last.
const (
	maxLines  = 200
	headLines = 60
	tailLines = 120
	maxLine   = 2000 // bytes of one line
)

// showFinished prints what stays of an action: its output if it failed or said
// something, and, where there is no live part to tell it, that it is done.
func (d *Display) showFinished(e event.ActionFinished) {
	name := task{started: event.ActionStarted{Owner: e.Owner, Mnemonic: e.Mnemonic, Progress: e.Progress}}.describe()
	switch {
	case cancelled(e):
	case failed(e):
		d.print("%s %s %s: %s", d.style.red("FAILED"), e.Owner.Short(), e.Mnemonic, reason(e))
		if e.Progress != "" {
			d.print("  while %s", clean(e.Progress))
		}
		if d.opts.VerboseFailures {
			d.print("  command: %s", command(e.Arguments))
			d.print("  key: %s", e.Key)
		}
		d.showOutput(e)
	case len(e.Stdout)+len(e.Stderr) > 0:
		d.print("%s said, %s:", clean(e.Mnemonic), name)
		d.showOutput(e)
	case d.opts.Live || e.Cached:
	default:
		d.print("%s %s (%s)", d.state.counter(), name, Duration(e.Duration))
	}
}

// command returns arguments in the form in which a shell takes them.
func command(arguments []string) string {
	quoted := make([]string, len(arguments))
	for i, a := range arguments {
		if a == "" || strings.Trim(a, shellSafe) != "" {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		quoted[i] = clean(a)
	}
	return strings.Join(quoted, " ")
}

// shellSafe are the characters that mean nothing to a shell.
const shellSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%^"

// reason says in a few words why an action counts as failed.
func reason(e event.ActionFinished) string {
	if e.Err != nil {
		return indent(clean(e.Err.Error()))
	}
	return fmt.Sprintf("exit code %d", e.ExitCode)
}

// showOutput prints what an action wrote, standard output first, indented, and
// bounded; what is left out is in a file that it names.
func (d *Display) showOutput(e event.ActionFinished) {
	text := strings.TrimRight(clean(string(e.Stdout)), "\n")
	if errText := strings.TrimRight(clean(string(e.Stderr)), "\n"); errText != "" {
		if text != "" {
			text += "\n"
		}
		text += errText
	}
	if text == "" {
		return
	}
	lines := strings.Split(text, "\n")
	cut := false
	for i, line := range lines {
		if len(line) > maxLine {
			lines[i], cut = strings.ToValidUTF8(line[:maxLine], "")+" …", true
		}
	}
	omitted := 0
	if len(lines) > maxLines {
		omitted = len(lines) - headLines - tailLines
	}
	for i, line := range lines {
		switch {
		case omitted > 0 && i == headLines:
			d.print("  … %d lines left out …", omitted)
		case omitted > 0 && i > headLines && i < headLines+omitted:
		default:
			d.print("  %s", line)
		}
	}
	if (omitted == 0 && !cut) || d.opts.SaveLog == nil {
		return
	}
	if file, err := d.opts.SaveLog(e); err != nil {
		d.print("  (the whole output could not be kept: %v)", err)
	} else {
		d.print("  (the whole output is in %s)", file)
	}
}

func (d *Display) showTest(e event.TestFinished) {
	verdict := d.style.green("PASSED")
	if !e.Passed {
		verdict = d.style.red("FAILED")
	}
	took := "in " + Duration(e.Duration)
	if e.Cached {
		took = "(cached)"
	}
	d.print("%s %s %s: %s", verdict, e.Label, took, clean(e.Summary))
	if !e.Passed && e.Log != "" {
		d.print("  log: %s", clean(e.Log))
	}
}

func (d *Display) showWarning(e event.Warning) {
	where := ""
	if e.Label.Name != "" {
		where = e.Label.Short() + ": "
	}
	d.print("%s %s%s", d.style.yellow("warning:"), where, indent(clean(e.Message)))
}

// indent indents all lines but the first by the same amount, whether or not
// they begin with a tab already.
func indent(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n\t", "\n"), "\n", "\n  ")
}
