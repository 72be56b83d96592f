package patch

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The modes that git gives to files.
const (
	modeFile       = "100644"
	modeExecutable = "100755"
)

// A parser reads the lines of a patch.
type parser struct {
	lines [][]byte // with their ends
	next  int
}

// Parse returns the changes of a patch, in order. Text around them, such as a
// commit message, is passed over.
func Parse(text []byte) ([]*Change, error) {
	p := &parser{lines: bytes.SplitAfter(text, []byte("\n"))}
	var changes []*Change
	for p.next < len(p.lines) {
		c, err := p.change()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", min(p.next+1, len(p.lines)), err)
		}
		if c != nil {
			changes = append(changes, c)
		}
	}
	if len(changes) == 0 {
		return nil, errors.New("there is no change in it")
	}
	return changes, nil
}

// line returns the line n after the next one, without its end.
func (p *parser) line(n int) string {
	if p.next+n >= len(p.lines) {
		return ""
	}
	return strings.TrimRight(string(p.lines[p.next+n]), "\r\n")
}

// atHeader reports whether the next lines name the files of a change.
func (p *parser) atHeader() bool {
	return strings.HasPrefix(p.line(0), "--- ") && strings.HasPrefix(p.line(1), "+++ ")
}

// change parses a change that begins at the next line. If none begins there, it
// passes over the line and returns nil.
func (p *parser) change() (*Change, error) {
	var c *Change
	var err error
	if strings.HasPrefix(p.line(0), "diff --git ") {
		if c, err = p.gitHeader(); err != nil {
			return nil, err
		}
	}
	if p.atHeader() {
		if c, err = p.header(c); err != nil {
			return nil, err
		}
		return c, p.hunks(c)
	}
	if c == nil {
		p.next++
	}
	return c, nil
}

