// Package inspection tells users about actions: what they are, and why they run
// or do not.
package inspection

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/diag"
)

// Formats are the forms in which a List can be written.
var Formats = []string{"text", "json", "summary"}

// A List says how actions are to be written.
type List struct {
	Format    string // one of Formats
	Commands  bool   // with command lines and environments
	Artifacts bool   // with inputs and outputs
}

// Check returns an error if there is no such format.
func (l *List) Check() error {
	if slices.Contains(Formats, l.Format) {
		return nil
	}
	return diag.Errorf(diag.Position{}, "there is no output format %q", l.Format).
		WithHint("the formats are %s", strings.Join(Formats, ", "))
}

// Write writes actions.
func (l *List) Write(w io.Writer, actions []build.Action) error {
	b := bufio.NewWriter(w)
	switch l.Format {
	case "json":
		enc := json.NewEncoder(b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		entries := make([]entry, len(actions))
		for i, a := range actions {
			entries[i] = l.entry(a)
		}
		if err := enc.Encode(entries); err != nil {
			return err
		}
	case "summary":
		writeSummary(b, actions)
	default:
		for _, a := range actions {
			writeEntry(b, l.entry(a))
		}
	}
	return b.Flush()
}

// An entry is an action as a List has it.
type entry struct {
	Progress         string            `json:"progress,omitempty"`
	Mnemonic         string            `json:"mnemonic"`
	Target           string            `json:"target"`
	Executor         string            `json:"executor"`
	Key              string            `json:"key,omitempty"`
	State            string            `json:"state"`
	Inputs           []placed          `json:"inputs,omitempty"`
	Outputs          []string          `json:"outputs,omitempty"`
	WorkingDirectory string            `json:"working_directory,omitempty"`
	Environment      map[string]string `json:"environment,omitempty"`
	Arguments        []string          `json:"arguments,omitempty"`
}

// placed is an artifact where an action sees it.
type placed struct {
	Path     string `json:"path"`
	Artifact string `json:"artifact,omitempty"` // its own path, unless it is the same
}

func (l *List) entry(a build.Action) entry {
	s := a.Step
	e := entry{Progress: s.Progress, Mnemonic: s.Mnemonic, Target: s.Owner.String(), Executor: s.Executor, State: state(a)}
	if !a.Key.IsZero() {
		e.Key = a.Key.String()
	}
	if l.Artifacts {
		for _, in := range s.Inputs {
			p := placed{Path: in.Path}
			if in.Artifact.Path != in.Path {
				p.Artifact = in.Artifact.Path
			}
			e.Inputs = append(e.Inputs, p)
		}
		slices.SortFunc(e.Inputs, func(a, b placed) int {
			return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Artifact, b.Artifact))
		})
		for _, out := range s.Outputs {
			e.Outputs = append(e.Outputs, out.Path)
		}
	}
	if l.Commands {
		e.WorkingDirectory, e.Environment, e.Arguments = s.WorkingDirectory, s.Env, s.Arguments
	}
	return e
}

// state says what is known of an action.
func state(a build.Action) string {
	switch {
	case a.Err != nil:
		return a.Err.Error()
	case a.Result != nil && a.Key.IsZero():
		return "is part of every build"
	case a.Result != nil && a.Result.ByReadSet:
		return "has a result, found by its read set"
	case a.Result != nil:
		return "has a result"
	case !a.Key.IsZero():
		return "to be executed"
	}
	return "waits for inputs that are not made yet"
}

func writeEntry(w io.Writer, e entry) {
	fmt.Fprintf(w, "action '%s'\n", cmp.Or(e.Progress, e.Mnemonic))
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %s: %s\n", name, value)
		}
	}
	field("Mnemonic", e.Mnemonic)
	field("Target", e.Target)
	field("Executor", e.Executor)
	field("ActionKey", e.Key)
	field("State", e.State)
	list := func(name string, values []string) {
		if len(values) > 0 {
			field(name, "["+strings.Join(values, ", ")+"]")
		}
	}
	var inputs []string
	for _, in := range e.Inputs {
		text := in.Path
		if in.Artifact != "" {
			text += " <- " + in.Artifact
		}
		inputs = append(inputs, text)
	}
	list("Inputs", inputs)
	list("Outputs", e.Outputs)
	var env []string
	for _, name := range slices.Sorted(maps.Keys(e.Environment)) {
		env = append(env, name+"="+e.Environment[name])
	}
	list("Environment", env)
	field("Working Directory", e.WorkingDirectory)
	if len(e.Arguments) > 0 {
		fmt.Fprintf(w, "  Command Line: (exec %s)\n", strings.Join(quoted(e.Arguments), " \\\n    "))
	}
	fmt.Fprintln(w)
}

// quoted returns arguments as a shell takes them.
func quoted(args []string) []string {
	list := make([]string, len(args))
	for i, arg := range args {
		plain := arg != "" && !strings.ContainsFunc(arg, func(r rune) bool {
			return !strings.ContainsRune("%+,-./:=@_", r) && (r > 'z' || r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a')
		})
		if list[i] = arg; !plain {
			list[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
	}
	return list
}

// writeSummary writes how many actions there are of each kind and state.
func writeSummary(w io.Writer, actions []build.Action) {
	mnemonics, states := map[string]int{}, map[string]int{}
	for _, a := range actions {
		mnemonics[a.Step.Mnemonic]++
		states[state(a)]++
	}
	fmt.Fprintf(w, "%d total actions.\n", len(actions))
	for _, counted := range []struct {
		title  string
		counts map[string]int
	}{{"Mnemonics", mnemonics}, {"States", states}} {
		fmt.Fprintf(w, "\n%s:\n", counted.title)
		names := slices.SortedFunc(maps.Keys(counted.counts), func(a, b string) int {
			return cmp.Or(counted.counts[b]-counted.counts[a], strings.Compare(a, b))
		})
		for _, name := range names {
			fmt.Fprintf(w, "  %s: %d\n", name, counted.counts[name])
		}
	}
}

// Paths returns where an action sees its inputs, and its outputs.
func Paths(s *action.Step) (inputs, outputs []string) {
	for _, in := range s.Inputs {
		inputs = append(inputs, in.Path)
	}
	for _, out := range s.Outputs {
		outputs = append(outputs, out.Path)
	}
	return inputs, outputs
}
