package build

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A testReport is what a test action writes: the outcome of its tests, in
// JSON. An action that wrote one exits with 0 even where tests failed, since a
// hermetic failure is as good a result as any other.
type testReport struct {
	OK      bool `json:"ok"`
	Passed  int  `json:"passed"`
	Failed  int  `json:"failed"`
	Listed  int  `json:"listed"` // failed as the BUILD file says that they do
	Skipped int  `json:"skipped"`

	Failures       []testFailure `json:"failures"`
	UnlistedPasses []string      `json:"unlisted_passes"` // passed although they are listed as failing
	Outdated       []string      `json:"outdated"`        // what the BUILD file lists and nothing of which failed
	Log            string        `json:"log,omitempty"`
}

type testFailure struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}

// parseTestReport parses the report that a test action wrote.
func parseTestReport(data []byte) (*testReport, error) {
	r := &testReport{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("the test report is not the JSON that it should be: %w", err)
	}
	if r.OK && (r.Failed != 0 || len(r.Failures) != 0 || len(r.UnlistedPasses) != 0) {
		return nil, fmt.Errorf("the test report says ok and has failures: %d failed, %d failures described, %d listed tests that passed",
			r.Failed, len(r.Failures), len(r.UnlistedPasses))
	}
	return r, nil
}

// add adds the outcome of another part of the same test.
func (r *testReport) add(s *testReport) {
	r.OK = r.OK && s.OK
	r.Passed += s.Passed
	r.Failed += s.Failed
	r.Listed += s.Listed
	r.Skipped += s.Skipped
	r.Failures = append(r.Failures, s.Failures...)
	r.UnlistedPasses = append(r.UnlistedPasses, s.UnlistedPasses...)
	r.Outdated = append(r.Outdated, s.Outdated...)
	if r.Log != "" && s.Log != "" && !strings.HasSuffix(r.Log, "\n") {
		r.Log += "\n"
	}
	r.Log += s.Log
}

// summary returns the counts in words, as in "204 passed, 2 listed".
func (r *testReport) summary() string {
	var parts []string
	count := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	count(r.Passed, "passed")
	count(r.Failed, "failed")
	count(len(r.UnlistedPasses), "passed though listed as failing")
	count(r.Listed, "listed")
	count(r.Skipped, "skipped")
	if len(parts) == 0 {
		return "no tests"
	}
	return strings.Join(parts, ", ")
}
