package ninja_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/ninja"
)

// files returns the files of a test: build.ninja and what follows a line with
// -- sub.ninja --.
func files(text string) fstest.MapFS {
	main, sub, found := strings.Cut(text, "-- sub.ninja --\n")
	tree := fstest.MapFS{"build.ninja": {Data: []byte(main)}}
	if found {
		tree["sub.ninja"] = &fstest.MapFile{Data: []byte(sub)}
	}
	return tree
}

func parse(text string) (*ninja.Graph, error) {
	tree := files(text)
	return ninja.Parse("build.ninja", "/src/build", func(name string) ([]byte, error) { return fs.ReadFile(tree, name) })
}

// commands returns what is run for the targets, one command to a line.
func commands(text string, targets ...string) (string, error) {
	g, err := parse(text)
	if err != nil {
		return "", err
	}
	return list(g, targets...)
}

// list is commands for a graph.
func list(g *ninja.Graph, targets ...string) (string, error) {
	edges, err := g.Needed(targets)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, e := range edges {
		if e.Phony() {
			continue
		}
		c, err := e.Command()
		if err != nil {
			return "", err
		}
		b.WriteString(c.Line + "\n")
	}
	return b.String(), nil
}

// graphs are build files and the commands that they come to.
var graphs = []struct {
	name, text string
	want       string
}{
	{"simple", "rule cc\n  command = cc -c $in -o $out\nbuild a.o: cc a.c\n", "cc -c a.c -o a.o\n"},
	{"nothing", "", ""},
	{"only comments", "# build\n   # indented\n\n  \n", ""},
	{"comments between variables", "rule r\n  # of the rule\n  command = r $x\nbuild a: r\n# of the edge\n  # indented\n  x = 1\n", "r 1\n"},
	{"names that are keywords", "build = 1\n", ""},
	{"carriage returns", "rule r\r\n  command = r $\r\n      $in\r\nbuild a: r b $\r\n  c\r\n", "r b c\n"},
	{"escapes", "x = a$$b$ c$:d\nrule r\n  command = r $x $$ ${x}y $\n    z\nbuild a: r\n", "r a$b c:d $ a$b c:dy z\n"},
	{"spaces are kept in values", "rule r\n  command =   r  $x   |\nbuild a: r\n  x =  1 \n", "r  1    |\n"},
	{"paths are quoted", "rule r\n  command = r $in > $out\nbuild a$ b: r it's x+/.-_ $:c\n", "r 'it'\\''s' x+/.-_ ':c' > 'a b'\n"},
	{"paths are cleaned", "rule r\n  command = r $in $out\nbuild ./a//b/../c: r ../d ./e/ /f//g\n", "r ../d e /f/g a/c\n"},
	{"names with dots take braces", "a.b = 1\na = 2\nrule r\n  command = r ${a.b} $a.b\nbuild x: r\n", "r 1 2.b\n"},
	{"variables of the file are read when they are set", "x = 1\ny = $x\nx = 2\nrule r\n  command = r $x $y\nbuild a: r\n", "r 2 1\n"},
	{"rules are expanded at the end", "x = 1\nrule r\n  command = r $x\nbuild a: r\nx = 2\n", "r 2\n"},
	{"variables of an edge", "x = 1\nrule r\n  command = r $x $in\nbuild a: r b\n  x = $x$x\n  y = $x\n", "r 11 b\n"},
	{"variables of an edge in its paths", "rule r\n  command = r $in $out\nbuild $x: r $x.c\n  x = 1\n", "r 1.c 1\n"},
	{"an edge does not see its own variables", "rule r\n  command = r $y\nbuild a: r\n  x = 1\n  y = [$x]\n", "r []\n"},
	{"rules refer to their own variables", "rule r\n  command = r $description\n  description = d $out\nbuild a: r\n", "r d a\n"},
	{"variables of a rule hide those of the file", "description = file\nrule r\n  command = r $description\n  description = rule\nbuild a: r\n  x = 1\n", "r rule\n"},
	{"but not for edges without any", "description = file\nrule r\n  command = r $description\n  description = rule\nbuild a: r\n", "r file\n"},
	{"in and out have the explicit ones only", "rule r\n  command = r $in $out\nbuild a | b: r c | d || e |@ f\nbuild f: phony\n", "r c a\n"},
	{"in_newline", "rule r\n  command = r $in_newline\nbuild a: r b c\n", "r b\nc\n"},
	{"order", "rule r\n  command = r $out\nbuild all: phony c a\nbuild a: r b\nbuild b: r d\nbuild c: r | a || e\nbuild d: r\nbuild e: r\ndefault all\n", "r d\nr b\nr a\nr e\nr c\n"},
	{"defaults", "rule r\n  command = r $out\nbuild a: r\nbuild b: r\nbuild c: r\nx = c\ndefault a $x\n", "r a\nr c\n"},
	{"everything that nothing needs", "rule r\n  command = r $out\nbuild a: r b\nbuild b: r\nbuild c: r\n", "r b\nr a\nr c\n"},
	{"implicit outputs are made by the edge", "rule r\n  command = r $out\nbuild a | b: r\nbuild c: r b\n", "r a\nr c\n"},
	{"the build file itself is passed over", "rule r\n  command = r $out\nbuild build.ninja: r x.build\nbuild a: r build.ninja\n", "r a\n"},
	{"pools", "pool p\n  depth = 2\nrule r\n  command = r\n  pool = p\nbuild a: r\nbuild b: r\n  pool = console\n", "r\nr\n"},
	{"include", "x = 1\ninclude sub.ninja\nbuild a: r\n-- sub.ninja --\nx = 2\nrule r\n  command = r $x\n", "r 2\n"},
	{"subninja", "x = 1\nrule r\n  command = r $x $out\nsubninja sub.ninja\nbuild a: r\n-- sub.ninja --\nx = 2\nbuild b: r\nrule s\n  command = s $x\nbuild c: s\n",
		"r 2 b\ns 2\nr 1 a\n"},
	{"a rule of a subninja", "rule r\n  command = r $out\nsubninja sub.ninja\nbuild a: r\n-- sub.ninja --\nrule r\n  command = s $out\nbuild b: r\n", "s b\nr a\n"},
	{"required version", "ninja_required_version = 1.8.2\n", ""},
	{"phony that names itself", "rule r\n  command = r $out\nbuild a: phony a b\nbuild b: r\ndefault a\n", "r b\n"},
	{"validations", "rule r\n  command = r $out\nbuild a: r b |@ check\nbuild b: r\nbuild check: r a b |@ late\nbuild late: r\ndefault a\n", "r b\nr a\nr check\nr late\n"},
}

