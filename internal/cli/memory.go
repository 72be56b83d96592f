package cli

import (
	"fmt"
	"os"
	"runtime/debug"
)

// memory names this program, for what it remembers from run to run: what it was
// built of, and which file it is. It is empty, so that everything is checked, if
// the user asks for more than the result of that.
func (f *flags) memory() string {
	if f.check || f.profile+f.eventLog+f.executionLog != "" {
		return ""
	}
	built, ok := debug.ReadBuildInfo()
	self, err := os.Executable()
	if !ok || err != nil {
		return ""
	}
	info, err := os.Stat(self)
	if err != nil {
		return ""
	}
	return fmt.Sprint(built, info.Size(), info.ModTime().UnixNano())
}