// gitHeader parses git's lines about a file, which come before its names. They
// alone are enough for a change that touches no line.
func (p *parser) gitHeader() (*Change, error) {
	c := &Change{}
	both, err := gitPath(p.line(0))
	if err != nil {
		return nil, err
	}
	c.Old, c.New = both, both
	for p.next++; ; p.next++ {
		key, value := gitField(p.line(0))
		switch key {
		case "old mode", "index", "similarity index", "dissimilarity index":
		case "new mode":
			c.mode = value
		case "new file mode":
			c.mode, c.Old = value, ""
		case "deleted file mode":
			c.New = ""
		case "rename from":
			c.Old, err = cleanPath(value)
		case "rename to":
			c.New, err = cleanPath(value)
		case "copy from", "GIT binary patch", "Binary files":
			err = fmt.Errorf("%q is not supported in a patch", key)
		default:
			if c.mode != "" && c.mode != modeFile && c.mode != modeExecutable {
				return nil, fmt.Errorf("mode %q is not supported in a patch", c.mode)
			}
			if c.Old == "" && c.New == "" {
				return nil, errors.New("the change does not say which file it is about")
			}
			return c, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

var gitFields = []string{
	"old mode", "new mode", "new file mode", "deleted file mode", "index", "similarity index",
	"dissimilarity index", "rename from", "rename to", "copy from", "GIT binary patch", "Binary files",
}

func gitField(line string) (key, value string) {
	for _, key := range gitFields {
		if rest, ok := strings.CutPrefix(line, key); ok && (rest == "" || rest[0] == ' ') {
			return key, strings.TrimSpace(rest)
		}
	}
	return "", ""
}

// gitPath returns the path in "diff --git a/PATH b/PATH", or "" if the two
// differ, in which case other lines tell them.
func gitPath(line string) (string, error) {
	rest := strings.TrimPrefix(line, "diff --git ")
	a, b, ok := strings.Cut(rest, " ")
	if n := len(rest) / 2; len(rest)%2 == 1 && rest[n] == ' ' {
		a, b, ok = rest[:n], rest[n+1:], true // the path itself may have spaces
	}
	if !ok {
		return "", fmt.Errorf("%q does not name two files", line)
	}
	from, err := diffPath(a)
	if err != nil {
		return "", err
	}
	to, err := diffPath(b)
	if err != nil || from != to {
		return "", err
	}
	return from, nil
}

// header parses the two lines that name the files; git's lines have given c, or
// nil if there were none.
func (p *parser) header(c *Change) (*Change, error) {
	from, err := diffPath(p.line(0)[4:])
	if err != nil {
		return nil, err
	}
	p.next++
	to, err := diffPath(p.line(0)[4:])
	if err != nil {
		return nil, err
	}
	p.next++
	switch {
	case from == "" && to == "":
		return nil, errors.New("the change is from no file to no file")
	case c == nil && from != "" && to != "" && from != to:
		return nil, fmt.Errorf("the change names two files, %s and %s", from, to)
	case c == nil:
		return &Change{Old: from, New: to}, nil
	case c.Old != from && c.Old != "", c.New != to && c.New != "":
		return nil, fmt.Errorf("the change names different files, %q and %q here", from, to)
	}
	c.Old, c.New = from, to
	return c, nil
}

// diffPath returns the path that a diff writes as "a/PATH", perhaps quoted,
// perhaps with a time after a tab; "" stands for /dev/null.
func diffPath(s string) (string, error) {
	if strings.HasPrefix(s, `"`) {
		quoted, err := strconv.QuotedPrefix(s)
		if err == nil {
			s, err = strconv.Unquote(quoted)
		}
		if err != nil {
			return "", fmt.Errorf("path %s is wrongly quoted", s)
		}
	} else {
		s, _, _ = strings.Cut(s, "\t")
	}
	if s == "/dev/null" {
		return "", nil
	}
	_, p, ok := strings.Cut(s, "/")
	if !ok {
		return "", fmt.Errorf("path %q has no first folder to leave out, as in a/%s", s, s)
	}
	return cleanPath(p)
}

// cleanPath refuses paths that do not stay inside the tree.
func cleanPath(p string) (string, error) {
	for part := range strings.SplitSeq(p, "/") {
		if part == "" || part == "." || part == ".." || strings.Contains(part, "\x00") {
			return "", fmt.Errorf("path %q is not a clean relative path", p)
		}
	}
	return p, nil
}

var hunkHeader = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// hunks parses the hunks of c.
func (p *parser) hunks(c *Change) error {
	for strings.HasPrefix(p.line(0), "@@ ") {
		h, err := p.hunk()
		if err != nil {
			return err
		}
		if c.Old == "" && len(h.old) > 0 {
			return errors.New("the file is new, but the hunk has old lines")
		}
		c.hunks = append(c.hunks, h)
	}
	if len(c.hunks) == 0 {
		return errors.New("the change has no hunk")
	}
	// A wrong count would otherwise cut a hunk short without a word.
	if line := p.line(0); line != "" && strings.ContainsRune(" +-\\", rune(line[0])) && !p.atHeader() && line != "-- " {
		return fmt.Errorf("the hunk before has more lines than its header says")
	}
	return nil
}

func (p *parser) hunk() (hunk, error) {
	m := hunkHeader.FindStringSubmatch(p.line(0))
	if m == nil {
		return hunk{}, fmt.Errorf("%.80q is not the header of a hunk", p.line(0))
	}
	h := hunk{line: p.next + 1}
	start, oldCount, err := lineRange(m[1], m[2])
	if err != nil {
		return h, err
	}
	_, newCount, err := lineRange(m[3], m[4])
	if err != nil {
		return h, err
	}
	// Of an empty range, the header names the line before.
	h.start = start
	if oldCount > 0 {
		h.start--
	}
	if h.start < 0 {
		return h, errors.New("the hunk starts before the first line")
	}
	p.next++
	for len(h.old) < oldCount || len(h.new) < newCount {
		if err := p.hunkLine(&h); err != nil {
			return h, err
		}
	}
	if len(h.old) > oldCount || len(h.new) > newCount {
		return h, errors.New("the hunk has more lines than its header says")
	}
	if strings.HasPrefix(p.line(0), `\`) {
		return h, p.hunkLine(&h)
	}
	return h, nil
}

// hunkLine parses a line of a hunk.
func (p *parser) hunkLine(h *hunk) error {
	if p.next >= len(p.lines) || len(p.lines[p.next]) == 0 {
		return errors.New("the patch ends in the middle of a hunk")
	}
	line := p.lines[p.next]
	if line[0] != '\\' && line[len(line)-1] != '\n' {
		return errors.New("the patch ends in the middle of a line")
	}
	content := line[1:]
	switch line[0] {
	case ' ':
		h.old, h.new = append(h.old, content), append(h.new, content)
	case '-':
		h.old = append(h.old, content)
	case '+':
		h.new = append(h.new, content)
	case '\\':
		if err := p.noNewline(h); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%.80q is not a line of a hunk: it begins with none of space, + and -", bytes.TrimRight(line, "\r\n"))
	}
	p.next++
	return nil
}

// noNewline takes the newline off the line before, which says that the file
// ends without one.
func (p *parser) noNewline(h *hunk) error {
	cut := func(lines [][]byte) {
		last := &lines[len(lines)-1]
		*last = bytes.TrimSuffix(*last, []byte("\n"))
	}
	switch before := p.lines[p.next-1]; before[0] {
	case ' ':
		cut(h.old)
		cut(h.new)
	case '-':
		cut(h.old)
	case '+':
		cut(h.new)
	default:
		return errors.New("the line says of no line that it has no newline")
	}
	return nil
}

func lineRange(start, count string) (int, int, error) {
	s, err := strconv.Atoi(start)
	n := 1
	if err == nil && count != "" {
		n, err = strconv.Atoi(count)
	}
	const most = 1 << 30
	if err != nil || s > most || n > most {
		return 0, 0, fmt.Errorf("line numbers %s,%s are too large", start, count)
	}
	return s, n, nil
}
