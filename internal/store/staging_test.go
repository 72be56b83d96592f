package store

import (
	"context"
	"errors"
	"testing"

	"github.com/cowasm/cowasm/internal/digest"
)

func TestStage(t *testing.T) {
	s := open(t, t.TempDir())
	d := digest.Of([]byte("first second"))
	st, err := s.Stage(t.Context(), d.Hash())
	must(t, err)
	_, err = st.Write([]byte("first "))
	must(t, err)
	must(t, st.Close())
	_, err = s.FindSHA256(t.Context(), d.Hash())
	wantNotFound(t, err, "")

	st, err = open(t, s.Dir()).Stage(t.Context(), d.Hash()) // in another process, later
	must(t, err)
	if st.Size() != 6 {
		t.Fatalf("%d bytes have arrived", st.Size())
	}
	_, err = st.Write([]byte("second"))
	must(t, err)
	got, err := st.Commit()
	if err != nil || got != d {
		t.Fatalf("Commit = %s, %v", got, err)
	}
	must(t, st.Close())
	wantContent(t, open(t, s.Dir()), d, "first second")

	st, err = s.Stage(t.Context(), d.Hash())
	must(t, err)
	if st.Size() != 0 {
		t.Errorf("%d bytes are left after Commit", st.Size())
	}
	must(t, st.Close())
}

func TestStageWrongHash(t *testing.T) {
	s := open(t, t.TempDir())
	want := digest.Of([]byte("right"))
	st, err := s.Stage(t.Context(), want.Hash())
	must(t, err)
	_, err = st.Write([]byte("wrong"))
	must(t, err)
	_, err = st.Commit()
	var hashErr *HashError
	if !errors.As(err, &hashErr) || hashErr.Want != want.Hash() || hashErr.Got != digest.Of([]byte("wrong")).Hash() {
		t.Errorf("Commit: %v", err)
	}
	if st.Size() != 0 {
		t.Error("the wrong content was kept")
	}
	_, err = st.Write([]byte("right"))
	must(t, err)
	_, err = st.Commit()
	must(t, err)
	must(t, st.Close())
	wantContent(t, s, want, "right")
}

func TestStageReset(t *testing.T) {
	s := open(t, t.TempDir())
	d := digest.Of([]byte("right"))
	st, err := s.Stage(t.Context(), d.Hash())
	must(t, err)
	defer st.Close()
	_, err = st.Write([]byte("wrong and long"))
	must(t, err)
	must(t, st.Reset())
	_, err = st.Write([]byte("right"))
	must(t, err)
	_, err = st.Commit()
	must(t, err)
	wantContent(t, s, d, "right")
}

// Only one may have a download open; others wait, but not for ever.
func TestStageLocked(t *testing.T) {
	s := open(t, t.TempDir())
	hash := digest.Of([]byte("x")).Hash()
	st, err := s.Stage(t.Context(), hash)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := open(t, s.Dir()).Stage(ctx, hash)
		failed <- err
	}()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	must(t, st.Close())
	st, err = s.Stage(t.Context(), hash)
	must(t, err)
	must(t, st.Close())
	if _, err := s.Stage(t.Context(), "../x"); err == nil {
		t.Error("no error for what is no hash")
	}
}
