package edit

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bazelbuild/buildtools/build"
	buildozer "github.com/bazelbuild/buildtools/edit"

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
