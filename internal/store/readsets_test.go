package store

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/digest"
)

// candidate returns the i-th candidate, whose read set is in s.
func candidate(t *testing.T, s *Disk, i int) Candidate {
	t.Helper()
	return Candidate{Key: digest.Of(fmt.Appendf(nil, "key %d", i)), ReadSet: put(t, s, fmt.Sprint("read set ", i))}
}

func wantCandidates(t *testing.T, s *Disk, base digest.Digest, want ...Candidate) {
	t.Helper()
	got, err := s.Candidates(t.Context(), base)
	must(t, err)
	if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(got)); diff != "" {
		t.Error(diff)
	}
}

func TestCandidates(t *testing.T) {
	s := open(t, t.TempDir())
	base, other := digest.Of([]byte("base")), digest.Of([]byte("other"))
	wantCandidates(t, s, base)
	var all []Candidate
	for i := range maxCandidates + 2 {
		all = append([]Candidate{candidate(t, s, i)}, all...)
		must(t, s.AddCandidate(t.Context(), base, all[0]))
	}
	all = all[:maxCandidates]
	wantCandidates(t, open(t, s.Dir()), base, all...)
	wantCandidates(t, s, other)

	// One that is found again comes to the front, with its new key.
	again := Candidate{Key: digest.Of([]byte("new")), ReadSet: all[3].ReadSet}
	want := append([]Candidate{again}, append(all[:3:3], all[4:]...)...)
	must(t, s.AddCandidate(t.Context(), base, again))
	must(t, s.AddCandidate(t.Context(), base, again))
	wantCandidates(t, s, base, want...)

	// So does an action that now saw something else.
	anew := Candidate{Key: again.Key, ReadSet: put(t, s, "anew")}
	want[0] = anew
	must(t, s.AddCandidate(t.Context(), base, anew))
	wantCandidates(t, s, base, want...)
}

// Whatever befalls candidates: they are none, and AddCandidate repairs that.
func TestCandidateDamage(t *testing.T) {
	base := digest.Of([]byte("base"))
	for _, h := range harms {
		t.Run(h.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			c := candidate(t, s, 0)
			must(t, s.AddCandidate(t.Context(), base, c))
			h.do(t, s.path("readsets", base))
			wantCandidates(t, s, base)
			must(t, s.AddCandidate(t.Context(), base, c))
			wantCandidates(t, open(t, s.Dir()), base, c)

			h.do(t, s.path("readsets", base))
			var reports []Damage
			_, err := s.Verify(t.Context(), func(d Damage) { reports = append(reports, d) })
			must(t, err)
			if gone := h.name == "removed" || h.name == "shard removed"; gone != (len(reports) == 0) {
				t.Errorf("Verify says %v", reports)
			}
		})
	}
}

// Candidates that change places are not taken for each other.
func TestCandidatesSwapped(t *testing.T) {
	s := open(t, t.TempDir())
	x, y := digest.Of([]byte("x")), digest.Of([]byte("y"))
	must(t, s.AddCandidate(t.Context(), x, candidate(t, s, 0)))
	must(t, os.MkdirAll(filepath.Dir(s.path("readsets", y)), 0o777))
	must(t, os.Rename(s.path("readsets", x), s.path("readsets", y)))
	wantCandidates(t, s, y)
}

// Read sets go when they are not used, and stay while their results are.
func TestTrimReadSets(t *testing.T) {
	for _, kept := range []bool{false, true} {
		s := open(t, t.TempDir())
		base := digest.Of([]byte("base"))
		earlier, _ := makeResult(t, s, "earlier")
		latest, _ := makeResult(t, s, "latest")
		c := Candidate{Key: latest, ReadSet: put(t, s, "latest read set")}
		must(t, s.AddCandidate(t.Context(), base, Candidate{Key: earlier, ReadSet: put(t, s, "earlier read set")}))
		must(t, s.AddCandidate(t.Context(), base, c))
		age(t, s.Dir())
		s = open(t, s.Dir())
		if kept {
			must(t, s.KeepLatest(t.Context(), base))
		}
		must(t, s.KeepLatest(t.Context(), digest.Of([]byte("of which there are none"))))
		_, err := s.Trim(t.Context(), time.Hour, 1<<30)
		must(t, err)
		u, err := s.Usage(t.Context())
		must(t, err)
		if !kept {
			if u != (Usage{}) {
				t.Errorf("not kept, but there is %+v", u)
			}
			continue
		}
		list, err := s.Candidates(t.Context(), base)
		must(t, err)
		if len(list) != 2 || list[0] != c || u.Results != 1 {
			t.Errorf("the candidates are %v, and there is %+v", list, u)
		}
		wantContent(t, s, c.ReadSet, "latest read set")
		_, err = s.GetResult(t.Context(), latest)
		must(t, err)
	}
}

func FuzzDecodeCandidates(f *testing.F) {
	base := digest.Of([]byte("base"))
	c := Candidate{Key: digest.Of([]byte("key")), ReadSet: digest.Empty}
	f.Add(fmt.Appendf(nil, "%s %s\n", c.Key, c.ReadSet))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		data := fmt.Appendf(nil, "%s %s %s\n%s", readSetsMagic, base, digest.Of(body), body)
		list, err := decodeCandidates(base, data)
		if err != nil {
			return
		}
		again, err := decodeCandidates(base, encodeCandidates(base, list))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fmt.Sprint(list), fmt.Sprint(again)); diff != "" {
			t.Error(diff)
		}
	})
}
