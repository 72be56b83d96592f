package fetch

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/event"
)

func TestMirrors(t *testing.T) {
	var events eventLog
	f := newFetcher(t, Options{Events: &events})
	wrong := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.Write([]byte("wrong")) })
	begun := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { cut(w, 0, 300_000) })
	rest := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.Header.Get("Range") != "bytes=300000-" {
			t.Errorf("the last mirror is asked for %q, want the rest only", r.Header.Get("Range"))
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
	d, err := f.Fetch(t.Context(), Source{Name: "six", SHA256: hash, URLs: []string{refused(t), wrong, begun, rest}})
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, f, d)
	warned := slices.ContainsFunc(events.all, func(e event.Event) bool {
		w, ok := e.(event.Warning)
		return ok && strings.Contains(w.Message, wrong) && strings.Contains(w.Message, "wrong sha256")
	})
	if !warned {
		t.Error("there is no warning about the mirror with the wrong content")
	}
	last := events.all[len(events.all)-1]
	size := int64(len(content))
	if diff := cmp.Diff(event.FetchProgress{Name: "six", Done: size, Total: size, Ended: true}, last); diff != "" {
		t.Errorf("last event (-want +got):\n%s", diff)
	}
}

type eventLog struct {
	mu  sync.Mutex
	all []event.Event
}

func (l *eventLog) Emit(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, e)
}

// TestDeadHost checks that a host that cannot be reached costs its time once.
func TestDeadHost(t *testing.T) {
	f := newFetcher(t, Options{})
	dials := 0
	transport := f.client.http.Transport.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		dials++
		return dial(ctx, network, addr)
	}
	dead := refused(t)
	for range 3 {
		_, err := f.Fetch(t.Context(), Source{SHA256: hash, URLs: []string{dead + "/a", dead + "/b"}})
		wantError(t, err, dead+"/a: ", dead+"/b: ")
	}
	if dials != 1 {
		t.Errorf("%d attempts to connect, want 1", dials)
	}
}

func TestResumeInAnotherProcess(t *testing.T) {
	f := newFetcher(t, Options{})
	staged, err := f.store.Stage(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	staged.Write(content[:1234])
	if err := staged.Close(); err != nil {
		t.Fatal(err)
	}
	u := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.Header.Get("Range") != "bytes=1234-" {
			t.Errorf("asked for %q, want the rest only", r.Header.Get("Range"))
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
	d, err := f.Fetch(t.Context(), Source{SHA256: hash, URLs: []string{u}})
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, f, d)
}

func TestCancel(t *testing.T) {
	f := newFetcher(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	u := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		if n == 0 {
			cancel()
			<-r.Context().Done()
			return
		}
		w.Write(content)
	})
	s := Source{SHA256: hash, URLs: []string{u}}
	if _, err := f.Fetch(ctx, s); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want %v", err, context.Canceled)
	}
	if _, err := f.Fetch(t.Context(), s); err != nil {
		t.Errorf("the next Fetch fails: %v", err)
	}
}

func TestFetchAtOnce(t *testing.T) {
	f := newFetcher(t, Options{})
	var requests atomic.Int64
	u := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		requests.Add(1)
		w.Write(content)
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := f.Fetch(t.Context(), Source{SHA256: hash, URLs: []string{u}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
