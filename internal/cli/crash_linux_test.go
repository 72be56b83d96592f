package cli

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/store"
)

// A crashBed is a workspace whose build has every kind of action: a download,
// writing, guests, merging and packing.
type crashBed struct {
	t       *testing.T
	root    string
	program string // cowasm itself
}

func newCrashBed(t *testing.T) *crashBed {
	program, err := exec.LookPath("cowasm") // testscript.Main put it there
	if err != nil {
		t.Fatal(err)
	}
	source := bytes.Repeat([]byte("what is downloaded\n"), 1<<16)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "source", time.Time{}, bytes.NewReader(source))
	}))
	t.Cleanup(server.Close)
	root := newWorkspace(t, map[string]string{
		"a/guest.wasm": readGuest(t),
		"a/BUILD": fmt.Sprintf(`load("//rules:toy.bzl", "download", "folder", "packed", "program", "text")

download(name = "source", url = %q, sha256 = %q)

[text(name = "text%%d" %% i, content = "text %%d" %% i) for i in range(12)]

[program(name = "upper%%d" %% i, src = ":text%%d" %% i, guest = "guest.wasm", verb = "upper") for i in range(12)]

folder(name = "all", srcs = [":source"] + [":upper%%d" %% i for i in range(12)])

packed(name = "a", src = ":all")
`, server.URL+"/source", digest.Of(source).Hash()),
	})
	return &crashBed{t, root, program}
}

// command returns a build with the given cache, in a process group of its own.
func (b *crashBed) command(cache string) *exec.Cmd {
	cmd := exec.Command(b.program, "build", "//a")
	cmd.Dir = b.root
	cmd.Env = append(os.Environ(), "COWASM_CACHE="+cache)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// build builds and returns the digest of what was built.
func (b *crashBed) build(cache string) digest.Digest {
	b.t.Helper()
	if out, err := b.command(cache).CombinedOutput(); err != nil {
		b.t.Fatalf("build: %v\n%s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(b.root, "cowasm-out/a/a.tar"))
	if err != nil {
		b.t.Fatal(err)
	}
	return digest.Of(data)
}

// TestKilled kills builds at random moments, of the first build as of those
// that go on with what it left. The next one must succeed, with the same bytes
// as a build that was never disturbed, and no worker may outlive its build.
func TestKilled(t *testing.T) {
	b := newCrashBed(t)
	start := time.Now()
	want := b.build(t.TempDir())
	whole := time.Since(start)

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	cache := t.TempDir()
	for round := range 24 {
		if round%8 == 0 {
			cache = t.TempDir()
		}
		cmd := b.command(cache)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(rng.Int64N(int64(whole))), func() { cmd.Process.Kill() })
		_ = cmd.Wait() // killed or, if it was quick, not
		timer.Stop()
		b.waitForGroup(cmd.Process.Pid)
		if round%4 == 3 {
			if got := b.build(cache); got != want {
				t.Fatalf("round %d: built %s after kills, want %s", round, got, want)
			}
			b.verify(cache)
		}
	}
}

// waitForGroup waits until no process of the group is left.
func (b *crashBed) waitForGroup(pgid int) {
	b.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !errors.Is(syscall.Kill(-pgid, 0), syscall.ESRCH) {
		if time.Now().After(deadline) {
			b.t.Fatalf("processes of the killed build %d are still there", pgid)
		}
		time.Sleep(time.Millisecond)
	}
}

// verify checks that nothing in the cache's store is damaged.
func (b *crashBed) verify(cache string) {
	b.t.Helper()
	disk, err := store.OpenDisk(cache)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := disk.Verify(b.t.Context(), func(d store.Damage) { b.t.Errorf("damaged: %v", d) }); err != nil {
		b.t.Fatal(err)
	}
}

// TestTwoBuilds has builds of the same targets share a cache that is empty.
func TestTwoBuilds(t *testing.T) {
	b := newCrashBed(t)
	want := b.build(t.TempDir())
	cache := t.TempDir()
	var group sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		group.Go(func() {
			if out, err := b.command(cache).CombinedOutput(); err != nil {
				errs[i] = fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(out)))
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if got := b.build(cache); got != want {
		t.Errorf("built %s, want %s", got, want)
	}
	b.verify(cache)
}

// TestDamaged damages every blob and every result of the store after a build,
// each in one of several ways. The next build must give the same bytes.
func TestDamaged(t *testing.T) {
	b := newCrashBed(t)
	cache := t.TempDir()
	want := b.build(cache)
	damages := []func(file string, data []byte) error{
		func(file string, data []byte) error { return os.Remove(file) },
		func(file string, data []byte) error { return os.Truncate(file, int64(len(data)/2)) },
		func(file string, data []byte) error {
			return os.WriteFile(file, append(bytes.Clone(data), 'x'), 0o666)
		},
		func(file string, data []byte) error {
			flipped := bytes.Clone(data)
			flipped[len(flipped)/2] ^= 1
			return os.WriteFile(file, flipped, 0o666)
		},
	}
	for first := range damages {
		n := first
		for _, kind := range []string{"blobs", "results"} {
			files, err := filepath.Glob(filepath.Join(cache, kind, "*", "*"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if len(data) == 0 {
					continue
				}
				if err := os.Chmod(file, 0o666); err != nil {
					t.Fatal(err)
				}
				if err := damages[n%len(damages)](file, data); err != nil {
					t.Fatal(err)
				}
				n++
			}
		}
		if err := os.RemoveAll(filepath.Join(b.root, "cowasm-out")); err != nil {
			t.Fatal(err)
		}
		if got := b.build(cache); got != want {
			t.Fatalf("built %s from a damaged store, want %s", got, want)
		}
		b.verify(cache)
	}
}
