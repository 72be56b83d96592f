// Package catalogue is the table of packages: what each is, how large, and how
// many of its own tests pass. It is a page in Markdown that is written again
// from what was built, but for the figures that no build knows: those of the
// wheels that their authors publish are taken from the page as it was.
package catalogue

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Row is what the table says of a package. Sizes are in bytes; zero stands for
// not known.
type Row struct {
	Package string // below packages/, as in "six"
	Version string

	Bundle int64 // the archive
	Sdist  int64 // the source as it was published
	Wheel  int64 // what is in the wheel that its authors publish, unpacked

	Tested  bool // it has tests, which were run
	Passed  int
	Listed  int // failed, as the BUILD file says with the reason
	Skipped int // by their own decision

	Seconds float64 // of all actions from the source to the bundle
}

const preamble = `# Packages

Written by ` + "`cowasm packages docs/PACKAGES.md`" + `, which builds and tests all of them. Do not
change it by hand.

| column | where it comes from |
|---|---|
| version, bundle | ` + "`NAME.json`" + `, which is built beside each bundle |
| sdist | the source that was fetched, as its authors publish it |
| wheel | the files in the wheel that they publish, unpacked, as pip installs it: the one for any platform, else that for CPython 3.13 on Linux; as it was when the version came into this table |
| tests | the reports of the package's own tests, run on the bundle: passed, *listed* as failing in the BUILD file with the reason, and all, with those that skip themselves. Tests with the tag manual take long and are counted only where they were named |
| seconds | the execution log: all actions of the package together, from the archive to the bundle, when they were executed last; what it is built with is not included |

Sizes are in kB (1000 bytes).

| package | version | bundle | sdist | wheel | passed | listed | all | seconds |
|---|---|--:|--:|--:|--:|--:|--:|--:|
`

// columns is the number of columns.
const columns = 9

// Write returns the page with rows, sorted by package.
func Write(rows []Row) []byte {
	var b bytes.Buffer
	b.WriteString(preamble)
	sum := Row{Tested: true}
	wheels := true
	for _, r := range slices.SortedFunc(slices.Values(rows), func(a, b Row) int { return cmp.Compare(a.Package, b.Package) }) {
		writeRow(&b, r.Package, r.Version, r)
		sum.Bundle += r.Bundle
		sum.Sdist += r.Sdist
		sum.Wheel += r.Wheel
		sum.Passed += r.Passed
		sum.Listed += r.Listed
		sum.Skipped += r.Skipped
		sum.Seconds += r.Seconds
		wheels = wheels && r.Wheel > 0
	}
	if !wheels { // a sum without some of them would be wrong
		sum.Wheel = 0
	}
	writeRow(&b, fmt.Sprintf("all %d", len(rows)), "", sum)
	return b.Bytes()
}

func writeRow(b *bytes.Buffer, name, version string, r Row) {
	passed, listed, all := "", "", ""
	if r.Tested {
		passed, listed, all = strconv.Itoa(r.Passed), strconv.Itoa(r.Listed), strconv.Itoa(r.Passed+r.Listed+r.Skipped)
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s | %.1f |\n",
		name, version, kilobytes(r.Bundle), kilobytes(r.Sdist), kilobytes(r.Wheel), passed, listed, all, r.Seconds)
}

// kilobytes returns a size as the table has it: what is known is never nothing.
func kilobytes(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(max(0.1, float64(n)/1000), 'f', 1, 64)
}

// Read returns the rows of a page that Write returned, without the sum. Figures
// are as exact as the page has them.
func Read(page []byte) ([]Row, error) {
	var rows []Row
	body := false
	for i, line := range strings.Split(string(page), "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if strings.HasPrefix(line, "|---|---|--:") {
			body = true
			continue
		}
		if !body || !strings.HasPrefix(line, "|") || strings.HasPrefix(cells[0], "all ") {
			continue
		}
		row, err := readRow(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func readRow(line string) (Row, error) {
	cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), "|")
	if len(cells) != columns {
		return Row{}, fmt.Errorf("the row has %d cells, want %d", len(cells), columns)
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	r := Row{Package: cells[0], Version: cells[1], Tested: cells[5] != ""}
	var err error
	number := func(cell string) float64 {
		if cell == "" {
			return 0
		}
		f, parseErr := strconv.ParseFloat(cell, 64)
		if parseErr != nil || !(f >= 0 && f <= 1e12) {
			err = fmt.Errorf("%q is not a figure", cell)
		}
		return f
	}
	bytes := func(cell string) int64 { return int64(number(cell)*1000 + 0.5) }
	r.Bundle, r.Sdist, r.Wheel = bytes(cells[2]), bytes(cells[3]), bytes(cells[4])
	r.Passed, r.Listed = int(number(cells[5])), int(number(cells[6]))
	r.Skipped = int(number(cells[7])) - r.Passed - r.Listed
	r.Seconds = number(cells[8])
	return r, err
}
