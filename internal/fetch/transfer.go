package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// maxCuts is how often one download is resumed, each time with some progress.
const maxCuts = 20

// A transfer is a download from one location, hashed while it comes and resumed
// when it is cut.
type transfer struct {
	client   *client
	loc      location
	maxSize  int64
	progress *progress

	data      bytes.Buffer
	hash      hash.Hash
	kind      string // media type
	validator string // what If-Range sends, or empty
	resumed   bool
	noRange   bool // ranges of this location do not work
}

// restart drops what has come so far.
func (t *transfer) restart() {
	t.data.Reset()
	t.hash = sha256.New()
	t.resumed = false
}

func (t *transfer) run(ctx context.Context) error {
	if t.hash == nil {
		t.restart()
	}
	for cuts := 0; ; cuts++ {
		had := t.data.Len()
		err := t.once(ctx)
		var transient *transientError
		if err == nil || !errors.As(err, &transient) || ctx.Err() != nil {
			return err
		}
		if t.data.Len() <= had || cuts == maxCuts {
			return err
		}
	}
}

// once sends one request and takes what comes.
func (t *transfer) once(ctx context.Context) error {
	ctx, wrap, stop := t.client.guard(ctx)
	defer stop()
	if t.noRange {
		t.restart()
	}
	resp, err := t.request(ctx)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	total := int64(-1)
	if resp.ContentLength >= 0 {
		total = int64(t.data.Len()) + resp.ContentLength
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
// there, which request drops if the server sends everything again.
func (t *transfer) request(ctx context.Context) (*http.Response, error) {
	have := t.data.Len()
	if have == 0 {
		resp, err := t.client.get(ctx, t.loc, nil, http.StatusOK)
		if err == nil {
			t.validator = validator(resp.Header)
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
	switch {
	case resp.StatusCode == http.StatusOK:
		t.restart()
		t.validator = validator(resp.Header)
	case resp.StatusCode == http.StatusPartialContent && rangeStart(resp.Header) == have:
		t.resumed = true
	default:
		resp.Body.Close()
		t.noRange = true
		return nil, &transientError{err: errors.New("the server does not continue the download where it was cut")}
	}
	return resp, nil
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
func rangeStart(h http.Header) int {
	r, ok := strings.CutPrefix(h.Get("Content-Range"), "bytes ")
	first, _, dash := strings.Cut(r, "-")
	n, err := strconv.Atoi(first)
	if !ok || !dash || err != nil {
		return -1
	}
	return n
}

func (t *transfer) receive(ctx context.Context, body io.Reader, total int64) error {
	buf := make([]byte, 64<<10)
	t.progress.at(int64(t.data.Len()), total)
	for {
		n, err := body.Read(buf)
		if int64(t.data.Len()+n) > t.maxSize {
			return t.tooLarge()
		}
		t.data.Write(buf[:n])
		t.hash.Write(buf[:n])
		t.progress.at(int64(t.data.Len()), total)
		if err == io.EOF {
			return nil
		}
		if err == io.ErrUnexpectedEOF {
			err = fmt.Errorf("the connection was cut after %d bytes", t.data.Len())
		}
		if err != nil {
			return t.client.explain(ctx, err)
		}
	}
}

func (t *transfer) tooLarge() error {
	return fmt.Errorf("is larger than the allowed %d bytes", t.maxSize)
}
