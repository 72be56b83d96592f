package skeleton

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// testFolders are where tests usually are.
var testFolders = []string{"tests", "test", "testing"}

// filesPerShard is how many files with tests one action may run.
const filesPerShard = 25

// defaultTestNames are the names of files that pytest takes tests from.
var defaultTestNames = []string{"test_*.py", "*_test.py"}

// A testFinder looks for the tests of a source.
type testFinder struct {
	*Source
	layout
	native bool     // there will be a wheel
	names  []string // patterns of the names of files with tests
}

// findTests returns the tests of a source, or nil if it has none.
func findTests(s *Source, l layout, native bool) *Tests {
	settings := s.pytestSettings()
	f := &testFinder{s, l, native, defaultTestNames}
	t := f.find(settings.paths)
	if settings.names != nil {
		f.names = settings.names
		if all := f.find(settings.paths); all != nil && (t == nil || all.Files > t.Files) {
			all.Names = f.names
			return all
		}
	}
	return t
}

// find returns the tests, the surest first: where the project's pytest looks for
// them, in folders of the usual names, files at the top, and files of the
// package itself.
func (f *testFinder) find(set []string) *Tests {
	inside := path.Join(f.root, f.importName)
	var folders, further []string
	for _, folder := range testFolders {
		folders = append(folders, path.Join(inside, folder))
		further = append(further, path.Join(f.root, folder))
	}
	files := f.filesIn(inside)
	if slices.Contains(set, inside) {
		set = slices.Concat(set, folders, files)
	}
	if t := f.testsAt(set...); t != nil {
		return t
	}
	for _, folder := range slices.Concat(testFolders, further, folders) {
		if t := f.testsAt(folder); t != nil {
			return t
		}
	}
	if t := f.testsAt(f.filesIn(".")...); t != nil {
		return t
	}
	return f.testsAt(files...)
}

// testsAt returns the tests at those of the candidates that have some. A rule
// takes either tests of the package or tests beside it: the more.
func (f *testFinder) testsAt(candidates ...string) *Tests {
	beside, within := &Tests{}, &Tests{}
	inside := path.Join(f.root, f.importName)
	for _, p := range candidates {
		t := beside
		if strings.HasPrefix(p, inside+"/") {
			t = within
		}
		if n := f.count(p); n > 0 && p != inside {
			t.Paths = append(t.Paths, p)
			t.Files += n
		}
	}
	if within.Files > beside.Files {
		return f.within(within)
	}
	if beside.Files == 0 {
		return nil
	}
	return beside
}

// within returns t, tests of the package, which are laid over the bundle and so
// have to be where that has them. Folders of the same name at several places
// are taken together.
func (f *testFinder) within(t *Tests) *Tests {
	if t.InWheel = f.root != "."; t.InWheel && !f.native {
		return nil
	}
	t.places = t.Paths
	t.Paths = nil
	for _, p := range t.places {
		if folder := path.Base(p); slices.Contains(testFolders, folder) {
			alike, files := f.foldersNamed(folder)
			t.Files = max(t.Files, files)
			if len(alike) > 1 {
				t.places = slices.Concat(t.places, alike)
				p = path.Join(f.root, f.importName, "**", folder)
			}
		}
		if t.InWheel {
			p = strings.TrimPrefix(p, f.root+"/")
		}
		t.Paths = append(t.Paths, p)
	}
	return t
}

// foldersNamed returns the folders of the package with the given name that have
// tests, and how many files with tests are in them.
func (f *testFinder) foldersNamed(name string) (folders []string, files int) {
	found := map[string]bool{}
	root := path.Join(f.root, f.importName)
	for _, file := range f.below(root) {
		inside := strings.TrimPrefix(file, root+"/")
		dirs := strings.Split(path.Dir(inside), "/")
		if i := slices.Index(dirs, name); i >= 0 && f.isTest(file) {
			found[path.Join(root, path.Join(dirs[:i+1]...))] = true
			files++
		}
	}
	return slices.Sorted(maps.Keys(found)), files
}

// filesIn returns the files with tests directly in a folder.
func (f *testFinder) filesIn(folder string) []string {
	var list []string
	for _, file := range f.Files {
		if path.Dir(file) == folder && f.isTest(file) {
			list = append(list, file)
		}
	}
	return list
}

// count returns how many files with tests p is or holds.
func (f *testFinder) count(p string) int {
	n := 0
	for _, file := range f.Files {
		if (file == p || strings.HasPrefix(file, p+"/")) && f.isTest(file) {
			n++
		}
	}
	return n
}

// isTest reports whether pytest takes tests from a file.
func (f *testFinder) isTest(p string) bool { return isTestFile(p, f.names) }

// isTestFile reports whether pytest takes tests from a file, given patterns of
// the names of those that it does.
func isTestFile(p string, names []string) bool {
	return path.Ext(p) == ".py" && slices.ContainsFunc(names, func(pattern string) bool {
		match, err := path.Match(pattern, path.Base(p))
		return err == nil && match
	})
}
