package lang

import (
	"strings"
	"testing"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/starlark/internal/chunktest"
)

// exec runs a file as if it were a module of package pkg, with an assertion
// function eq.
func exec(file, src string) error {
	predeclared := Common()
	for name, v := range ModuleGlobals() {
		predeclared[name] = v
	}
	predeclared["eq"] = starlark.NewBuiltin("eq", func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var got, want starlark.Value
		if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 2, &got, &want); err != nil {
			return nil, err
		}
		if ok, err := starlark.Equal(got, want); err != nil || !ok {
			return nil, diag.Errorf(diag.Position{}, "got %s, want %s", got, want)
		}
		return starlark.None, nil
	})
	f, err := Parse(file, []byte(src))
	if err != nil {
		return err
	}
	p, err := Compile(f, predeclared)
	if err != nil {
		return err
	}
	r := &Runner{Name: file, Scope: &Scope{FilePackage: func(string) string { return "pkg" }}}
	_, err = r.Exec(p, predeclared)
	return err
}

func TestLanguage(t *testing.T) {
	for _, c := range chunktest.Read(t, "testdata/*.star", "f.bzl") {
		t.Run(c.Name, func(t *testing.T) {
			c.Check(t, exec("f.bzl", c.Files["f.bzl"]))
		})
	}
}

// A source that would exhaust the stack of the parser or the compiler is
// refused before.
func TestSourceLimits(t *testing.T) {
	repeat := strings.Repeat
	tests := []struct{ name, src, want string }{
		{"brackets", "x = " + repeat("[", 100_000), "nested more than"},
		{"calls", "x = f" + repeat("()", 100_000), "more than 5000 operators"},
		{"unary", "x = " + repeat("-", 500_000) + "1", "more than 5000 operators"},
		{"not", "x = " + repeat("not ", 100_000) + "1", "more than 5000 operators"},
		{"sum", "x = 1" + repeat("+1", 200_000), "more than 5000 operators"},
		{"sum over lines", "x = 1" + repeat("+\\\n1", 200_000), "more than 5000 operators"},
		{"lambda", "x = " + repeat("lambda:", 100_000) + "1", "more than 5000 operators"},
		{"conditional", "x = " + repeat("1 if 1 else ", 50_000) + "1", "more than 5000 operators"},
		{"dots", "x = a" + repeat(".a", 100_000), "more than 5000 operators"},
		{"indentation", "def f():\n" + repeat(" ", 101) + "pass", "indented"},
		{"NUL", "x = 1\ny = \x00", "not text"},
		{"size", repeat("#", MaxSource+1), "the limit is"},
		{"elif", "def f(x):\n if x: pass\n" + repeat(" elif x: pass\n", 70_000), "more than 1000 elif"},
		{"statements", repeat("x()\n", 1000) + "y = 1", "undefined: x"},
		{"long list", "x = [" + repeat("1,\n", 300_000) + "]", ""},
		{"strings hide brackets", "x = [" + repeat("'[', '''(\n''',", 1000) + "] # [[[", ""},
		{"unfinished string", "x = \"abc", "unexpected EOF|string literal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := exec("f.bzl", test.src)
			switch {
			case err == nil && test.want != "":
				t.Errorf("no error, want one with %q", test.want)
			case err != nil && test.want == "":
				t.Errorf("unexpected error: %.500s", err)
			case err != nil:
				for want := range strings.SplitSeq(test.want, "|") {
					if strings.Contains(err.Error(), want) {
						return
					}
				}
				t.Errorf("error %.500s, want one with %q", err, test.want)
			}
		})
	}
}

// What many steps allocate is bounded, even while each stays within its limit.
func TestHeapLimit(t *testing.T) {
	err := exec("f.bzl", "def f():\n  l = []\n  for _ in range(100000):\n    l.append('x' * 4000000)\nf()")
	if err == nil || !strings.HasPrefix(err.Error(), "f.bzl:4:") || !strings.Contains(err.Error(), "MiB of memory") {
		t.Errorf("got %.300v, want an error about memory", err)
	}
}

// What one step allocates is bounded, whatever way it is asked for.
func TestAllocationLimits(t *testing.T) {
	big := "s = 'x' * 4000000\nl = [0] * 1000000\n"
	tests := []struct{ name, src string }{
		{"string repetition", "x = 'a' * 10000000000"},
		{"string repetition within the interpreter's limit", "x = 'a' * 1000000000"},
		{"list repetition", "x = [0] * 10000000000"},
		{"tuple repetition", "x = 100000000 * (0,)"},
		{"bytes", "x = b'abc' * 100000000"},
		{"list of range", "x = list(range(1000000000000))"},
		{"max of range", "x = max(range(1000000000000))"},
		{"splat of range", "x = struct(*range(1000000000000))"},
		{"concatenation", "def f():\n  s = 'ab'\n  for _ in range(60):\n    s = s + s\nf()"},
		{"augmented", "def f():\n  s = 'ab'\n  for _ in range(60):\n    s += s\nf()"},
		{"list augmented", "def f():\n  s = [1]\n  for _ in range(60):\n    s += s\nf()"},
		{"extend", "def f():\n  s = [1]\n  for _ in range(60):\n    s.extend(s)\nf()"},
		{"extend by getattr", "def f():\n  s = [1]\n  for _ in range(60):\n    getattr(s, 'extend')(s)\nf()"},
		{"square", "def f():\n  n = 3\n  for _ in range(60):\n    n *= n\nf()"},
		{"percent", big + "x = '%s%s' % (s, s)"},
		{"percent with a dict", big + "x = ('%(a)s' * 100) % {'a': s}"},
		{"format", big + "x = '{0}{0}{0}'.format(s)"},
		{"join", big + "x = s.join(['', '', ''])"},
		{"join of long ones", big + "x = ''.join([s] * 1000)"},
		{"replace", big + "x = s.replace('x', 'yy')"},
		{"zip", big + "x = zip(*([l] * 1000))"},
		{"zip of a shorter one", big + "x = zip(*([l] * 1000 + [[1]]))"},
		{"nested JSON", "x = json.decode('[' * 4000000)"},
		{"JSON that hides its nesting", "x = json.decode('[\"]\",' * 500000)"},
		{"nested JSON by name", "x = json.decode(x = '[' * 4000000)"},
		{"separator", big + "print(sep = s, *l)"},
		{"text of shared lists", "def f():\n  l = [1]\n  for _ in range(60):\n    l = [l, l]\n  str(l)\nf()"},
		{"json of shared lists", "def f():\n  l = [1]\n  for _ in range(60):\n    l = [l, l]\n  json.encode(l)\nf()"},
		{"fail with shared lists", "def f():\n  l = [1]\n  for _ in range(60):\n    l = struct(a = l, b = l)\n  fail(l)\nf()"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := exec("f.bzl", test.src)
			if err == nil {
				t.Fatal("no error")
			}
			msg := err.Error()
			if !strings.Contains(msg, "would ") && !strings.Contains(msg, "more than the limit") && !strings.Contains(msg, "too large") {
				t.Errorf("error %.300s does not tell the limit", msg)
			}
			if !strings.HasPrefix(msg, "f.bzl:") {
				t.Errorf("error %.300s has no position", msg)
			}
		})
	}
}
