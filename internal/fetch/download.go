package fetch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/store"
)

// backoffs are the pauses before the second and each further round.
var backoffs = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// A place is a URL or a package URL of a source. Its targets are the URLs that
// it comes to.
type place struct {
	name    string // the package URL, or empty
	locate  func(context.Context) ([]location, error)
	targets []*target // nil until they are known
	err     error     // why they are not known
}

// A target is one URL and what came of it.
type target struct {
	location
	err error
}

// download tries all places of s, one after the other. What failed in a way
// that may pass is tried again after all others, in a few rounds.
func (f *Fetcher) download(ctx context.Context, s Source) (d digest.Digest, err error) {
	staged, err := f.store.Stage(ctx, s.SHA256)
	if err != nil {
		return d, err
	}
	defer staged.Close()
	// Another process may have had it, and may have completed it.
	var notFound *store.NotFoundError
	if d, err := f.store.FindSHA256(ctx, s.SHA256); err == nil || !errors.As(err, &notFound) {
		return d, err
	}
	places := f.places(s)
	progress := &progress{sink: f.options.Events, name: s.name()}
	defer func() { progress.end(err) }()
	for round := 0; ; round++ {
		var pause time.Duration
		for _, p := range places {
			t := &transfer{client: f.client, maxSize: f.options.MaxSize, progress: progress, to: staged}
			ok, again := t.try(ctx, p)
			if ok {
				f.warn(s, places)
				return t.done, nil
			}
			if err := context.Cause(ctx); err != nil {
				return d, fmt.Errorf("downloading %s: %w", s.name(), err)
			}
			pause = max(pause, again)
		}
		if pause == 0 || round == len(backoffs) {
			return d, failure(s, places)
		}
		if err := f.sleep(ctx, max(pause, backoffs[round])); err != nil {
			return d, fmt.Errorf("downloading %s: %w", s.name(), err)
		}
	}
}

// warn tells which places had other content than they should, though another
// had the right one.
func (f *Fetcher) warn(s Source, places []*place) {
	for _, p := range places {
		for _, t := range p.targets {
			var wrong *HashError
			if errors.As(t.err, &wrong) {
				f.options.Events.Emit(event.Warning{Message: fmt.Sprintf("%s: %s: %v; another place had the right content", s.name(), t.location, t.err)})
			}
		}
	}
}

func (f *Fetcher) places(s Source) []*place {
	var places []*place
	for _, u := range s.URLs {
		places = append(places, &place{targets: []*target{{location: location{url: u}}}})
	}
	for _, raw := range s.PURLs {
		places = append(places, &place{name: raw, locate: func(ctx context.Context) ([]location, error) {
			p, err := parsePURL(raw)
			if err != nil {
				return nil, err
			}
			return f.clients.locate(ctx, p, s.SHA256)
		}})
	}
	return places
}

// try tries the targets of p that have not failed for good. It reports whether
// one of them had the content, or else for how long to wait before trying p
// again, 0 for never.
func (t *transfer) try(ctx context.Context, p *place) (ok bool, again time.Duration) {
	if p.targets == nil && mayRetry(p.err) {
		var locations []location
		if locations, p.err = p.locate(ctx); p.err != nil {
			return false, retryPause(p.err)
		}
		p.targets = []*target{}
		for _, l := range locations {
			p.targets = append(p.targets, &target{location: l})
		}
	}
	for _, target := range p.targets {
		if !mayRetry(target.err) {
			continue
		}
		if target.err = t.from(ctx, target.location); target.err == nil {
			return true, 0
		}
		if ctx.Err() != nil {
			return false, 0
		}
		again = max(again, retryPause(target.err))
	}
	return false, again
}

// mayRetry reports whether err is nil, so that nothing was tried yet, or
// transient.
func mayRetry(err error) bool {
	return err == nil || retryPause(err) > 0
}

// retryPause returns how long to wait at least before trying again what failed
// with err, 0 if there is no point in it.
func retryPause(err error) time.Duration {
	var t *transientError
	if errors.As(err, &t) {
		return max(t.after, 1)
	}
	return 0
}

// failure tells what came of each place.
func failure(s Source, places []*place) error {
	e := &DownloadError{Source: s}
	for _, p := range places {
		if p.err != nil {
			e.Failures = append(e.Failures, fmt.Errorf("%s: %w", p.name, p.err))
		}
		for _, t := range p.targets {
			if p.name == "" {
				e.Failures = append(e.Failures, fmt.Errorf("%s: %w", t.location, t.err))
			} else {
				e.Failures = append(e.Failures, fmt.Errorf("%s: %s: %w", p.name, t.location, t.err))
			}
		}
	}
	e.Hint = "check the network and the clients' configuration of mirrors (pip, npm, cargo, apt); without any network, " +
		"run `cowasm vendor DIR` on a machine that has one and pass --vendor_dir=DIR here"
	var wrong *HashError
	var other *otherFileError
	if errors.As(e, &wrong) || errors.As(e, &other) {
		e.Hint = "either the declared sha256 is wrong or a server has replaced the file; nothing was kept. " +
			"Find out which it is before you change the declaration"
	}
	return e
}

// progress tells the events of one source.
type progress struct {
	sink    event.Sink
	name    string
	begun   bool
	done    int64
	total   int64
	emitted int64
}

// progressStep is how many bytes lie between two events.
const progressStep = 128 << 10

func (p *progress) at(done, total int64) {
	if p.begun && total == p.total && done >= p.emitted && done-p.emitted < progressStep {
		p.done = done
		return
	}
	p.begun, p.done, p.total, p.emitted = true, done, total, done
	p.sink.Emit(event.FetchProgress{Name: p.name, Done: done, Total: total})
}

func (p *progress) end(err error) {
	if p.begun {
		p.sink.Emit(event.FetchProgress{Name: p.name, Done: p.done, Total: p.total, Ended: true, Err: err})
	}
}
