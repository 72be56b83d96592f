package loading

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/diag"
)

// Limits of glob.
const (
	maxGlobFiles    = 200_000 // below one package
	maxGlobPatterns = 1000
	maxGlobLength   = 500 // bytes of a pattern
	maxGlobStars    = 4   // ** in a pattern; each multiplies the work
)

// glob is glob(include, exclude = [], allow_empty = False): the files of the
// package that match, sorted, as paths relative to the package.
func (l *packageLoader) glob(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var include, exclude *starlark.List
	allowEmpty := false
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "include", &include, "exclude??", &exclude, "allow_empty?", &allowEmpty); err != nil {
		return nil, err
	}
	in, err := globPatterns("include", include)
	if err != nil {
		return nil, err
	}
	out, err := globPatterns("exclude", exclude)
	if err != nil {
		return nil, err
	}
	files, err := l.packageFiles(in)
	if err != nil {
		return nil, err
	}
	used := make([]bool, len(in))
	var list []starlark.Value
	for _, file := range files {
		hit := false
		for i, p := range in {
			if doublestar.MatchUnvalidated(p, file) {
				used[i], hit = true, true
			}
		}
		if hit && !slices.ContainsFunc(out, func(p string) bool { return doublestar.MatchUnvalidated(p, file) }) {
			list = append(list, starlark.String(file))
		}
	}
	if !allowEmpty {
		if i := slices.Index(used, false); i >= 0 {
			return nil, diag.Errorf(diag.Position{}, "glob: no file matches %q", in[i]).
				WithHint("correct the pattern, or pass allow_empty = True; files below other BUILD files are not part of the package")
		}
		if len(list) == 0 {
			return nil, diag.Errorf(diag.Position{}, "glob: all files that match are excluded").WithHint("pass allow_empty = True if that is meant")
		}
	}
	return starlark.NewList(list), nil
}

func globPatterns(what string, list *starlark.List) ([]string, error) {
	patterns, err := toStrings("glob: "+what, list)
	if err != nil {
		return nil, err
	}
	if len(patterns) > maxGlobPatterns {
		return nil, fmt.Errorf("glob: %s has more than %d patterns", what, maxGlobPatterns)
	}
	for _, p := range patterns {
		switch {
		case !doublestar.ValidatePattern(p):
			return nil, fmt.Errorf("glob: pattern %q is malformed", p)
		case len(p) > maxGlobLength || strings.Count(p, "**") > maxGlobStars:
			return nil, fmt.Errorf("glob: pattern %q is too complex", p)
		case strings.HasPrefix(p, "/") || slices.Contains(strings.Split(p, "/"), ".."):
			return nil, fmt.Errorf("glob: pattern %q leaves the package", p)
		}
	}
	return patterns, nil
}

// packageFiles returns the files of the package, sorted, that are below a
// folder that some pattern begins with.
func (l *packageLoader) packageFiles(patterns []string) ([]string, error) {
	bases := map[string]bool{}
	for _, p := range patterns {
		base, rest := doublestar.SplitPattern(p)
		if rest == "" {
			base = path.Dir(p)
		}
		bases[base] = true
	}
	below := func(base string) bool {
		for dir := base; dir != "."; {
			dir = path.Dir(dir)
			if bases[dir] {
				return true
			}
		}
		return false
	}
	var files []string
	for base := range bases {
		if below(base) {
			continue
		}
		if err := l.walk(base, &files); err != nil {
			return nil, err
		}
	}
	slices.Sort(files)
	return files, nil
}

// walk appends the files at or below base, but for those of other packages.
func (l *packageLoader) walk(base string, files *[]string) error {
	for dir := base; dir != "."; dir = path.Dir(dir) {
		if l.ws.IsPackage(path.Join(l.pkg.Path, dir)) {
			return nil
		}
	}
	root := path.Join(cleanDir(l.pkg.Path), base)
	return fs.WalkDir(l.ws.fsys, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if p == root {
				return fs.SkipAll // the pattern matches nothing
			}
			return fmt.Errorf("glob: %w", err)
		}
		if d.IsDir() {
			if p != root && (l.ws.IsPackage(p) || p == OutputDir || p == ".git") {
				return fs.SkipDir
			}
			return nil
		}
		if d.Type()&fs.ModeSymlink != 0 {
			if info, err := l.ws.stat(p); err != nil || !info.Mode().IsRegular() {
				return nil
			}
		} else if !d.Type().IsRegular() {
			return nil
		}
		name := p
		if l.pkg.Path != "" {
			name = strings.TrimPrefix(p, l.pkg.Path+"/")
		}
		if name == BuildFile {
			return nil
		}
		if *files = append(*files, name); len(*files) > maxGlobFiles {
			return fmt.Errorf("glob: the package has more than %d files", maxGlobFiles)
		}
		return nil
	})
}
