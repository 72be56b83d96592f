package build

import (
	"context"
	"fmt"
	"time"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/analysis"
)

// A TestSummary says what came of Test.
type TestSummary struct {
	Tests    []TestResult       // sorted by label
	Failures []*execute.Failure // of actions that could not give a report
	Built    int                // targets of the patterns that are not tests and were built
}

// A TestResult is a test target and what came of it.
type TestResult struct {
	Label    label.Label
	Ran      bool // the test gave a report
	Passed   bool
	Cached   bool
	Cases    Cases         // how many of which kind
	Summary  string        // the same in words, as in "204 passed, 2 listed"
	Failures []TestFailure // what did not go as it should
	Duration time.Duration // of all of its actions, cached ones included
	Log      string        // host path of the whole log, relative to the workspace
}

// Cases counts the cases of a test.
type Cases struct {
	Passed  int
	Failed  int // though they are not listed as failing
	Listed  int // failed as the BUILD file says
	Skipped int
}

// A TestFailure is a test case that did not do what the BUILD file says.
type TestFailure struct {
	ID      string
	Message string
}

// Test builds the targets that match the patterns and runs those that are
// tests. A failure does not keep other tests from running.
func (b *Builder) Test(ctx context.Context, patterns []label.Pattern) (*TestSummary, error) {
	targets, err := b.analyse(ctx, patterns)
	if err != nil {
		return nil, err
	}
	summary := &TestSummary{}
	var roots []*action.Artifact
	for _, t := range targets {
		if t.Test == nil {
			summary.Built++
			roots = append(roots, t.Files...)
		} else {
			roots = append(roots, t.Test.Reports...)
		}
	}
	err = b.execute(ctx, len(targets), roots, true, func(outcome *execute.Outcome) error {
		summary.Failures, summary.Tests = outcome.Failures, nil
		for _, t := range targets {
			if t.Test == nil {
				continue
			}
			result, err := b.judge(ctx, t, outcome)
			if err != nil {
				return err
			}
			summary.Tests = append(summary.Tests, result)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, result := range summary.Tests {
		b.Events.Emit(event.TestFinished{
			Label: result.Label, Passed: result.Passed, Cached: result.Cached,
			Summary: result.Summary, Duration: result.Duration, Log: result.Log,
		})
	}
	return summary, nil
}

// judge reads the reports of a test target and writes its log.
func (b *Builder) judge(ctx context.Context, t *analysis.Target, outcome *execute.Outcome) (result TestResult, err error) {
	result = TestResult{Label: t.Label, Cached: true}
	total := &testReport{OK: true}
	for _, a := range t.Test.Reports {
		out, ok := outcome.Output(a)
		if !ok {
			result.Cached = false
			result.Summary = "could not be run"
			return result, nil
		}
		data, err := b.Store.Get(ctx, out.Digest)
		if err != nil {
			return result, fmt.Errorf("%s: reading its report: %w", t.Label, err)
		}
		part, err := parseTestReport(data)
		if err != nil {
			return result, fmt.Errorf("%s: %s: %w", t.Label, a.Path, err)
		}
		total.add(part)
		finished := outcome.Steps[a.Producer]
		result.Cached = result.Cached && finished.Result.Cached
		result.Duration += finished.Result.Duration
	}
	result.Ran = true
	result.Passed = total.OK
	result.Cases = Cases{Passed: total.Passed, Failed: total.Failed, Listed: total.Listed, Skipped: total.Skipped}
	result.Summary = total.summary()
	for _, f := range total.Failures {
		result.Failures = append(result.Failures, TestFailure(f))
	}
	for _, id := range total.UnlistedPasses {
		result.Failures = append(result.Failures, TestFailure{ID: id,
			Message: "passed, but the BUILD file lists it as failing; remove it from the list"})
	}
	result.Log, err = b.writeTestLog(t.Label, total)
	return result, err
}
