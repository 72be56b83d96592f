package build

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTestReport(t *testing.T) {
	for _, test := range []struct {
		name, data string
		summary    string // or
		err        string
	}{
		{"passed", `{"ok": true, "passed": 3}`, "3 passed", ""},
		{"everything", `{"ok": false, "passed": 3, "failed": 1, "listed": 2, "skipped": 4, "unlisted_passes": ["t"]}`,
			"3 passed, 1 failed, 1 passed though listed as failing, 2 listed, 4 skipped", ""},
		{"nothing", `{"ok": true}`, "no tests", ""},
		{"not JSON", `Traceback`, "", "not the JSON"},
		{"ok with failures", `{"ok": true, "failed": 1}`, "", "says ok and has failures"},
		{"ok with an unlisted pass", `{"ok": true, "unlisted_passes": ["t"]}`, "", "says ok and has failures"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := parseTestReport([]byte(test.data))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error is %v, want one that contains %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := r.summary(); got != test.summary {
				t.Errorf("summary is %q, want %q", got, test.summary)
			}
		})
	}
}

func TestAddTestReports(t *testing.T) {
	total := &testReport{OK: true}
	total.add(&testReport{OK: true, Passed: 2, Skipped: 1, Log: "one"})
	total.add(&testReport{Failed: 1, Listed: 1, Failures: []testFailure{{"id", "why"}}, Log: "two"})
	want := &testReport{Passed: 2, Failed: 1, Listed: 1, Skipped: 1, Failures: []testFailure{{"id", "why"}}, Log: "one\ntwo"}
	if diff := cmp.Diff(want, total); diff != "" {
		t.Errorf("sum of reports (-want +got):\n%s", diff)
	}
}

func FuzzParseTestReport(f *testing.F) {
	f.Add([]byte(`{"ok": true, "passed": 3, "failures": [{"id": "a", "message": "b"}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := parseTestReport(data); err == nil && r.OK && r.Failed > 0 {
			t.Errorf("%q is ok and has failures", data)
		}
	})
}
