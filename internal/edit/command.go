package edit

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/bazelbuild/buildtools/build"
	buildozer "github.com/bazelbuild/buildtools/edit"
	"github.com/bmatcuk/doublestar/v4"

	"github.com/cowasm/cowasm/internal/diag"
)

// A Command is one of buildozer's, as in "add deps //packages/six".
type Command struct {
	name string
	args []string
	info buildozer.CommandInfo
}

// printCommand is our own: buildozer's writes to where only buildozer can read.
const printCommand = "print"

// commands returns those that can be used, by name.
func commands() map[string]buildozer.CommandInfo {
	all := maps.Clone(buildozer.AllCommands)
	// MODULE.bazel files have no place here, and comments are read in the file.
	for _, name := range []string{"use_repo_add", "use_repo_remove", "print_comment"} {
		delete(all, name)
	}
	return all
}

// CommandNames returns the names of all commands, sorted.
func CommandNames() []string { return slices.Sorted(maps.Keys(commands())) }

// ParseCommand parses a command.
func ParseCommand(text string) (Command, error) {
	words := buildozer.SplitOnSpaces(text)
	if len(words) == 0 {
		return Command{}, diag.Errorf(diag.Position{}, "the command is empty").WithHint("as in 'set import_name yaml'")
	}
	c := Command{name: words[0], args: words[1:]}
	all := commands()
	var ok bool
	if c.info, ok = all[c.name]; !ok {
		err := diag.Errorf(diag.Position{}, "there is no command %q", c.name)
		if near := diag.Nearest(c.name, CommandNames()); near != "" {
			return Command{}, err.WithHint("did you mean %s?", near)
		}
		return Command{}, err.WithHint("the commands are %s", strings.Join(CommandNames(), ", "))
	}
	if n := len(c.args); n < c.info.MinArg || c.info.MaxArg >= 0 && n > c.info.MaxArg {
		return Command{}, diag.Errorf(diag.Position{}, "%q has the wrong number of arguments", text).
			WithHint("%s", strings.TrimSpace(c.name+" "+c.info.Template))
	}
	return c, nil
}

// A Target is a pattern of what commands are applied to: a glob of packages,
// and in them one target, a glob of targets, all of a kind as in "%bundle_test",
// or the file itself, "__pkg__".
type Target struct {
	text string
	pkg  string // a glob
	name string // a glob, or one of the special forms
}

// filePart is the name that stands for the BUILD file itself.
const filePart = "__pkg__"

// ParseTarget parses a pattern; a relative one is taken to be in package pkg.
func ParseTarget(text, pkg string) (Target, error) {
	t := Target{text: text}
	dir, name, named := strings.Cut(text, ":")
	rest, absolute := strings.CutPrefix(dir, "//")
	if !absolute {
		rest = path.Join(pkg, dir)
	}
	t.pkg = path.Clean("/" + strings.ReplaceAll("/"+rest+"/", "/.../", "/**/"))[1:]
	switch {
	case named && name == "all":
		t.name = "*"
	case named:
		t.name = name
	case !absolute && !strings.Contains(dir, "/"): // a target of this package
		t.pkg, t.name = pkg, dir
	case strings.HasSuffix(t.pkg, "**"):
		t.name = "*"
	default:
		t.name = path.Base(t.pkg)
	}
	if t.name == "" || !doublestar.ValidatePattern(t.pkg) || !doublestar.ValidatePattern(t.name) {
		return Target{}, diag.Errorf(diag.Position{}, "%q is not a pattern of targets", text).
			WithHint("as in //packages/six, //packages/*:upstream_test or //packages/...:%%bundle_test")
	}
	return t, nil
}

// matchesPackage reports whether the target may be in package pkg.
func (t Target) matchesPackage(pkg string) bool { return doublestar.MatchUnvalidated(t.pkg, pkg) }

// exact reports whether only one target can be meant.
func (t Target) exact() bool { return !strings.ContainsAny(t.pkg+t.name, "*?[{%") }

// rules returns the calls in a file that the target means.
func (t Target) rules(f *build.File) []*build.Rule {
	if t.name == filePart {
		return []*build.Rule{{Call: nil}}
	}
	if kind, ok := strings.CutPrefix(t.name, "%"); ok {
		if line, err := strconv.Atoi(kind); err == nil {
			if rule := f.RuleAt(line); rule != nil {
				return []*build.Rule{rule}
			}
			return nil
		}
		return f.Rules(kind)
	}
	var rules []*build.Rule
	for _, rule := range f.Rules("") {
		if name := rule.Name(); name != "" && (name == t.name || doublestar.MatchUnvalidated(t.name, name)) {
			rules = append(rules, rule)
		}
	}
	return rules
}

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

// arguments returns the arguments for the command, which may change them.
// Buildozer knows the types of the attributes of Bazel's rules; the value of
// another is taken to be a string, or a list of strings if there are several or
// it was a list before, unless it is a literal or a variable of the file.
func (c Command) arguments(f *build.File, rule *build.Rule) []string {
	args := slices.Clone(c.args)
	if c.name != "set" && c.name != "set_if_absent" {
		return args
	}
	attr, values := args[0], args[1:]
	if attr == "kind" || buildozer.IsList(attr) || buildozer.IsString(attr) || buildozer.IsIntList(attr) {
		return args
	}
	_, wasList := rule.Attr(attr).(*build.ListExpr)
	if len(values) == 1 && !isWord(values[0], f) {
		return args
	}
	if len(values) == 1 && !wasList {
		return []string{attr, strconv.Quote(values[0])}
	}
	var list []build.Expr
	for _, v := range values {
		list = append(list, &build.StringExpr{Value: v})
	}
	return []string{attr, build.FormatString(&build.ListExpr{List: list})}
}

// isWord reports whether a value is a string without its quotes.
func isWord(value string, f *build.File) bool {
	if value == "True" || value == "False" || value == "None" || value == "" || strings.ContainsAny(value[:1], `"'[{(`) {
		return false
	}
	if strings.Contains(value, "(") {
		return false // a call, such as glob
	}
	if _, err := strconv.ParseInt(value, 0, 64); err == nil {
		return false
	}
	return !slices.ContainsFunc(f.Stmt, func(e build.Expr) bool {
		as, ok := e.(*build.AssignExpr)
		if !ok {
			return false
		}
		name, ok := as.LHS.(*build.Ident)
		return ok && name.Name == value
	})
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
