package ui

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// maxItems is how many running things the live display lists at most.
const maxItems = 12

// Control sequences of ECMA-48, and the private modes of the VT100 for
// wrapping at the right margin.
const (
	eraseLine  = "\x1b[K" // to the end of the line
	eraseBelow = "\x1b[J" // to the end of the screen
	wrapOff    = "\x1b[?7l"
	wrapOn     = "\x1b[?7h"
)

// live returns the lines of the live display, which fit into the terminal.
func (d *Display) live(now time.Time, columns, rows int) string {
	if columns <= 0 || rows <= 0 {
		columns, rows = 80, 24
	}
	s := &d.state
	header := d.header(now)
	var items []string
	item := func(since time.Time, format string, args ...any) {
		items = append(items, fmt.Sprintf("%6s  ", Duration(now.Sub(since)))+fmt.Sprintf(format, args...))
	}
	for _, m := range s.modules {
		item(m.since, "translating %s to machine code (once per machine)", clean(m.path))
	}
	for _, dl := range s.downloads {
		item(dl.since, "downloading %s", dl.describe())
	}
	for _, t := range s.running {
		item(t.since, "%s", t.describe())
	}
	// One row stays free, for the cursor of a shell or a line above.
	room := max(0, min(maxItems, rows-2))
	if len(items) > room {
		hidden := len(items) - max(0, room-1)
		items = items[:len(items)-hidden]
		if room > 0 {
			items = append(items, fmt.Sprintf("        and %d more", hidden))
		}
	}
	lines := []string{d.style.bold(truncate(header, columns))}
	for _, i := range items {
		lines = append(lines, truncate(i, columns))
	}
	return strings.Join(lines, "\n")
}

// header returns the first line: what matters most first, since a narrow
// terminal cuts off the rest.
func (d *Display) header(now time.Time) string {
	s := &d.state
	elapsed := Duration(now.Sub(s.began))
	if s.total == 0 && s.done() == 0 {
		return "Loading and analysing, " + elapsed
	}
	parts := []string{fmt.Sprintf("%s %s", s.counter(), elapsed)}
	if left := s.left(now); left > 0 {
		parts = append(parts, "about "+roughly(left)+" left")
	}
	if n := len(s.running); n > 0 {
		parts = append(parts, fmt.Sprintf("%d running", n))
	}
	if s.cached > 0 {
		parts = append(parts, fmt.Sprintf("%d cached", s.cached))
	}
	if s.failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", s.failed))
	}
	return strings.Join(parts, ", ")
}

func (dl download) describe() string {
	p := dl.progress
	if p.Total <= 0 {
		return fmt.Sprintf("%s: %s", clean(p.Name), Size(p.Done))
	}
	return fmt.Sprintf("%s: %s of %s (%d%%)", clean(p.Name), Size(p.Done), Size(p.Total), 100*min(p.Done, p.Total)/p.Total)
}

// repaint returns the bytes that turn what is on the screen into the pending
// lines followed by frame. Lines are overwritten and only then erased to their
// end, so nothing flickers. The cursor stays at the end of the frame, without
// a line break, so that an ordinary frame never scrolls the screen.
func (d *Display) repaint(frame string) []byte {
	var b bytes.Buffer
	if d.height > 0 {
		b.WriteByte('\r')
		if d.height > 1 {
			fmt.Fprintf(&b, "\x1b[%dA", d.height-1)
		}
	}
	for line := range bytes.Lines(d.pending.Bytes()) {
		b.Write(bytes.TrimSuffix(line, []byte("\n")))
		b.WriteString(eraseLine + "\r\n")
	}
	d.frame, d.height = frame, 0
	if frame != "" {
		b.WriteString(wrapOff)
		for i, line := range strings.Split(frame, "\n") {
			if i > 0 {
				b.WriteString("\r\n")
			}
			b.WriteString(line + eraseLine)
			d.height++
		}
		b.WriteString(wrapOn)
	}
	b.WriteString(eraseBelow)
	return b.Bytes()
}
