package ruledoc

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/loading"
)

const input = `"""Libraries."""

load(":other.bzl", "helper")

borrowed = helper

ThingInfo = provider(
    doc = "What a thing is.",
    fields = {"size": "In bytes | about."},
)

def _impl(ctx):
    """Not for others."""
    return []

def make(name, *, size = 3, **kwargs):
    """Makes a thing
    of some size.

    Args:
        name: What it is called,
            by everyone.
        size: In bytes.
        **kwargs: The rest.

    Returns:
        Nothing.
    """

def undocumented():
    pass

def _twice(x):
    """Doubles."""

numbers = struct(twice = _twice, undocumented = undocumented, two = 2)

thing = rule(
    implementation = _impl,
    doc = """A thing.

    It has a kind.
    """,
    attrs = {
        "deps": attr.label_list(doc = "Others."),
        "kind": attr.string(mandatory = True, values = ["a", "b"], doc = """Which
one."""),
        "_tool": attr.label(),
    },
    test = True,
)
`

const want = preamble + `
## lib/thing.bzl

Libraries.

- [` + "`borrowed`" + `](#borrowed), of lib/other.bzl

### thing

A test rule: ` + "`cowasm test`" + ` runs its targets.

A thing.

It has a kind.

| attribute | type | default | meaning |
|---|---|---|---|
| ` + "`kind`" + ` | string | mandatory | Which one. One of ` + "`\"a\"`, `\"b\"`" + `. |
| ` + "`deps`" + ` | label_list | ` + "`[]`" + ` | Others. |

### make

` + "```python" + `
make(name, *, size = 3, **kwargs)
` + "```" + `

Makes a thing
of some size.

Args:

- ` + "`name`" + `: What it is called,
  by everyone.
- ` + "`size`" + `: In bytes.
- ` + "`**kwargs`" + `: The rest.

Returns:

Nothing.

### numbers.twice

` + "```python" + `
numbers.twice(x)
` + "```" + `

Doubles.

### ThingInfo

A provider. What a thing is.

| field | meaning |
|---|---|
| ` + "`size`" + ` | In bytes \| about. |
`

func TestWrite(t *testing.T) {
	ws, err := loading.Open(fstest.MapFS{
		"WORKSPACE":     &fstest.MapFile{},
		"lib/BUILD":     &fstest.MapFile{},
		"lib/thing.bzl": &fstest.MapFile{Data: []byte(input)},
		"lib/other.bzl": &fstest.MapFile{Data: []byte("def helper():\n    \"\"\"Helps.\"\"\"\n")},
	}, loading.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := ws.Module(label.Label{Package: "lib", Name: "thing.bzl"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(Write([]*loading.Module{m}))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(preamble, string(Write([]*loading.Module{{Path: "empty.bzl", Doc: "Nothing."}}))); diff != "" {
		t.Errorf("an empty module: (-want +got)\n%s", diff)
	}
}
