package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/store"
)

// content is what the sources of the tests are, and hash is its SHA-256.
var (
	content = bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	hash    = digest.Of(content).Hash()
)

func newStore(t *testing.T) *store.Disk {
	t.Helper()
	s, err := store.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newFetcher returns a Fetcher that does not wait and reads no configuration of
// this machine.
func newFetcher(t *testing.T, options Options) *Fetcher {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "CARGO_HOME"} {
		t.Setenv(name, home)
	}
	for _, name := range []string{"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_CONFIG_FILE", "VIRTUAL_ENV", "NPM_CONFIG_REGISTRY"} {
		t.Setenv(name, "") // so that it is put back
		os.Unsetenv(name)
	}
	f := New(newStore(t), options)
	f.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return f
}

// serve starts a server and returns its URL. The handler is told how many
// requests came before.
func serve(t *testing.T, handler func(w http.ResponseWriter, r *http.Request, n int)) string {
	t.Helper()
	var requests atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler(w, r, int(requests.Add(1)-1))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func serveContent(t *testing.T) string {
	return serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.Write(content) })
}

// cut sends a part of the content and then breaks the connection.
func cut(w http.ResponseWriter, from, to int) {
	w.Header().Set("Content-Length", fmt.Sprint(len(content)-from))
	if from > 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
		w.WriteHeader(http.StatusPartialContent)
	}
	w.Write(content[from:to])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// refused returns a URL where nobody listens.
func refused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error does not contain %q:\n%v", part, err)
		}
	}
}

// wantContent fails the test unless the content is in the store.
func wantContent(t *testing.T, f *Fetcher, d digest.Digest) {
	t.Helper()
	data, err := f.store.Get(t.Context(), d)
	if err != nil || !bytes.Equal(data, content) {
		t.Errorf("the store has %d bytes, error %v, want the content", len(data), err)
	}
}

func TestFetch(t *testing.T) {
	type handler = func(w http.ResponseWriter, r *http.Request, n int)
	tests := map[string]struct {
		handler  handler
		requests int
	}{
		"at once": {func(w http.ResponseWriter, _ *http.Request, _ int) { w.Write(content) }, 1},
		"503 then OK": {func(w http.ResponseWriter, _ *http.Request, n int) {
			if n < 2 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			w.Write(content)
		}, 3},
		"reset then OK": {func(w http.ResponseWriter, _ *http.Request, n int) {
			if n == 0 {
				panic(http.ErrAbortHandler)
			}
			w.Write(content)
		}, 2},
		"resumed twice": {func(w http.ResponseWriter, r *http.Request, n int) {
			w.Header().Set("Etag", `"v1"`)
			switch {
			case n == 0:
				cut(w, 0, 100_000)
			case n == 1 && r.Header.Get("Range") == "bytes=100000-" && r.Header.Get("If-Range") == `"v1"`:
				cut(w, 100_000, 200_000)
			case n == 2:
				http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
			}
		}, 3},
		"ranges are ignored": {func(w http.ResponseWriter, _ *http.Request, n int) {
			if n == 0 {
				cut(w, 0, 1000)
			}
			w.Write(content)
		}, 3},
		"ranges are refused": {func(w http.ResponseWriter, r *http.Request, n int) {
			switch {
			case n == 0:
				cut(w, 0, 1000)
			case r.Header.Get("Range") != "":
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			default:
				w.Write(content)
			}
		}, 3},
		"another part than asked for": {func(w http.ResponseWriter, r *http.Request, n int) {
			switch {
			case n == 0:
				cut(w, 0, 1000)
			case r.Header.Get("Range") != "":
				w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(content)-1, len(content)))
				w.WriteHeader(http.StatusPartialContent)
				w.Write(content)
			default:
				w.Write(content)
			}
		}, 3},
		"another file after the cut": {func(w http.ResponseWriter, r *http.Request, n int) {
			switch n {
			case 0:
				w.Header().Set("Content-Length", fmt.Sprint(len(content)))
				w.Write([]byte("an older file"))
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			default:
				http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
			}
		}, 3},
		"content encoding is not decoded": {func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(content)
		}, 1},
		"redirect": {func(w http.ResponseWriter, r *http.Request, n int) {
			if n == 0 {
				http.Redirect(w, r, "/elsewhere", http.StatusFound)
				return
			}
			w.Write(content)
		}, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFetcher(t, Options{})
			requests := 0
			u := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
				requests = n + 1
				test.handler(w, r, n)
			})
			d, err := f.Fetch(t.Context(), Source{SHA256: hash, URLs: []string{u}})
			if err != nil {
				t.Fatal(err)
			}
			wantContent(t, f, d)
			if requests != test.requests {
				t.Errorf("%d requests, want %d", requests, test.requests)
			}
			if _, err := f.Fetch(t.Context(), Source{SHA256: hash, URLs: []string{u}}); err != nil || requests != test.requests {
				t.Errorf("the second Fetch made requests, or failed: %v", err)
			}
		})
	}
}

