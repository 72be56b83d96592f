package skeleton

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bazelbuild/buildtools/build"

	"github.com/cowasm/cowasm/internal/diag"
)

// BUILD returns the content of the package's BUILD file.
func (k *Skeleton) BUILD() ([]byte, error) {
	w := &writer{}
	w.line(`"""%s"""`, k.docstring())
	rule := "pure_python_bundle"
	if k.Native != nil {
		rule = "c_extension_bundle"
	}
	loads := quote(rule)
	if k.Tests != nil {
		loads = `"bundle_test", ` + loads
	}
	w.line(`load("//rules:python.bzl", %s)`, loads)
	w.line(`load("//rules:source.bzl", "source_archive")`)

	w.line("source_archive(")
	w.attr("name", "src")
	if k.Licence != "" {
		w.attr("licence", k.Licence)
	}
	w.attr("purl", k.Release.PURL())
	w.attr("sha256", k.Release.Sdist.SHA256)
	w.line(")")

	w.line("%s(", rule)
	w.attr("name", k.Release.Project)
	w.attr("src", ":src")
	if k.Native != nil {
		w.list("build_deps", k.Native.Deps)
		w.attr("build_system", k.Native.System)
	}
	if k.ImportName != strings.ReplaceAll(k.Release.Project, "-", "_") {
		w.attr("import_name", k.ImportName)
	}
	w.list("modules", k.Modules)
	w.list("deps", k.Deps)
	w.line(")")

	if t := k.Tests; t != nil {
		w.line("bundle_test(")
		w.attr("name", "upstream_test")
		if t.InWheel {
			w.attr("src", ":"+k.Release.Project+".wheel")
		} else {
			w.attr("src", ":src")
		}
		w.attr("bundle", ":"+k.Release.Project)
		w.list("paths", t.Paths)
		w.list("python_files", t.Names)
		if shards := min(8, (t.Files+filesPerShard-1)/filesPerShard); shards > 1 {
			w.line("shards = %d,", shards)
		}
		w.list("deps", t.Deps)
		w.line(")")
	}
	file, err := build.ParseBuild("BUILD", []byte(w.text.String()))
	if err != nil {
		return nil, fmt.Errorf("the BUILD file for %s: %w", k.Release.Project, err)
	}
	return build.Format(file), nil
}

// A writer writes Starlark, to be formatted afterwards.
type writer struct{ text strings.Builder }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.text, format+"\n", args...) }

func (w *writer) attr(name, value string) { w.line("%s = %s,", name, quote(value)) }

// list writes a list, unless it is empty.
func (w *writer) list(name string, values []string) {
	if len(values) == 0 {
		return
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	if len(values) == 1 {
		w.line("%s = [%s],", name, quoted[0])
		return
	}
	w.line("%s = [\n%s,\n],", name, strings.Join(quoted, ",\n"))
}

// quote returns a literal for a string. Go's escapes of control characters are
// no Starlark, but nothing in an sdist's names may have any.
func quote(s string) string { return strconv.Quote(s) }

// Advice returns what the author should know, one thing a line.
func (k *Skeleton) Advice() []string {
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if k.Optional != nil {
		say("it has native code, which the bundle will not have: %s", diag.Some(k.Optional))
		say("it is released without it too; for a bundle with it: rm %s/BUILD && cowasm new --native %s", k.Package(), k.Release.Project)
	}
	if n := k.Native; n != nil {
		say("it has native code, which its own build system makes: build_system = %q", n.System)
		if n.Fortran != nil {
			say("it has Fortran, for which there is no compiler: %s", diag.Some(n.Fortran))
		}
		if n.Missing != nil {
			say("to be built it needs what is not here yet: cowasm new %s", strings.Join(n.Missing, " "))
		}
	}
	if k.Guessed {
		say("it is not evident what is imported: %s was chosen, see import_name and modules", k.ImportName)
	}
	if k.Licence == "" {
		say("its licence is not told in a form that is certain: add licence = \"...\" to the source_archive")
	}
	if len(k.Missing) > 0 {
		say("it needs what is not here yet: cowasm new %s", strings.Join(k.Missing, " "))
	}
	t := k.Tests
	if t == nil {
		say("the sdist has no tests")
		return lines
	}
	if len(t.Missing) > 0 {
		say("its tests import %s: cowasm new %s, then", strings.Join(t.Missing, ", "), strings.Join(t.Missing, " "))
		say("  cowasm edit 'add deps //%s/%s' //%s:upstream_test", Folder, strings.Join(t.Missing, " //"+Folder+"/"), k.Package())
	}
	if len(t.Unknown) > 0 {
		say("its tests import %s, which no package here has and the sdist does not declare", strings.Join(t.Unknown, ", "))
	}
	return lines
}
