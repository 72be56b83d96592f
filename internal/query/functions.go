package query

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cowasm/cowasm/internal/label"
)

// A param says what an argument of a function means.
type param string

const (
	targets  param = "targets"
	universe param = "universe"
	depth    param = "depth"
	pattern  param = "regular expression"
	name     param = "attribute"
)

// A function is one that queries can call.
type function struct {
	params   []param
	optional int // how many of the last params may be left out
	eval     func(ev *evaluator, args []*expr) (set, error)
}

// functions is filled by init, since evaluating refers to it.
var functions map[string]function

func init() {
	functions = map[string]function{
		"deps":     {[]param{targets, depth}, 1, (*evaluator).depsOf},
		"rdeps":    {[]param{targets, targets, depth}, 1, (*evaluator).rdeps},
		"kind":     {[]param{pattern, targets}, 0, (*evaluator).kind},
		"filter":   {[]param{pattern, targets}, 0, (*evaluator).filter},
		"attr":     {[]param{name, pattern, targets}, 0, (*evaluator).attr},
		"labels":   {[]param{name, targets}, 0, (*evaluator).labelsOf},
		"tests":    {[]param{targets}, 0, (*evaluator).tests},
		"somepath": {[]param{targets, targets}, 0, (*evaluator).somepath},
		"allpaths": {[]param{targets, targets}, 0, (*evaluator).allpaths},
	}
}

// usage returns how a function is called, as in "deps(targets[, depth])".
func (f function) usage(called string) string {
	var b strings.Builder
	b.WriteString(called + "(")
	for i, p := range f.params {
		optional := i >= len(f.params)-f.optional
		if optional {
			b.WriteByte('[')
		}
		if i > 0 {
			b.WriteString(", ")
		}
		if called == "rdeps" && i == 0 {
			p = universe
		}
		b.WriteString(string(p))
		if optional {
			b.WriteByte(']')
		}
	}
	return b.String() + ")"
}

// depth returns the number that is the argument at i, -1 if there is none.
func (ev *evaluator) depth(args []*expr, i int) (int, error) {
	if i >= len(args) {
		return -1, nil
	}
	n, err := strconv.Atoi(args[i].word)
	if err != nil || n < 0 {
		return 0, mistake(ev.query, args[i].offset, "the depth %q is not a number", args[i].word)
	}
	return n, nil
}

// regexp compiles the regular expression that is the argument e.
func (ev *evaluator) regexp(e *expr) (*regexp.Regexp, error) {
	re, err := regexp.Compile(e.word)
	if err != nil {
		return nil, mistake(ev.query, e.offset, "%v", err).WithHint("the syntax is that of Go's regexp package (RE2)")
	}
	return re, nil
}

func (ev *evaluator) depsOf(args []*expr) (set, error) {
	x, err := ev.eval(args[0])
	if err != nil {
		return set{}, err
	}
	n, err := ev.depth(args, 1)
	if err != nil {
		return set{}, err
	}
	return reach(x.ordered(), n, ev.deps)
}

func (ev *evaluator) rdeps(args []*expr) (set, error) {
	u, x, err := ev.two(args)
	if err != nil {
		return set{}, err
	}
	n, err := ev.depth(args, 2)
	if err != nil {
		return set{}, err
	}
	return ev.between(u, x, n)
}

// two evaluates the first two arguments.
func (ev *evaluator) two(args []*expr) (x, y set, err error) {
	if x, err = ev.eval(args[0]); err == nil {
		y, err = ev.eval(args[1])
	}
	return x, y, err
}

// between returns what can be reached from the first set and from where the
// second can be reached, within so many steps if depth is not negative.
func (ev *evaluator) between(from, to set, depth int) (set, error) {
	below, err := reach(from.ordered(), -1, ev.deps)
	if err != nil {
		return set{}, err
	}
	users, err := ev.reversed(below)
	if err != nil {
		return set{}, err
	}
	ends := slices.DeleteFunc(slices.Clone(to.ordered()), func(l label.Label) bool { return !below.labels[l] })
	return reach(ends, depth, users)
}

// where returns those targets of e that satisfy keep.
func (ev *evaluator) where(e *expr, keep func(*Target) bool) (set, error) {
	x, err := ev.eval(e)
	if err != nil {
		return set{}, err
	}
	out := newSet()
	for _, l := range x.ordered() {
		t, err := ev.target(l)
		if err != nil {
			return set{}, err
		}
		if keep(t) {
			out.labels[l] = true
		}
	}
	return out, nil
}

func (ev *evaluator) kind(args []*expr) (set, error) {
	re, err := ev.regexp(args[0])
	if err != nil {
		return set{}, err
	}
	return ev.where(args[1], func(t *Target) bool { return re.MatchString(t.Kind) })
}

func (ev *evaluator) filter(args []*expr) (set, error) {
	re, err := ev.regexp(args[0])
	if err != nil {
		return set{}, err
	}
	return ev.where(args[1], func(t *Target) bool { return re.MatchString(t.Label.String()) })
}

func (ev *evaluator) attr(args []*expr) (set, error) {
	re, err := ev.regexp(args[1])
	if err != nil {
		return set{}, err
	}
	return ev.where(args[2], func(t *Target) bool {
		a, ok := t.attr(args[0].word)
		return ok && re.MatchString(a.Text)
	})
}

func (t *Target) attr(name string) (Attr, bool) {
	i := slices.IndexFunc(t.Attrs, func(a Attr) bool { return a.Name == name })
	if i < 0 {
		return Attr{}, false
	}
	return t.Attrs[i], true
}

func (ev *evaluator) labelsOf(args []*expr) (set, error) {
	out := newSet()
	_, err := ev.where(args[1], func(t *Target) bool {
		a, _ := t.attr(args[0].word)
		for _, l := range a.Labels {
			out.labels[l] = true
		}
		return false
	})
	return out, err
}

func (ev *evaluator) tests(args []*expr) (set, error) {
	return ev.where(args[0], func(t *Target) bool { return t.Test })
}

// somepath returns a shortest path, found by walking breadth first.
func (ev *evaluator) somepath(args []*expr) (set, error) {
	from, to, err := ev.two(args)
	if err != nil {
		return set{}, err
	}
	queue := from.ordered()
	via := make(map[label.Label]label.Label, len(queue)) // how each was reached
	for _, l := range queue {
		via[l] = l
	}
	for len(queue) > 0 {
		l := queue[0]
		queue = queue[1:]
		if to.labels[l] {
			path := []label.Label{l}
			for via[l] != l {
				l = via[l]
				path = append(path, l)
			}
			slices.Reverse(path)
			s := newSet(path...)
			s.path = path
			return s, nil
		}
		deps, err := ev.deps(l)
		if err != nil {
			return set{}, err
		}
		for _, d := range deps {
			if _, seen := via[d]; !seen {
				via[d] = l
				queue = append(queue, d)
			}
		}
	}
	return newSet(), nil
}

func (ev *evaluator) allpaths(args []*expr) (set, error) {
	from, to, err := ev.two(args)
	if err != nil {
		return set{}, err
	}
	return ev.between(from, to, -1)
}
