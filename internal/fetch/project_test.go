package fetch

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/event"
)

func TestProject(t *testing.T) {
	const sha = "4939f2f9ffe14e16351ba6817058ea8acf1cae19c22cd74b20ca35856b9d9b9c"
	want := []ProjectFile{
		{Name: "my_six-1.tar.gz", SHA256: sha, RequiresPython: ">=3", Yanked: true},
		{Name: "my_six-2.tar.gz"},
	}
	for name, index := range map[string]string{
		"JSON": `{"files": [
			{"filename": "my_six-1.tar.gz", "url": "x", "hashes": {"sha256": "` + strings.ToUpper(sha) + `"}, "requires-python": ">=3", "yanked": "broken"},
			{"filename": "my_six-2.tar.gz", "url": "y", "requires-python": null, "yanked": false}]}`,
		"page": `<!DOCTYPE html>
			<a href="x#sha256=` + sha + `" data-requires-python="&gt;=3" data-yanked="">my_six-1.tar.gz</a>
			<a href="y">my_six-2.tar.gz</a>`,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFetcher(t, Options{})
			t.Setenv("PIP_INDEX_URL", serveFiles(t, map[string]string{"/simple/my-six/": index})+"/simple")
			// The second index does not have the project.
			t.Setenv("PIP_EXTRA_INDEX_URL", serveFiles(t, nil))
			got, err := f.Project(t.Context(), "My_Six")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestProjectFailures(t *testing.T) {
	answer := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"not there": {http.NotFound, `the package index has no project named "six"`},
		"garbage":   {answer("\x00\x01<a\xff"), "a page that lists no files"},
		"log in":    {answer("<html>Please log in"), "a page that lists no files"},
		"broken": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
			fmt.Fprint(w, `{"files": [`)
		}, "bad JSON"},
		"out of order": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "the server answers 502"},
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "<a")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "the server sends almost nothing for 20ms"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFetcher(t, Options{})
			f.client.stallWindow = 20 * time.Millisecond
			t.Setenv("PIP_INDEX_URL", serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { test.handler(w, r) }))
			_, err := f.Project(t.Context(), "six")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
	t.Run("silent", func(t *testing.T) {
		f := newFetcher(t, Options{})
		f.client.transport.ResponseHeaderTimeout = 20 * time.Millisecond
		var requests atomic.Int64
		u := serve(t, func(_ http.ResponseWriter, r *http.Request, _ int) {
			requests.Add(1)
			<-r.Context().Done()
		})
		t.Setenv("PIP_INDEX_URL", u)
		for _, name := range []string{"six", "idna"} {
			_, err := f.Project(t.Context(), name)
			wantError(t, err, "asking the package index for "+name+": "+u+": the server gives no answer within 20ms", "check the network and pip's configuration (index-url), then try again")
		}
		if n := requests.Load(); n != 1 {
			t.Errorf("it was asked %d times, want once", n)
		}
	})
	t.Run("silent at times", func(t *testing.T) {
		f := newFetcher(t, Options{})
		f.client.transport.ResponseHeaderTimeout = time.Second
		t.Setenv("PIP_INDEX_URL", serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n == 1 {
				<-r.Context().Done()
				return
			}
			fmt.Fprint(w, `<a href="x">x-1.tar.gz</a>`)
		}))
		for _, name := range []string{"six", "idna"} {
			if files, err := f.Project(t.Context(), name); err != nil || len(files) != 1 {
				t.Errorf("got %v, %v", files, err)
			}
		}
	})
	t.Run("offline", func(t *testing.T) {
		_, err := newFetcher(t, Options{Offline: true}).Project(t.Context(), "six")
		if err == nil || !strings.Contains(err.Error(), "--offline forbids") {
			t.Errorf("got error %v", err)
		}
	})
	t.Run("for a moment", func(t *testing.T) {
		events := &eventLog{}
		f := newFetcher(t, Options{Events: events})
		t.Setenv("PIP_INDEX_URL", serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
			if n == 0 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			fmt.Fprint(w, `<a href="x">six-1.tar.gz</a>`)
		}))
		if files, err := f.Project(t.Context(), "six"); err != nil || len(files) != 1 {
			t.Errorf("got %v, %v", files, err)
		}
		const want = "asking the package index for six again: "
		if len(events.all) != 1 || !strings.HasPrefix(events.all[0].(event.Warning).Message, want) {
			t.Errorf("told %v, want a warning %q", events.all, want)
		}
	})
}
