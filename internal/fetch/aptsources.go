package fetch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// aptDir is where apt's sources are, on every machine that has apt.
const aptDir = "/etc/apt"

// aptMirrors returns the URLs of the mirrors with a component main, each once,
// in apt's order. See sources.list(5).
func aptMirrors(dir string) ([]string, error) {
	files := []string{filepath.Join(dir, "sources.list")}
	parts, err := os.ReadDir(filepath.Join(dir, "sources.list.d"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("apt's sources: %w", err)
	}
	for _, e := range parts {
		files = append(files, filepath.Join(dir, "sources.list.d", e.Name()))
	}
	var mirrors []string
	for _, file := range files {
		parse := parseSourcesList
		switch filepath.Ext(file) {
		case ".list":
		case ".sources":
			parse = parseDeb822
		default:
			continue // apt ignores it, too
		}
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("apt's sources: %w", err)
		}
		for _, uri := range parse(string(data)) {
			for _, m := range expandMirror(uri) {
				if checkURL(m) == nil && !slices.Contains(mirrors, m) {
					mirrors = append(mirrors, m)
				}
			}
		}
	}
	return mirrors, nil
}

// expandMirror returns the mirrors that a URI stands for: itself, or those that
// a local mirror list has, one at the begin of each line. See apt-transport-mirror(1).
func expandMirror(uri string) []string {
	list, ok := strings.CutPrefix(uri, "mirror+file:")
	if !ok {
		return []string{uri}
	}
	data, err := os.ReadFile(filepath.Clean(list))
	if err != nil {
		return nil // of no use to apt either
	}
	var mirrors []string
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 0 {
			mirrors = append(mirrors, fields[0])
		}
	}
	return mirrors
}

// parseSourcesList returns the URIs of the one-line format:
//
//	deb [ option=value ... ] URI suite component...
func parseSourcesList(text string) []string {
	var uris []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "deb" && fields[0] != "deb-src" {
			continue
		}
		fields = fields[1:]
		if len(fields) > 0 && strings.HasPrefix(fields[0], "[") {
			end := slices.IndexFunc(fields, func(f string) bool { return strings.HasSuffix(f, "]") })
			if end < 0 {
				continue
			}
			fields = fields[end+1:]
		}
		if len(fields) > 2 && slices.Contains(fields[2:], "main") {
			uris = append(uris, fields[0])
		}
	}
	return uris
}

// parseDeb822 returns the URIs of the format of .sources files: stanzas of
// fields, whose values continue on lines that begin with a blank.
func parseDeb822(text string) []string {
	var uris []string
	fields := map[string]string{}
	last := ""
	end := func() {
		enabled := !slices.Contains([]string{"no", "false", "off", "0"}, strings.ToLower(fields["enabled"]))
		if enabled && slices.Contains(strings.Fields(fields["components"]), "main") {
			uris = append(uris, strings.Fields(fields["uris"])...)
		}
		fields, last = map[string]string{}, ""
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			end()
		case line[0] == ' ' || line[0] == '\t':
			fields[last] += " " + strings.TrimSpace(line)
		default:
			name, value, _ := strings.Cut(line, ":")
			last = strings.ToLower(strings.TrimSpace(name))
			fields[last] = strings.TrimSpace(value)
		}
	}
	end()
	return uris
}