func TestCommands(t *testing.T) {
	for _, test := range graphs {
		t.Run(test.name, func(t *testing.T) {
			got, err := commands(test.text)
			if test.name == "names that are keywords" {
				if err == nil {
					t.Error("a keyword is the name of a variable")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("commands (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTargets(t *testing.T) {
	text := "rule r\n  command = r $out\nbuild a: r b\nbuild b: r\nbuild sub/c: r\ndefault a\n"
	for _, test := range []struct {
		targets []string
		want    string
	}{
		{nil, "r b\nr a\n"},
		{[]string{"b"}, "r b\n"},
		{[]string{"sub/c", "b"}, "r sub/c\nr b\n"},
		{[]string{"./sub/../sub/c"}, "r sub/c\n"},
		{[]string{"/src/build/b"}, "r b\n"},
	} {
		got, err := commands(text, test.targets...)
		if err != nil || got != test.want {
			t.Errorf("%v: got %q, %v; want %q", test.targets, got, err, test.want)
		}
	}
}

// Paths below the folder of the build name the same files in both forms.
func TestAbsolutePaths(t *testing.T) {
	got, err := commands("rule r\n  command = r $in $out\nbuild gen.h | /src/build/gen.h: r\nbuild a: r /src/build/gen.h\ndefault a\n")
	if want := "r  gen.h\nr /src/build/gen.h a\n"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestEdge(t *testing.T) {
	g, err := parse("rule r\n  command = r @$out.rsp\n  description = Making $out\n  depfile = $out.d\n  rspfile = $out.rsp\n  rspfile_content = $in\n" +
		"build it's | i: r a b | c || d |@ v\n")
	if err != nil {
		t.Fatal(err)
	}
	e := g.Edges[0]
	got := fmt.Sprintln(e.Pos, e.Rule, e.Name(), e.Outputs, e.ImplicitOutputs, e.Inputs, e.ImplicitInputs, e.OrderOnly, e.Validations)
	if want := "build.ninja:7:1 r it's [it's] [i] [a b] [c] [d] [v]\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	command, err := e.Command()
	if err != nil {
		t.Fatal(err)
	}
	want := ninja.Command{
		Line: `r @'it'\''s'.rsp`, Description: `Making 'it'\''s'`,
		Depfile: "it's.d", RspFile: "it's.rsp", RspContent: "a b",
	}
	if diff := cmp.Diff(want, command); diff != "" {
		t.Errorf("command (-want +got):\n%s", diff)
	}
}

// broken are build files with a mistake, and the error that tells it.
var broken = []struct{ name, text, want string }{
	{"tab", "rule r\n\tcommand = r\n", "build.ninja:1:6: rule \"r\" has no command\n\thint: indent with spaces; tabs are not allowed"},
	{"unexpected indent", "x = 1\n  y = 2\n", "build.ninja:2:1: expected a statement, got an indented line"},
	{"no newline at the end", "x = 1", "build.ninja:1:6: the file ends within a line\n\thint: end the last line with a newline"},
	{"a zero byte", "x = 1\x00\n", `build.ninja:1:6: a line has the character '\x00'`},
	{"a lone carriage return", "x = 1\r2\n", `build.ninja:1:6: a line has the character '\r'`},
	{"no value", "x\n", "build.ninja:1:2: expected '=', got the end of the line"},
	{"bad escape", "x = a $% b\n", "build.ninja:1:7: a dollar sign that neither escapes anything nor names a variable\n\thint: write $$ for a dollar sign"},
	{"open brace", "x = ${a\n", "build.ninja:1:5: a dollar sign that neither escapes anything nor names a variable\n\thint: write $$ for a dollar sign"},
	{"columns are characters", "é = 1\n", "build.ninja:1:1: expected a statement, got a character that has no place here"},
	{"no rule name", "rule\n", "build.ninja:1:5: expected the name of a rule"},
	{"two rules", "rule r\n  command = r\nrule r\n  command = s\n", `build.ninja:3:6: there are two rules "r"`},
	{"phony is taken", "rule phony\n  command = r\n", `build.ninja:1:6: there are two rules "phony"`},
	{"rule without command", "rule r\n  description = x\n", `build.ninja:1:6: rule "r" has no command`},
	{"variable of a rule", "rule r\n  comand = r\n", "build.ninja:2:3: a rule has no variable \"comand\"\n\thint: did you mean \"command\"?"},
	{"half an rspfile", "rule r\n  command = r\n  rspfile = x\n", "build.ninja:1:6: rule \"r\" has only one of rspfile and rspfile_content\n\thint: give it both"},
	{"unknown rule", "rule compile\n  command = r\nbuild a: compil b\n", "build.ninja:3:10: there is no rule \"compil\"\n\thint: did you mean \"compile\"?"},
	{"no colon", "build a b\n", "build.ninja:1:10: expected ':', got the end of the line\n\thint: outputs and the rule are separated by a colon; one within a path is written $:"},
	{"no output", "build : phony\n", "build.ninja:1:7: expected the path of an output"},
	{"no rule in an edge", "build a:\n", "build.ninja:1:9: expected the name of a rule"},
	{"colon in a path", "rule r\n  command = r\nbuild a: r b:c\n", "build.ninja:3:13: expected the end of the line, got ':'"},
	{"empty path", "rule r\n  command = r\nbuild a: r $x\n", "build.ninja:3:1: a path is empty"},
	{"two makers", "rule r\n  command = r\nbuild a: r\nbuild b ./a: r\n", "build.ninja:4:1: two edges make a\n\thint: the other is at build.ninja:3:1"},
	{"two makers, one absolute", "rule r\n  command = r\nbuild a: r\nbuild /src/build/a: r\n", "build.ninja:4:1: two edges make /src/build/a\n\thint: the other is at build.ninja:3:1"},
	{"unknown pool", "rule r\n  command = r\n  pool = link\npool linking\n  depth = 1\nbuild a: r\n", "build.ninja:6:1: there is no pool \"link\"\n\thint: there are console, linking"},
	{"two pools", "pool p\n  depth = 1\npool p\n  depth = 1\n", `build.ninja:3:6: there are two pools "p"`},
	{"pool without depth", "pool p\n", `build.ninja:1:6: pool "p" has no depth`},
	{"depth", "pool p\n  depth = -1\n", `build.ninja:2:3: "-1" is not a depth`},
	{"variable of a pool", "pool p\n  dept = 1\n", "build.ninja:2:3: a pool has no variable \"dept\"\n\thint: it has depth"},
	{"unknown default", "rule r\n  command = r\nbuild prog: r\ndefault prg\n", "build.ninja:4:9: there is no target \"prg\"\n\thint: did you mean \"prog\"?"},
	{"no default", "default\n", "build.ninja:1:8: expected the path of a target"},
	{"version", "ninja_required_version = 1.99\n", "build.ninja:1:1: the file requires version 1.99 of ninja; up to 1.13 is understood"},
	{"bad version", "ninja_required_version = new\n", `build.ninja:1:1: "new" is not a version of ninja`},
	{"included", "include sub.ninja\n-- sub.ninja --\n\nbad\n", "sub.ninja:2:4: expected '=', got the end of the line"},
	{"nothing to include", "x = 1\nsubninja sub.ninja\n", "build.ninja:2:1: reading sub.ninja: open sub.ninja: file does not exist"},
	{"include without a path", "include\n", "build.ninja:1:1: expected the path of a build file"},
	{"include of itself", "include build.ninja\n", "build.ninja:1:1: build files include each other more than 50 deep"},
	{"circle", "rule r\n  command = r\nbuild a: r b\nbuild b: r | c\nbuild c: r || a\ndefault a\n", "build.ninja:3:1: edges need each other in a circle: a -> b -> c -> a"},
	{"all in a circle", "rule r\n  command = r\nbuild a: r b\nbuild b: r a\n", "build.ninja:3:1: edges need each other in a circle: a -> b -> a"},
	{"an edge that needs itself", "rule r\n  command = r\nbuild a: r a\ndefault a\n", "build.ninja:3:1: edges need each other in a circle: a -> a"},
	{"variables in a circle", "rule r\n  command = r $depfile\n  depfile = $description\n  description = $depfile\nbuild a: r\n",
		"build.ninja:5:1: command of the edge that makes a: the variables of its rule need each other: command -> depfile -> description -> depfile"},
}

func TestErrors(t *testing.T) {
	for _, test := range broken {
		t.Run(test.name, func(t *testing.T) {
			_, err := commands(test.text)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			var d *diag.Error
			if !errors.As(err, &d) || d.Pos.Line == 0 {
				t.Errorf("%v has no position", err)
			}
		})
	}
}

func TestUnknownTarget(t *testing.T) {
	_, err := commands("rule r\n  command = r\nbuild libx.so: r\n", "libx.s")
	want := "build.ninja: there is no target \"libx.s\"\n\thint: did you mean \"libx.so\"?"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Values that grow without bounds are an error before they fill the memory.
func TestHugeValues(t *testing.T) {
	var doubling strings.Builder
	doubling.WriteString("x0 = xxxxxxxx\n")
	for i := range 64 {
		fmt.Fprintf(&doubling, "x%d = $x%d$x%d\n", i+1, i, i)
	}
	ten := func(s string) string { return strings.Repeat(s, 100) }
	nested := "rule r\n  command = " + ten("$description") + "\n  description = " + ten("$depfile") + "\n  depfile = " + ten("$deps") + "\n  deps = " + ten("$restat") + "\nbuild a: r\n"
	including := "include build.ninja\ninclude build.ninja\n"
	for name, text := range map[string]string{"of the file": doubling.String(), "of a rule": nested, "files": including} {
		if _, err := commands(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Chains of any length are followed.
func TestLongChain(t *testing.T) {
	const n = 50_000
	var b strings.Builder
	b.WriteString("rule r\n  command = r\nbuild 0: r\n")
	for i := range n {
		fmt.Fprintf(&b, "build %d: r %d\n", i+1, i)
	}
	g, err := parse(b.String())
	if err != nil {
		t.Fatal(err)
	}
	edges, err := g.Needed([]string{fmt.Sprint(n)})
	if err != nil || len(edges) != n+1 || edges[0].Name() != "0" {
		t.Errorf("got %d edges, %v", len(edges), err)
	}
}

func FuzzParse(f *testing.F) {
	for _, test := range graphs {
		f.Add(test.text)
	}
	for _, test := range broken {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		g, err := parse(text)
		if err != nil {
			return
		}
		edges, err := g.Needed(nil)
		if err != nil {
			return
		}
		seen := map[*ninja.Edge]bool{}
		for _, e := range edges {
			for _, p := range e.Needs() {
				if m := g.Maker(p); m != nil && m != e && !seen[m] {
					t.Errorf("%s comes before %s, which it needs", e.Name(), m.Name())
				}
			}
			seen[e] = true
			if _, err := e.Command(); err != nil && !errors.As(err, new(*diag.Error)) {
				t.Errorf("%v has no position", err)
			}
		}
	})
}
