package loading

import (
	"testing"
	"testing/fstest"

	"github.com/cowasm/cowasm/internal/label"
)

// Whatever a BUILD file holds, loading it ends, without a panic.
func FuzzBuildFile(f *testing.F) {
	for _, seed := range []string{
		"load('//rules:lib.bzl', 'lib')\nlib(name = 'x', srcs = glob(['*.c']) + select({':y': ['a'], '//conditions:default': []}))",
		"config_setting(name = 'y', values = {'mode': 'opt'})\nalias(name = 'a', actual = ':y')",
		"package(default_visibility = ['//visibility:public'])\nexports_files(['a.c'])\nfilegroup(name = 'x', srcs = ['a.c'], tags = ['manual'])",
		"x = ['a' * 3 % (1,) + 'b'.join(['c'])]\nprint(json.encode({'a': depset(x).to_list()}))",
		"load(':a.bzl', 'f')\nf(*range(10), **{'x': lambda y = 1: [z for z in y if z]})",
		"a, (b, c) = 1, [2, 3]\n\"\"\"\n'''\\\n\"\"\"\nb[1:2].d -= not -~1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		fsys := fstest.MapFS{"p/BUILD": {Data: src}, "p/a.bzl": {Data: src}, "p/a.c": {}}
		for name, text := range base {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		ws, err := Open(fsys, Options{})
		if err != nil {
			t.Fatal(err)
		}
		labels, err := ws.Expand([]label.Pattern{{Label: label.Label{Package: "p"}}})
		if err != nil {
			return
		}
		cfg, err := ws.Configure(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range labels {
			target, err := ws.Target(l)
			if err != nil {
				t.Fatalf("%s was found and cannot be loaded: %v", l, err)
			}
			// A dependency that is wrong is an error, which is fine here.
			_, _ = cfg.Deps(target)
		}
	})
}
