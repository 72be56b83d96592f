package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/store"
)

// maxCuts is how often one download is resumed, each time with some progress.
const maxCuts = 20

// A transfer takes a download from one location after the other, until one has
// the right content. A download that was cut is resumed, in a later process and
// from another location too: the hash tells whether the pieces fit.
type transfer struct {
	client   *client
	maxSize  int64
	progress *progress
	to       *store.Staged
	done     digest.Digest // of the content, once there is all of it

	loc       location
	kind      string // media type
	validator string // what If-Range sends, or empty
	resumed   bool
}

// from downloads from loc.
func (t *transfer) from(ctx context.Context, loc location) error {
	t.loc, t.validator, t.resumed = loc, "", false
	err := t.fill(ctx)
	var wrong *HashError
	if errors.As(err, &wrong) && t.resumed {
		// The pieces may be of two different files. They are gone now.
		err = t.fill(ctx)
	}
	return err
}

// fill downloads what is missing, resumes when that is cut, and commits.
func (t *transfer) fill(ctx context.Context) error {
	for cuts := 0; ; cuts++ {
		had := t.to.Size()
		err := t.once(ctx)
		if err == nil {
			break
		}
		var transient *transientError
		if !errors.As(err, &transient) || errors.Is(err, errStalled) || ctx.Err() != nil || t.to.Size() <= had || cuts == maxCuts {
			return err
		}
	}
	d, err := t.to.Commit()
	var wrong *store.HashError
	if errors.As(err, &wrong) {
		return &HashError{Want: wrong.Want, Got: wrong.Got, Kind: t.kind}
	}
	t.done = d
	return err
}

// A HashError says that a server has other content than the source declares.
type HashError struct {
	Want, Got string // SHA-256, in hexadecimal
	Kind      string // media type of what the server sent, if it told
}

func (e *HashError) Error() string {
	kind := ""
	if e.Kind == "text/html" {
		kind = " (a web page)"
	}
	return fmt.Sprintf("wrong sha256: the server sent %s%s, declared is %s", e.Got, kind, e.Want)
}

// once sends one request and takes what comes.
func (t *transfer) once(ctx context.Context) error {
	ctx, wrap, stop := t.client.guard(ctx)
	defer stop()
	resp, err := t.request(ctx)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	total := int64(-1)
	if resp.ContentLength >= 0 {
		total = t.to.Size() + resp.ContentLength
	}
	if total > t.maxSize {
		return t.tooLarge()
	}
	t.kind, _, err = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		t.kind = ""
	}
	return t.receive(ctx, wrap(resp.Body), total)
}

// request asks for what is missing still. The answer's body continues what is
// there, which request drops if the server does not continue it.
func (t *transfer) request(ctx context.Context) (*http.Response, error) {
	have := t.to.Size()
	if have == 0 {
		resp, err := t.client.get(ctx, t.loc, nil, http.StatusOK)
		if err == nil {
			t.validator = validator(resp.Header)
			t.resumed = false
		}
		return resp, err
	}
	extra := http.Header{"Range": {fmt.Sprintf("bytes=%d-", have)}}
	if t.validator != "" {
		extra.Set("If-Range", t.validator)
	}
	resp, err := t.client.get(ctx, t.loc, extra, http.StatusOK, http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusPartialContent && rangeStart(resp.Header) == have {
		t.resumed = true
		return resp, nil
	}
	resp.Body.Close()
	if err := t.to.Reset(); err != nil {
		return nil, err
	}
	return t.request(ctx)
}

// validator returns what tells in If-Range that the file is still the same: a
// strong entity tag or else the time of the last change, which may be neither.
// See RFC 9110, section 13.1.5.
func validator(h http.Header) string {
	if tag := h.Get("Etag"); strings.HasPrefix(tag, `"`) {
		return tag
	}
	return h.Get("Last-Modified")
}

// rangeStart returns where the part that an answer brings begins, or -1.
func rangeStart(h http.Header) int64 {
	r, ok := strings.CutPrefix(h.Get("Content-Range"), "bytes ")
	first, _, dash := strings.Cut(r, "-")
	n, err := strconv.ParseInt(first, 10, 64)
	if !ok || !dash || err != nil {
		return -1
	}
	return n
}

func (t *transfer) receive(ctx context.Context, body io.Reader, total int64) error {
	buf := make([]byte, 64<<10)
	t.progress.at(t.to.Size(), total)
	for {
		n, err := body.Read(buf)
		if t.to.Size()+int64(n) > t.maxSize {
			return t.tooLarge()
		}
		if _, err := t.to.Write(buf[:n]); err != nil {
			return err
		}
		t.progress.at(t.to.Size(), total)
		if err == io.EOF {
			return nil
		}
		if err == io.ErrUnexpectedEOF {
			err = fmt.Errorf("the connection was cut after %d bytes", t.to.Size())
		}
		if err != nil {
			return t.client.explain(ctx, err)
		}
	}
}

// tooLarge drops what has come so far.
func (t *transfer) tooLarge() error {
	if err := t.to.Reset(); err != nil {
		return err
	}
	return fmt.Errorf("is larger than the allowed %d bytes", t.maxSize)
}
