package fetch

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
)

func TestVendor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "vendor")
	u := serveContent(t)
	six := Source{Name: "//packages/six:src", SHA256: hash, URLs: []string{u + "/six.tar.gz"}}
	missing := Source{Name: "//packages/none:src", SHA256: digest.Of(nil).Hash(), URLs: []string{refused(t)}}

	err := newFetcher(t, Options{}).Vendor(t.Context(), dir, []Source{six, missing})
	wantError(t, err, "cannot download //packages/none:src")

	var index []indexed
	data, err := os.ReadFile(filepath.Join(dir, vendorIndex))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &index); err != nil {
		t.Fatal(err)
	}
	want := []indexed{{SHA256: hash, Size: int64(len(content)), Name: "//packages/six:src", URLs: []string{u + "/six.tar.gz"}}}
	if diff := cmp.Diff(want, index); diff != "" {
		t.Errorf("index (-want +got):\n%s", diff)
	}

	offline := newFetcher(t, Options{Offline: true, VendorDir: dir})
	d, err := offline.Fetch(t.Context(), six)
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, offline, d)
	_, err = offline.Fetch(t.Context(), missing)
	wantError(t, err, "source //packages/none:src", missing.SHA256, "--offline", "cowasm vendor DIR", "--vendor_dir=DIR")
}

func TestVendorAdds(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b", "a", "b"} {
		data := []byte(name)
		f := newFetcher(t, Options{})
		if _, err := f.store.Put(t.Context(), data); err != nil {
			t.Fatal(err)
		}
		s := Source{Name: name, SHA256: digest.Of(data).Hash(), URLs: []string{"https://example.invalid/" + name}}
		if err := f.Vendor(t.Context(), dir, []Source{s}); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, vendorIndex))
	if err != nil {
		t.Fatal(err)
	}
	var index []indexed
	if err := json.Unmarshal(data, &index); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range index {
		names = append(names, e.Name)
	}
	if diff := cmp.Diff([]string{"a", "b"}, names); diff != "" {
		t.Errorf("names in the index (-want +got):\n%s", diff)
	}
}

func TestDamagedVendor(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, hash)
	if err := os.WriteFile(file, content[:1000], 0o666); err != nil {
		t.Fatal(err)
	}
	s := Source{Name: "six", SHA256: hash, URLs: []string{serveContent(t)}}

	_, err := newFetcher(t, Options{Offline: true, VendorDir: dir}).Fetch(t.Context(), s)
	wantError(t, err, file, "its sha256 is "+digest.Of(content[:1000]).Hash())

	var events eventLog
	f := newFetcher(t, Options{VendorDir: dir, Events: &events})
	d, err := f.Fetch(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, f, d)
	if w, ok := events.all[0].(event.Warning); !ok {
		t.Errorf("the first event is %v, want a warning about %s", events.all[0], file)
	} else {
		wantError(t, errorString(w.Message), file)
	}
}

type errorString string

func (e errorString) Error() string { return string(e) }
