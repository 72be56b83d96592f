package archive

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

const (
	maxName  = 255  // bytes of one part of a path, what file systems allow
	maxPath  = 4096 // bytes
	maxDepth = 200  // parts of a path
	maxHops  = 40   // symlinks on the way to a file, what Linux allows
)

// cleanPath returns the path of an entry without "." and empty parts, "" for
// the root of the tree. It refuses paths that do not stay inside the tree.
func cleanPath(p string) (string, error) {
	if err := checkText(p); err != nil {
		return "", err
	}
	if strings.HasPrefix(p, "/") {
		return "", errors.New("the path is absolute")
	}
	var parts []string
	for part := range strings.SplitSeq(p, "/") {
		switch {
		case part == "" || part == ".":
			continue
		case part == "..":
			return "", errors.New(`the path contains ".."`)
		case len(part) > maxName:
			return "", fmt.Errorf("a part of the path is longer than %d bytes", maxName)
		}
		parts = append(parts, part)
	}
	if len(parts) > maxDepth {
		return "", fmt.Errorf("the path is more than %d directories deep", maxDepth)
	}
	return strings.Join(parts, "/"), nil
}

// checkText refuses what is no text for a path or the target of a link. A
// backslash is refused because it separates directories on Windows.
func checkText(s string) error {
	switch {
	case s == "":
		return errors.New("the path is empty")
	case len(s) > maxPath:
		return fmt.Errorf("the path is longer than %d bytes", maxPath)
	case !utf8.ValidString(s):
		return errors.New("the path is not UTF-8")
	case strings.ContainsAny(s, "\x00\\"):
		return errors.New("the path contains a zero byte or a backslash")
	}
	return nil
}

// names holds the paths of an archive: what it may not give again, and what
// its links lead to.
type names struct {
	known map[string]known
	links []string // paths of symlinks, in order
}

type known struct {
	kind   Kind
	target string // of a symlink; of a hard link, the file that it is linked to
}

func newNames() *names {
	return &names{known: map[string]known{}}
}

// add adds an entry whose path is clean. A directory may be given again, which
// says nothing new.
func (n *names) add(e Entry) error {
	if k, ok := n.known[e.Path]; ok {
		if k.kind == Dir && e.Kind == Dir {
			return nil
		}
		return errors.New("the path is given twice")
	}
	if err := n.addParents(e.Path); err != nil {
		return err
	}
	if e.Kind == Symlink {
		if err := checkTarget(e.Target); err != nil {
			return err
		}
		n.links = append(n.links, e.Path)
	}
	n.known[e.Path] = known{kind: e.Kind, target: e.Target}
	return nil
}

func (n *names) addParents(p string) error {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		switch k, ok := n.known[dir]; {
		case !ok:
			n.known[dir] = known{kind: Dir}
		case k.kind == Dir:
			return nil
		case k.kind == Symlink:
			return fmt.Errorf("it lies below %q, which is a symlink", dir)
		default:
			return fmt.Errorf("it lies below %q, which is a file", dir)
		}
	}
	return nil
}

func checkTarget(target string) error {
	if err := checkText(target); err != nil {
		return fmt.Errorf("symlink to %q: %w", target, err)
	}
	if strings.HasPrefix(target, "/") {
		return fmt.Errorf("symlink to %q: the path is absolute", target)
	}
	return nil
}

// checkLinks refuses symlinks that lead out of the tree, directly or through
// other symlinks. It does not ask whether anything is where they lead.
func (n *names) checkLinks() error {
	for _, p := range n.links {
		if err := n.resolve(p); err != nil {
			return entryError(p, fmt.Errorf("symlink to %q %w", n.known[p].target, err))
		}
	}
	return nil
}

// resolve follows p as an operating system would.
func (n *names) resolve(p string) error {
	var at []string
	rest := strings.Split(p, "/")
	for hops := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			if len(at) == 0 {
				return errors.New("leads out of the archive")
			}
			at = at[:len(at)-1]
			continue
		}
		at = append(at, part)
		k := n.known[strings.Join(at, "/")]
		if k.kind != Symlink {
			continue
		}
		if hops++; hops > maxHops {
			return errors.New("leads through too many symlinks")
		}
		at = at[:len(at)-1]
		rest = append(strings.Split(k.target, "/"), rest...)
	}
	return nil
}
