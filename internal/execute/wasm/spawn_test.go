package wasm_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSpawn runs a guest that runs others.
func TestSpawn(t *testing.T) {
	b := newBed(t)
	for _, test := range []struct{ probe, want string }{
		{"run bin/probe args pids", "args: bin/probe|args|pids\npids: 43 of 42\nrun: 43 ended with 0\n"},
		{"run bin/probe run,bin/probe,pids", "pids: 44 of 43\nrun: 44 ended with 0\nrun: 43 ended with 0\n"},
		{"run bin/probe exit,7", "run: 43 ended with 700\n"},
		{"run bin/none", "run: errno 44\n"},
		{"run bin", "run: errno 2\n"},
		{"run in/text", "run: errno 45\n"},
		{"run bin/probe cwd", "cwd: /\nrun: 43 ended with 0\n"},
	} {
		t.Run(test.probe, func(t *testing.T) {
			r := b.run(t, b.probeAction(t, map[string]string{"in/text": "text"}, test.probe))
			if diff := cmp.Diff(test.want, string(r.Stdout)); diff != "" {
				t.Errorf("%s (-want +got):\n%s%s", test.probe, diff, r.Stderr)
			}
		})
	}
}
