package build

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/label"
)

// What is in the folder of a test: what the test printed, and its report
// without that.
const (
	testLog    = "test.log"
	testResult = "test.json"
)

// testFolder returns the host folder that shows what came of a test.
func testFolder(outDir string, l label.Label) string {
	return filepath.Join(outDir, "testlogs", filepath.FromSlash(l.Package), filepath.FromSlash(l.Name))
}

// writeTestLog writes the report and the log of a test and returns the path of
// the log relative to the workspace.
func (b *Builder) writeTestLog(l label.Label, report *testReport) (string, error) {
	folder := testFolder(b.OutDir, l)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", fmt.Errorf("making the folder for test logs: %w", err)
	}
	text := report.Log
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	log := filepath.Join(folder, testLog)
	if err := atomicfile.Write(log, []byte(text), 0o644); err != nil {
		return "", err
	}
	short := *report
	short.Log = ""
	data, err := json.MarshalIndent(short, "", " ")
	if err != nil {
		return "", err
	}
	if err := atomicfile.Write(filepath.Join(folder, testResult), append(data, '\n'), 0o644); err != nil {
		return "", err
	}
	return filepath.Rel(b.Root, log)
}

// OutdatedXfails returns what a BUILD file listed as failing when the test was
// last run and nothing of which failed. outDir is the folder of the workspace
// that shows what was built. It is nothing if the test was not run.
func OutdatedXfails(outDir string, l label.Label) ([]string, error) {
	path := filepath.Join(testFolder(outDir, l), testResult)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	report, err := parseTestReport(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return report.Outdated, nil
}
