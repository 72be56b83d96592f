package ui

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// A style colours text, or leaves it as it is if false.
type style bool

func (s style) sgr(code, text string) string {
	if !s {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[m"
}

func (s style) bold(t string) string   { return s.sgr("1", t) }
func (s style) red(t string) string    { return s.sgr("1;31", t) }
func (s style) green(t string) string  { return s.sgr("32", t) }
func (s style) yellow(t string) string { return s.sgr("33", t) }

// clean makes text of unknown origin safe to show: control characters, which
// could move the cursor or retitle the terminal, are shown as their escapes,
// and so are bytes that are not UTF-8. Line breaks and tabs stay.
func clean(s string) string {
	harmless := func(r rune) bool {
		return r == '\n' || r == '\t' || r != utf8.RuneError && !unicode.Is(unicode.C, r)
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if strings.IndexFunc(s, func(r rune) bool { return !harmless(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case harmless(r), strings.HasPrefix(s[i:], "\uFFFD"):
			b.WriteRune(r)
		case r == utf8.RuneError:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// columns returns how many columns of a terminal r takes.
func columns(r rune) int {
	if unicode.Is(unicode.Mn, r) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// truncate shortens one line to at most n columns.
func truncate(s string, n int) string {
	used, fits := 0, 0 // columns; bytes that leave room for the ellipsis
	for i, r := range s {
		if used <= n-1 {
			fits = i
		}
		if used += columns(r); used > n {
			return s[:fits] + "…"
		}
	}
	return s
}

// Duration returns d as people say it: "0.3s", "12s", "2m05s", "1h02m".
func Duration(d time.Duration) string {
	if d < 9950*time.Millisecond {
		return fmt.Sprintf("%.1fs", max(0, d).Seconds())
	}
	switch d = d.Round(time.Second); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

// roughly returns an estimate of time without false precision.
func roughly(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return "10s"
	case d < time.Minute:
		return fmt.Sprintf("%ds", (int(d.Seconds())+9)/10*10)
	case d < 90*time.Minute:
		return fmt.Sprintf("%dm", int((d+time.Minute-1)/time.Minute))
	}
	return fmt.Sprintf("%dh", int((d+30*time.Minute)/time.Hour))
}

// Size returns a number of bytes in decimal units, as in "3.9 MB".
func Size(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	f, unit := float64(n)/1000, 0
	for units := "kMGTPE"; f >= 999.95 && unit < len(units)-1; unit++ {
		f /= 1000
	}
	return fmt.Sprintf("%.1f %cB", f, "kMGTPE"[unit])
}