func TestFetchFails(t *testing.T) {
	tests := map[string]struct {
		handler func(w http.ResponseWriter, r *http.Request, n int)
		want    []string
	}{
		"wrong content": {
			func(w http.ResponseWriter, _ *http.Request, _ int) { w.Write([]byte("other")) },
			[]string{"wrong sha256", hash, digest.Of([]byte("other")).Hash(), "nothing was kept"},
		},
		"web page": {
			func(w http.ResponseWriter, _ *http.Request, _ int) { w.Write([]byte("<!doctype html><p>Not found")) },
			[]string{"wrong sha256", "(a web page)"},
		},
		"not found": {
			func(w http.ResponseWriter, r *http.Request, _ int) { http.NotFound(w, r) },
			[]string{"the server answers 404 Not Found", "--vendor_dir"},
		},
		"always 503": {
			func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusServiceUnavailable) },
			[]string{"the server answers 503"},
		},
		"always cut": {
			func(w http.ResponseWriter, r *http.Request, _ int) {
				if r.Header.Get("Range") == "" {
					cut(w, 0, 10)
				}
				panic(http.ErrAbortHandler)
			},
			[]string{"EOF"},
		},
		"redirect loop": {
			func(w http.ResponseWriter, r *http.Request, _ int) { http.Redirect(w, r, "/", http.StatusFound) },
			[]string{"more than 10 redirects"},
		},
		"redirect to a file": {
			func(w http.ResponseWriter, r *http.Request, _ int) {
				w.Header().Set("Location", "file:///etc/passwd")
				w.WriteHeader(http.StatusFound)
			},
			[]string{"unsupported protocol scheme"},
		},
		"said to be too large": {
			func(w http.ResponseWriter, _ *http.Request, _ int) {
				w.Header().Set("Content-Length", "1000001")
				w.Write(content)
			},
			[]string{"larger than the allowed 1000000 bytes"},
		},
		"too large": {
			func(w http.ResponseWriter, _ *http.Request, _ int) {
				for range 10 {
					w.Write(content)
					w.(http.Flusher).Flush()
				}
			},
			[]string{"larger than the allowed 1000000 bytes"},
		},
		"stalled": {
			func(w http.ResponseWriter, r *http.Request, _ int) {
				w.Write(content[:100])
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			},
			[]string{"the server sends almost nothing for 20ms"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFetcher(t, Options{MaxSize: 1_000_000})
			f.client.stallWindow = 20 * time.Millisecond
			u := serve(t, test.handler)
			s := Source{Name: "//packages/six:src", SHA256: hash, URLs: []string{u + "/six.tar.gz"}}
			_, err := f.Fetch(t.Context(), s)
			wantError(t, err, append(test.want, "cannot download //packages/six:src (sha256 "+hash, u+"/six.tar.gz: ")...)
			var download *DownloadError
			if !errors.As(err, &download) {
				t.Errorf("the error is a %T, want a *DownloadError", err)
			}
			var notLocal *NotLocalError
			if _, err := f.Local(t.Context(), s); !errors.As(err, &notLocal) {
				t.Errorf("after the failure, Local returns %v, want a *NotLocalError", err)
			}
		})
	}
}

func TestTLSFailure(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	_, err := newFetcher(t, Options{}).Fetch(t.Context(), Source{SHA256: hash, URLs: []string{s.URL}})
	wantError(t, err, "certificate", "SSL_CERT_FILE")
}

func TestCheck(t *testing.T) {
	tests := map[string]struct {
		source Source
		want   []string
	}{
		"bad hash":   {Source{Name: "six", SHA256: "12", URLs: []string{"https://h/x"}}, []string{"source six: ", `sha256 "12"`}},
		"no place":   {Source{Name: "six", SHA256: hash}, []string{"no url and no purl", "pkg:pypi/NAME@VERSION"}},
		"scheme":     {Source{SHA256: hash, URLs: []string{"ftp://h/x"}}, []string{"http://"}},
		"not a URL":  {Source{SHA256: hash, URLs: []string{"http://h:x/"}}, []string{"invalid port"}},
		"no host":    {Source{SHA256: hash, URLs: []string{"https:///x"}}, []string{"no host"}},
		"type":       {Source{SHA256: hash, PURLs: []string{"pkg:gem/x@1"}}, []string{`"gem" is not one of cargo, deb, npm, pypi`}},
		"no version": {Source{SHA256: hash, PURLs: []string{"pkg:pypi/six"}}, []string{"no version"}},
		"qualifier":  {Source{SHA256: hash, PURLs: []string{"pkg:pypi/six@1?filename=x"}}, []string{`no qualifier "filename"`, `"file_name"`}},
		"all of it":  {Source{SHA256: "12", URLs: []string{"x"}, PURLs: []string{"y"}}, []string{`"12"`, `"x"`, `"y"`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := newFetcher(t, Options{}).Fetch(t.Context(), test.source)
			wantError(t, err, test.want...)
		})
	}
}
