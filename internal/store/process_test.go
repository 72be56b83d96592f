package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
)

// The processes of these tests are the test binary itself, told by this
// variable which store to work on and with which seed.
const processEnv = "STORE_TEST_PROCESS"

func TestMain(m *testing.M) {
	if dir := os.Getenv(processEnv); dir != "" {
		seed, _ := strconv.ParseUint(os.Args[1], 10, 64)
		rounds, _ := strconv.Atoi(os.Args[2])
		if err := work(dir, seed, rounds); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// start starts a process that does a number of rounds of work.
func start(t *testing.T, dir string, seed uint64, rounds int) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], fmt.Sprint(seed), fmt.Sprint(rounds))
	cmd.Env = append(os.Environ(), processEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	return cmd, out
}

// content returns the i-th of the blobs that all processes work on. Some are
// larger than a pipe or page, so that writing them takes a while.
func content(i int) []byte {
	return []byte(strings.Repeat(fmt.Sprintf("blob %d.", i), 1+i%7*5000))
}

func resultOf(i int) (key digest.Digest, r *action.Result) {
	return digest.Of(fmt.Appendf(nil, "key %d", i)), &action.Result{
		Files: []action.OutputFile{{Path: "out", Digest: digest.Of(content(i))}},
	}
}

const contents = 20

// work does what a build does, and more often: looks for results, makes what
// is missing, reads it, damages and trims.
func work(dir string, seed uint64, rounds int) error {
	rng := rand.New(rand.NewPCG(seed, 0))
	var s *Disk
	for round := range rounds {
		if round%10 == 0 { // as if another process went on
			var err error
			if s, err = OpenDisk(dir); err != nil {
				return err
			}
		}
		i := rng.IntN(contents)
		key, want := resultOf(i)
		d := want.Files[0].Digest
		switch rng.IntN(8) {
		case 0: // damage: another length, another content, gone
			data := content(i)
			data[0] ^= byte(rng.IntN(2))
			_ = os.WriteFile(s.path("blobs", d), data[:rng.IntN(len(data)+1)], 0o666)
		case 1:
			_ = os.Remove(s.path("blobs", d))
		case 2:
			if _, err := s.Trim(context.Background(), 0, 0); err != nil {
				return err
			}
		}
		r, err := s.GetResult(context.Background(), key)
		if err == nil && r.Files[0].Digest != d {
			return fmt.Errorf("result %d is wrong", i)
		} else if _, err := reasonOf(err); err != nil {
			return err
		}
		if got, err := s.Get(context.Background(), d); err == nil && string(got) != string(content(i)) {
			return fmt.Errorf("blob %d is wrong", i)
		} else if _, err := reasonOf(err); err != nil {
			return err
		}
		if _, err := s.Put(context.Background(), content(i)); err != nil {
			return err
		}
		// Another process may have damaged it at once.
		if _, err := reasonOf(s.PutResult(context.Background(), key, want)); err != nil {
			return err
		}
		if err := workOnReadSets(s, i, rng.IntN(contents)); err != nil {
			return err
		}
		fmt.Println(round)
	}
	return nil
}

// workOnReadSets adds a candidate. All under one base have read sets that say so.
func workOnReadSets(s *Disk, base, i int) error {
	ctx := context.Background()
	set := func(i int) []byte { return fmt.Appendf(nil, "read set %d of %d", i, base) }
	key := digest.Of(fmt.Appendf(nil, "base %d", base))
	d, err := s.Put(ctx, set(i))
	if err != nil {
		return err
	}
	if err := s.AddCandidate(ctx, key, Candidate{Key: d, ReadSet: d}); err != nil {
		return err
	}
	list, err := s.Candidates(ctx, key)
	if err != nil || len(list) > maxCandidates {
		return fmt.Errorf("%d candidates, %w", len(list), err)
	}
	for _, c := range list {
		known := false
		for i := range contents {
			known = known || c.ReadSet == digest.Of(set(i))
		}
		if !known || c.Key != c.ReadSet {
			return fmt.Errorf("base %d has the candidate %v", base, c)
		}
	}
	return s.KeepLatest(ctx, key)
}

// Processes that are killed at any moment leave nothing wrong.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	rounds := 150
	if testing.Short() {
		rounds = 20
	}
	for i := range rounds {
		cmd, out := start(t, dir, uint64(i), 1<<30)
		lines := bufio.NewScanner(out)
		for range 1 + rand.IntN(8) {
			if !lines.Scan() {
				t.Fatal(lines.Err())
			}
		}
		must(t, cmd.Process.Kill()) // in the middle of one of the next rounds
		_ = cmd.Wait()
	}
	afterwards(t, dir)
}

// Many processes may work on one store at once.
func TestProcesses(t *testing.T) {
	dir := t.TempDir()
	rounds := 150
	if testing.Short() {
		rounds = 50
	}
	for range 2 {
		var cmds []*exec.Cmd
		var outs []io.Reader
		for i := range 8 {
			cmd, out := start(t, dir, uint64(i), rounds)
			cmds, outs = append(cmds, cmd), append(outs, out)
		}
		for i, cmd := range cmds {
			out, _ := io.ReadAll(outs[i])
			if err := cmd.Wait(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		}
	}
	afterwards(t, dir)
}

// afterwards checks that a store works, and that nothing else is left once it
// is trimmed.
func afterwards(t *testing.T, dir string) {
	t.Helper()
	s := open(t, dir)
	for i := range contents {
		put(t, s, string(content(i)))
		key, r := resultOf(i)
		must(t, s.PutResult(t.Context(), key, r))
	}
	s = open(t, dir)
	for i := range contents {
		key, want := resultOf(i)
		r, err := s.GetResult(t.Context(), key)
		must(t, err)
		if r.Files[0].Digest != want.Files[0].Digest {
			t.Errorf("result %d is wrong", i)
		}
		wantContent(t, s, r.Files[0].Digest, string(content(i)))
	}
	age(t, dir)
	_, err := s.Trim(t.Context(), 0, 0)
	must(t, err)
	if u, err := s.Usage(t.Context()); err != nil || u != (Usage{}) {
		t.Errorf("after trimming all, there is %+v, %v", u, err)
	}
}
