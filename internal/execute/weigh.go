package execute

import (
	"path"
	"strings"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/tree"
)

// unitSize is how many bytes of what an action is given to work on count as much
// as a step. A compiler takes about a second for them, whatever is in them.
const unitSize = 128 << 10

// urgency returns how urgent a is, which the ticket is of. It is only asked when
// a has to wait: what is cached need not be weighed.
func (t *ticket) urgency(a *action.Action) int {
	if t.load == nil {
		return t.priority
	}
	return t.priority + weigh(t.load, a)
}

// weigh returns how many steps of the usual length an action may take: the size
// of the files that its arguments name, beside the program. A file of nine
// megabytes that is compiled last, by itself, makes the whole build longer.
func weigh(load tree.Loader, a *action.Action) int {
	size := int64(0)
	for i, arg := range a.Arguments {
		if i == 0 || arg == "" || strings.HasPrefix(arg, "-") {
			continue
		}
		if !path.IsAbs(arg) {
			arg = path.Join(a.WorkingDirectory, arg)
		}
		// What is lost is noticed by whoever needs it.
		if e, ok, err := tree.Resolve(load, a.InputRoot, arg); err == nil && ok && e.Kind == tree.File {
			size += e.Digest.Size()
		}
	}
	return int(size / unitSize)
}
