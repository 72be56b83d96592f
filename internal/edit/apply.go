package edit

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bazelbuild/buildtools/build"
	buildozer "github.com/bazelbuild/buildtools/edit"

	"github.com/cowasm/cowasm/internal/diag"
)

// Apply applies commands to targets in the BUILD files of packages, and returns
// the packages whose files it changed. If anything goes wrong nothing is
// written. What print prints goes to out.
func Apply(root string, packages []string, commands []Command, targets []Target, out io.Writer) ([]string, error) {
	e := &editor{commands: commands, out: &bytes.Buffer{}, hits: map[string]bool{}}
	var changes []change
	var mistakes diag.List
	for _, pkg := range packages {
		if !slices.ContainsFunc(targets, func(t Target) bool { return t.matchesPackage(pkg) }) {
			continue
		}
		f, err := Read(root, pkg)
		if err == nil {
			err = e.file(f, targets)
		}
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		if e.changed {
			if content := build.Format(f.Tree); !bytes.Equal(content, f.read) {
				changes = append(changes, change{f, content})
			}
		}
	}
	for _, t := range targets {
		if !e.hits[t.text] && mistakes == nil {
			mistakes = append(mistakes, e.nothing(t))
		}
	}
	if mistakes != nil {
		return nil, mistakes.Err()
	}
	if err := write(changes); err != nil {
		return nil, err
	}
	var changed []string
	for _, c := range changes {
		changed = append(changed, c.file.Package)
	}
	_, err := out.Write(e.out.Bytes())
	return changed, err
}

// An editor is one run of Apply.
type editor struct {
	commands []Command
	out      *bytes.Buffer
	hits     map[string]bool // texts of targets that were found
	names    []string        // labels of targets that are there, for hints
	changed  bool            // the file at hand
}

// file applies the commands to one file.
func (e *editor) file(f *File, targets []Target) error {
	e.changed = false
	for _, rule := range f.Tree.Rules("") {
		if rule.Name() != "" {
			e.names = append(e.names, "//"+f.Package+":"+rule.Name())
		}
	}
	for _, t := range targets {
		if !t.matchesPackage(f.Package) {
			continue
		}
		rules := t.rules(f.Tree)
		for _, c := range e.commands {
			if !c.info.PerRule {
				// New rules may go into a file that has none yet.
				e.hits[t.text] = true
				if err := e.apply(f, c, nil, t); err != nil {
					return err
				}
				continue
			}
			for _, rule := range rules {
				e.hits[t.text] = true
				if rule.Call == nil {
					rule = buildozer.PackageDeclaration(f.Tree)
				}
				if err := e.apply(f, c, rule, t); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (e *editor) apply(f *File, c Command, rule *build.Rule, t Target) error {
	if c.name == printCommand {
		e.print(f, rule, c.args)
		return nil
	}
	var complaints bytes.Buffer
	options := buildozer.NewOpts()
	options.OutWriter, options.ErrWriter = e.out, &complaints
	tree, err := c.info.Fn(options, buildozer.CmdEnvironment{
		File: f.Tree,
		Rule: rule,
		Vars: map[string]*build.AssignExpr{},
		Pkg:  f.Package,
		Args: c.arguments(f.Tree, rule),
	})
	if err == nil && complaints.Len() > 0 {
		err = fmt.Errorf("%s", strings.TrimSpace(complaints.String()))
	}
	if err != nil {
		pos := diag.Position{File: f.shown}
		if rule != nil {
			pos = f.Position(rule.Call)
		}
		return diag.Errorf(pos, "%s %s: %w", c.name, strings.Join(c.args, " "), err)
	}
	if tree != nil {
		f.Tree, e.changed = tree, true
	}
	return nil
}

// print prints attributes of a rule on one line, as buildozer does.
func (e *editor) print(f *File, rule *build.Rule, attrs []string) {
	if len(attrs) == 0 {
		attrs = []string{"name", "kind"}
	}
	words := make([]string, len(attrs))
	for i, attr := range attrs {
		switch value := rule.Attr(attr); {
		case attr == "kind":
			words[i] = rule.Kind()
		case attr == "label":
			words[i] = "//" + f.Package + ":" + rule.Name()
		case attr == "rule":
			words[i] = build.FormatString(rule.Call)
		case value == nil:
			words[i] = "(missing)"
		default:
			words[i] = strings.Join(strings.Fields(build.FormatString(value)), " ")
			if s, ok := value.(*build.StringExpr); ok && !strings.ContainsAny(s.Value, " \n") {
				words[i] = s.Value
			}
		}
	}
	fmt.Fprintln(e.out, strings.Join(words, " "))
}

// nothing says that no target is meant by t.
func (e *editor) nothing(t Target) error {
	err := diag.Errorf(diag.Position{}, "no target matches %s", t.text)
	if t.exact() {
		if near := diag.Nearest("//"+t.pkg+":"+t.name, e.names); near != "" {
			return err.WithHint("did you mean %s?", near)
		}
	}
	return err
}
