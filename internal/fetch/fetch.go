// Package fetch turns pinned sources into verified content in the store.
//
// A source is named by its SHA-256 hash, which is all that decides what it is.
// Where to get it is told by upstream URLs and by package URLs (purl), which
// are resolved through the configuration of the ordinary clients (pip, npm,
// cargo, apt), so that a company's mirrors are used without further ado. These
// package URLs can be resolved:
//
//	pkg:pypi/NAME@VERSION               the sdist
//	  ?file_name=FILE                   another file of the release, as a wheel
//	pkg:npm/[%40SCOPE/]NAME@VERSION     the package's tarball
//	pkg:cargo/NAME@VERSION              the .crate file
//	pkg:deb/debian/SOURCE@VERSION       the original tarball of a source package
//	  ?file_name=FILE                   another file of the source package
//	  ?arch=source                      says what is meant anyway
//
// If an index tells the hashes of its files, the file is found by its hash,
// whatever its name is.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/store"
)

// A Source is content and where to get it.
type Source struct {
	Name   string   // as users know it, as in "//packages/six:src"; may be empty
	SHA256 string   // in lower-case hexadecimal
	URLs   []string // http and https
	PURLs  []string // of the forms above
}

// name returns what to call s in a message.
func (s Source) name() string {
	switch {
	case s.Name != "":
		return s.Name
	case len(s.PURLs) > 0:
		return s.PURLs[0]
	case len(s.URLs) > 0:
		u, err := url.Parse(s.URLs[0])
		if err == nil && path.Base(u.Path) != "." && path.Base(u.Path) != "/" {
			return path.Base(u.Path)
		}
	}
	return "sha256:" + s.SHA256
}

// Check reports why s cannot be fetched anywhere.
func (s Source) Check() error {
	var errs diag.List
	if _, err := digest.ParseHash(s.SHA256); err != nil {
		errs = append(errs, err)
	}
	for _, raw := range s.URLs {
		if err := checkURL(raw); err != nil {
			errs = append(errs, err)
		}
	}
	for _, raw := range s.PURLs {
		if _, err := parsePURL(raw); err != nil {
			errs = append(errs, err)
		}
	}
	if len(s.URLs)+len(s.PURLs) == 0 {
		errs = append(errs, diag.Errorf(diag.Position{}, "no url and no purl says where to get it").
			WithHint(`add purl = "pkg:pypi/NAME@VERSION", or urls = ["https://..."]`))
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("source %s: %w", s.name(), errs.Err())
}

func checkURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return fmt.Errorf("url %q: %w", raw, errors.Unwrap(err))
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("url %q does not begin with http:// or https://", raw)
	case u.Host == "":
		return fmt.Errorf("url %q has no host", raw)
	}
	return nil
}

// Options are what a user may set.
type Options struct {
	Offline   bool   // use the store and the vendor folder only
	VendorDir string // a folder that Vendor wrote, looked into before the network; may be empty
	Workspace string // folder whose .npmrc and .cargo/config.toml count; may be empty
	MaxSize   int64  // bytes that a download may have; 0 stands for 2 GiB
	Events    event.Sink
}

const defaultMaxSize = 2 << 30

// A Fetcher fetches sources. Its methods may be called from several goroutines
// at once.
type Fetcher struct {
	store   *store.Disk
	options Options
	client  *client
	clients clients
	flights singleflight.Group
	sleep   func(context.Context, time.Duration) error
}

// New returns a Fetcher that keeps what it fetches in s.
func New(s *store.Disk, options Options) *Fetcher {
	if options.MaxSize == 0 {
		options.MaxSize = defaultMaxSize
	}
	if options.Events == nil {
		options.Events = event.Discard
	}
	c := newClient()
	return &Fetcher{
		store:   s,
		options: options,
		client:  c,
		clients: newClients(c, options.Workspace),
		sleep:   sleep,
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Fetch makes sure that the content of s is in the store and returns its
// digest. It looks into the store, the vendor folder, the URLs and the package
// URLs, in this order, and stops at the first that has the right content.
func (f *Fetcher) Fetch(ctx context.Context, s Source) (digest.Digest, error) {
	if err := s.Check(); err != nil {
		return digest.Digest{}, err
	}
	for {
		v, err, shared := f.flights.Do(s.SHA256, func() (any, error) { return f.fetch(ctx, s) })
		if shared && err != nil && ctx.Err() == nil && isCancelled(err) {
			continue // whoever was first has given up, but we have not
		}
		d, _ := v.(digest.Digest)
		return d, err
	}
}

func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (f *Fetcher) fetch(ctx context.Context, s Source) (digest.Digest, error) {
	d, err := f.Local(ctx, s)
	var notLocal *NotLocalError
	if err == nil || !errors.As(err, &notLocal) {
		return d, err
	}
	if f.options.Offline {
		return d, (&diag.Error{Msg: err.Error() + ", and --offline forbids to download it", Err: err}).WithHint(
			"run the same command once without --offline; or, on a machine with a network, run " +
				"`cowasm vendor DIR` and then pass --vendor_dir=DIR here")
	}
	if notLocal.Reason != "" {
		f.options.Events.Emit(event.Warning{Message: err.Error()})
	}
	return f.download(ctx, s)
}

// Local is Fetch without any network. The error is a NotLocalError if s is
// neither in the store nor in the vendor folder.
func (f *Fetcher) Local(ctx context.Context, s Source) (digest.Digest, error) {
	d, err := f.store.FindSHA256(ctx, s.SHA256)
	var notFound *store.NotFoundError
	if err == nil || !errors.As(err, &notFound) {
		return d, err
	}
	if f.options.VendorDir == "" {
		return d, &NotLocalError{Source: s}
	}
	return f.fromVendor(ctx, s)
}

// A NotLocalError says that a source is not on this machine.
type NotLocalError struct {
	Source Source
	Reason string // why a file that is there cannot be used, or empty
}

func (e *NotLocalError) Error() string {
	msg := fmt.Sprintf("source %s (sha256 %s) is not on this machine", e.Source.name(), e.Source.SHA256)
	if e.Reason != "" {
		msg += ": " + e.Reason
	}
	return msg
}

// A DownloadError says that none of the places of a source had it.
type DownloadError struct {
	Source   Source
	Failures []error // one for each place, in the order in which they were tried
	Hint     string
}

func (e *DownloadError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cannot download %s (sha256 %s):", e.Source.name(), e.Source.SHA256)
	for _, err := range e.Failures {
		fmt.Fprintf(&b, "\n\t%v", err)
	}
	fmt.Fprintf(&b, "\n\thint: %s", e.Hint)
	return b.String()
}

// Unwrap returns the failures, for errors.Is and errors.As.
func (e *DownloadError) Unwrap() []error { return e.Failures }
