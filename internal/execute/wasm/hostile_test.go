package wasm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// TestHostile runs a guest that tries what it must not be able to do.
func TestHostile(t *testing.T) {
	inputs := map[string]string{
		"in/file":     "text",
		"in/sub/file": "more",
		"in/link":     "->file",
		"in/up":       "->../../../../../in/file",
		"in/absolute": "->/in/sub",
		"in/dangling": "->nowhere",
		"in/etc":      "->/etc/passwd",
		"in/loop":     "->loop",
		"in/a":        "->b",
		"in/b":        "->a",
	}
	long := strings.Repeat("n", 256)
	deep := strings.Repeat("d/", 2100)
	fails := func(e errno.Errno) string { return fmt.Sprintf("errno %d", e) }
	b := newBed(t)
	for _, test := range []struct{ probe, want string }{
		// Nothing of the host is there.
		{"read /etc/passwd", fails(errno.ENOENT)},
		{"read ../../../../etc/passwd", fails(errno.ENOENT)},
		{"rawopen ../../../../etc/passwd", fails(errno.ENOENT)},
		{"rawopen /etc/passwd", fails(errno.ENOENT)},
		{"read /proc/self/environ", fails(errno.ENOENT)},
		{"read /dev/urandom", fails(errno.ENOENT)},
		{"read in/etc", fails(errno.ENOENT)},
		{"ls /", "bin dev in out tmp"},
		{"ls ..", "bin dev in out tmp"},
		{"rawopen ../../in/file", "opened"},

		// Links stay inside.
		{"read in/link", "text"},
		{"read in/up", "text"},
		{"read in/absolute/file", "more"},
		{"read in/dangling", fails(errno.ENOENT)},
		{"read in/loop", fails(errno.ELOOP)},
		{"read in/a", fails(errno.ELOOP)},
		{"read in/link/file", fails(errno.ENOTDIR)},
		{"stat in/link", "L--------- 4 1980-01-01"},
		{"write in/dangling x", ""}, // makes in/nowhere

		// Inputs cannot be changed.
		{"append in/file x", fails(errno.EROFS)},
		{"update in/file x", fails(errno.EROFS)},
		{"write in/file x", fails(errno.EROFS)},
		{"write in/link x", fails(errno.EROFS)},
		{"creat in/file x", fails(errno.EEXIST)},
		{"trunc in/file", fails(errno.EROFS)},
		{"rm in/file", fails(errno.EROFS)},
		{"rm in/link", fails(errno.EROFS)},
		{"rmdir in/sub", fails(errno.EROFS)},
		{"mv in/file in/other", fails(errno.EROFS)},
		{"mv in/sub in/other", fails(errno.EROFS)},
		{"touch in/file", fails(errno.EROFS)},
		{"rmdir tmp", fails(errno.EROFS)},
		{"rm bin/probe", fails(errno.EROFS)},
		{"rm dev/null", fails(errno.EROFS)},

		// Mistakes are told as on any system.
		{"mkdir in/file/x", fails(errno.ENOTDIR)},
		{"rm in/sub", fails(errno.EISDIR)},
		{"rmdir in/file", fails(errno.ENOTDIR)},
		{"rm nothing", fails(errno.ENOENT)},
		{"rmdir in", fails(errno.EROFS)},
		{"ln in/sub tmp/x", fails(errno.EPERM)},
		{"ln in/file in/link", fails(errno.EEXIST)},
		{"symlink x in/file", fails(errno.EEXIST)},
		{"write in/sub x", fails(errno.EISDIR)},
		{"read in", fails(errno.EISDIR)},
		{"ls in/file", fails(errno.ENOTDIR)},

		// Names.
		{"write tmp/" + long + " x", fails(errno.ENAMETOOLONG)},
		{"read " + deep, fails(errno.ENAMETOOLONG)},
		{"write tmp/%ff x", fails(errno.EILSEQ)},
		{"read in/%ff(", fails(errno.EILSEQ)},
		{"symlink %ff tmp/x", fails(errno.EILSEQ)},
		{"deep tmp/d", fails(errno.ENAMETOOLONG)},

		// There is no network, and no other process.
		{"socket", fails(errno.ENOSYS)},
		{"sock 0", fails(errno.ENOTSOCK)},
		{"sock 99", fails(errno.EBADF)},
		{"raise", fails(errno.ENOSYS)},

		// Time, chance and surroundings are fixed.
		{"time", "2022-01-01T00:00:00Z"},
		{"sleep", "slept"},
		{"args", "bin/probe|args"},
		{"env", "A=1|B=2"},
		{"stdin", ""},
		{"stat in/file", "---------- 4 1980-01-01"},

		{"read /dev/null", ""},
		{"write /dev/null x", ""},
		{"stat /dev/null", "Dc--------- 0 1980-01-01"},

		// Limits.
		{"fill tmp/big", fails(errno.ENOSPC)},
		{"hole tmp/big", fails(errno.ENOSPC)},
		{"fds in/file", fails(errno.EMFILE)},
	} {
		t.Run(test.probe[:min(len(test.probe), 40)], func(t *testing.T) {
			a := b.probeAction(t, inputs, test.probe)
			a.Env = map[string]string{"B": "2", "A": "1"}
			a.OutputDirs = []string{"out"}
			a.Limits.Written = 8 << 20
			r := b.run(t, a)
			verb, _, _ := strings.Cut(test.probe, " ")
			if diff := cmp.Diff(verb+": "+test.want+"\n", string(r.Stdout)); diff != "" {
				t.Errorf("%s (-want +got):\n%s%s", test.probe, diff, r.Stderr)
			}
		})
	}
}

// TestGreedy runs guests that take so much that they are stopped or fail.
func TestGreedy(t *testing.T) {
	b := newBed(t)
	for _, test := range []struct {
		name   string
		probe  string
		change func(*action.Action)
		exit   int
		stderr string
	}{
		{"memory", "alloc", func(a *action.Action) { a.Limits.Memory = 64 << 20 }, 2, "cowasm: the program reached the limit of 67108864 bytes of memory"},
		{"output", "flood", func(*action.Action) {}, 3, "cowasm: the program reached the limit of 16777216 bytes of output"},
		{"files", "files tmp 300000", func(*action.Action) {}, 4, "cowasm: the program reached the limit of 262144 files"},
		{"trap", "trap", func(*action.Action) {}, 2, "on purpose"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := b.probeAction(t, nil, test.probe, "exit 4")
			test.change(a)
			r := b.run(t, a)
			if r.ExitCode != test.exit || !strings.Contains(string(r.Stderr), test.stderr) {
				t.Errorf("exit code %d, want %d; stderr %.2000q, want %q in it", r.ExitCode, test.exit, r.Stderr, test.stderr)
			}
			if len(r.Files)+len(r.Dirs) > 0 {
				t.Errorf("a program that failed has outputs: %v %v", r.Files, r.Dirs)
			}
		})
	}
}
