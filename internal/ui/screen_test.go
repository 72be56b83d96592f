package ui

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A screen is a terminal as far as the display needs one: it understands what
// repaint writes and fails on anything else.
type screen struct {
	columns, rows int
	lines         [][]rune // all lines since the start; the last rows are visible
	row, col      int      // row counts from the start of lines
	noWrap        bool
	writes        int
	err           error
}

func newScreen(columns, rows int) *screen {
	return &screen{columns: columns, rows: rows, lines: [][]rune{nil}}
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.writes++
	text := string(p)
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch r {
		case '\x1b':
			size = s.escape(text)
		case '\r':
			s.col = 0
		case '\n':
			s.down()
		default:
			s.put(r)
		}
		text = text[size:]
	}
	return len(p), s.err
}

// escape carries out the control sequence that text starts with and returns
// its length.
func (s *screen) escape(text string) int {
	end := strings.IndexFunc(text, func(r rune) bool { return 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z' }) + 1
	seq := text[:end]
	line := &s.lines[s.row]
	switch {
	case seq == eraseLine:
		if s.col < len(*line) {
			*line = (*line)[:s.col]
		}
	case seq == eraseBelow:
		if s.col < len(*line) {
			*line = (*line)[:s.col]
		}
		s.lines = s.lines[:s.row+1]
	case seq == wrapOff, seq == wrapOn:
		s.noWrap = seq == wrapOff
	case strings.HasSuffix(seq, "m"):
	case strings.HasSuffix(seq, "A"):
		n, err := strconv.Atoi(seq[2 : len(seq)-1])
		if err != nil {
			s.err = err
		}
		// A terminal cannot go above its first visible row.
		s.row = max(s.row-n, len(s.lines)-s.rows, 0)
	default:
		s.err = fmt.Errorf("control sequence %q", seq)
	}
	return end
}

func (s *screen) down() {
	if s.row++; s.row == len(s.lines) {
		s.lines = append(s.lines, nil)
	}
}

func (s *screen) put(r rune) {
	if s.col >= s.columns {
		if s.noWrap {
			s.col = s.columns - 1
		} else {
			s.col = 0
			s.down()
		}
	}
	line := &s.lines[s.row]
	for len(*line) <= s.col {
		*line = append(*line, ' ')
	}
	(*line)[s.col] = r
	s.col += columns(r)
}

// String returns everything that is on the screen or was scrolled off.
func (s *screen) String() string {
	var b strings.Builder
	for _, line := range s.lines {
		b.WriteString(strings.TrimRight(string(line), " ") + "\n")
	}
	return b.String()
}
