package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	dialTimeout   = 10 * time.Second
	headerTimeout = 20 * time.Second // from a request to the first line of its answer
	maxRedirects  = 10
	connsPerHost  = 6
	maxRetryAfter = 30 * time.Second

	// A download that brings less than stallBytes in stallWindow is given up.
	stallWindow = 20 * time.Second
	stallBytes  = 16 << 10
)

// A location is a URL and what is sent to it to be let in.
type location struct {
	url    string
	header http.Header // may be nil
}

// String returns the URL without any password.
func (l location) String() string {
	u, err := url.Parse(l.url)
	if err != nil {
		return l.url
	}
	return u.Redacted()
}

// A transientError may be gone when the same is tried again.
type transientError struct {
	err   error
	after time.Duration // what the server asks to wait, or 0
}

func (e *transientError) Error() string { return e.err.Error() }
func (e *transientError) Unwrap() error { return e.err }

// A client sends requests. It remembers which hosts it cannot reach at all, or
// have never answered in time, so that each costs its time once.
type client struct {
	http        *http.Client
	transport   *http.Transport // of http
	stallWindow time.Duration

	mu       sync.Mutex
	answered map[string]bool  // by host and port
	dead     map[string]error // likewise
}

func newClient() *client {
	// The default transport brings the proxies of the environment.
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: dialTimeout}).DialContext
	t.TLSHandshakeTimeout = headerTimeout // takes both sides' processors
	t.ResponseHeaderTimeout = headerTimeout
	t.MaxConnsPerHost = connsPerHost
	// A .tar.gz that is sent "with content encoding gzip" is meant as it is.
	t.DisableCompression = true
	return &client{
		http: &http.Client{
			Transport: t,
			CheckRedirect: func(_ *http.Request, via []*http.Request) error {
				if len(via) >= maxRedirects {
					return errRedirects
				}
				return nil
			},
		},
		transport:   t,
		stallWindow: stallWindow,
		answered:    map[string]bool{},
		dead:        map[string]error{},
	}
}

var (
	errRedirects = fmt.Errorf("more than %d redirects", maxRedirects)
	errStalled   = errors.New("the server sends almost nothing")
)

// get sends a request and returns the answer if its status is one of ok.
// The errors are short, without the URL.
func (c *client) get(ctx context.Context, loc location, extra http.Header, ok ...int) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, loc.url, nil)
	if err != nil {
		return nil, err
	}
	for _, h := range []http.Header{loc.header, extra} {
		for name, values := range h {
			req.Header[name] = values
		}
	}
	req.Header.Set("User-Agent", "cowasm")
	if err := c.isDead(req.URL.Host); err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.explain(ctx, err)
	}
	c.mu.Lock()
	c.answered[req.URL.Host], c.answered[resp.Request.URL.Host] = true, true
	c.mu.Unlock()
	for _, status := range ok {
		if resp.StatusCode == status {
			return resp, nil
		}
	}
	resp.Body.Close()
	return nil, statusError(resp)
}

// An answerError says that a server answered with a status that is none of
// those wanted.
type answerError struct {
	code   int
	status string // as in "404 Not Found"
}

func (e *answerError) Error() string { return "the server answers " + e.status }

func statusError(resp *http.Response) error {
	err := &answerError{code: resp.StatusCode, status: strings.TrimSpace(resp.Status)}
	switch code := resp.StatusCode; {
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly,
		code == http.StatusTooManyRequests, code >= 500:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		after := min(time.Duration(max(0, seconds))*time.Second, maxRetryAfter)
		return &transientError{err: err, after: after}
	}
	return err
}

// explain turns an error of the HTTP client into a short one, which is a
// transientError if it makes sense to try again.
func (c *client) explain(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	host := ""
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		if u, parseErr := url.Parse(urlErr.URL); parseErr == nil {
			host = u.Host
		}
		err = urlErr.Err
	}
	var (
		op   *net.OpError
		dns  *net.DNSError
		cert *tls.CertificateVerificationError
		late interface{ Timeout() bool }
	)
	timeout := errors.As(err, &late) && late.Timeout()
	if timeout && !errors.As(err, &op) { // other than to dial
		err = fmt.Errorf("the server gives no answer within %v", c.transport.ResponseHeaderTimeout)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case errors.Is(err, errRedirects), strings.Contains(err.Error(), "unsupported protocol scheme"):
		return err
	case errors.As(err, &cert):
		return fmt.Errorf("%w; if a proxy signs for it, name its certificate in SSL_CERT_FILE", err)
	case errors.As(err, &dns) && dns.IsTemporary:
		return &transientError{err: err}
	case errors.As(err, &dns), errors.As(err, &op) && op.Op == "dial", timeout && !c.answered[host]:
		c.dead[host] = err
		return err
	}
	return &transientError{err: err}
}

func (c *client) isDead(host string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dead[host]
}

// guard returns a context for one request and a reader that ends the request
// if what it reads comes too slowly. Calling stop frees both.
func (c *client) guard(ctx context.Context) (_ context.Context, wrap func(io.Reader) io.Reader, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	g := &guard{window: c.stallWindow, cancel: cancel}
	wrap = func(r io.Reader) io.Reader {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.r = r
		g.timer = time.AfterFunc(g.window, g.check)
		return g
	}
	stop = func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.timer != nil {
			g.timer.Stop()
		}
		cancel(nil)
	}
	return ctx, wrap, stop
}

type guard struct {
	r      io.Reader
	window time.Duration
	cancel context.CancelCauseFunc
	timer  *time.Timer

	mu   sync.Mutex
	seen int // bytes in this window
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen += n
	return n, err
}

func (g *guard) check() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen < stallBytes {
		g.cancel(&transientError{err: fmt.Errorf("%w for %v", errStalled, g.window)})
		return
	}
	g.seen = 0
	g.timer.Reset(g.window)
}

// A page is a small answer, kept in memory.
type page struct {
	body []byte
	kind string // media type, without parameters
	url  *url.URL
}

const maxPage = 64 << 20

// page returns an answer of at most maxPage bytes.
func (c *client) page(ctx context.Context, loc location, accept string) (*page, error) {
	ctx, wrap, stop := c.guard(ctx)
	defer stop()
	extra := http.Header{}
	if accept != "" {
		extra.Set("Accept", accept)
	}
	resp, err := c.get(ctx, loc, extra, http.StatusOK)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(wrap(resp.Body), maxPage+1))
	if err != nil {
		if err = c.explain(ctx, err); errors.Is(err, errStalled) {
			err = errors.Unwrap(err) // no transientError: what is so slow would be as slow again
		}
		return nil, err
	}
	if len(body) > maxPage {
		return nil, fmt.Errorf("the answer is larger than %d bytes", maxPage)
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	return &page{body: body, kind: kind, url: resp.Request.URL}, nil
}
