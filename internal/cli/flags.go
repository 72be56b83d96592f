package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/pflag"
)

// flags are the values of all flags; a verb has those that it registers.
type flags struct {
	// of all verbs
	colour   autoBool
	curses   autoBool
	cacheDir string

	// of those that build
	jobs      int
	engine    string
	keepGoing bool
	check     bool
	upToDate  bool
	offline   bool
	vendorDir string
	commands  bool
	verbose   bool
	defines   []string
	settings  map[string]*string // by name of build setting

	profile      string
	eventLog     string
	executionLog string
}

// An autoBool is a flag with the values auto, yes and no.
type autoBool string

func (b *autoBool) String() string { return string(*b) }
func (*autoBool) Type() string     { return "auto|yes|no" }

func (b *autoBool) Set(s string) error {
	switch s {
	case "auto", "yes", "no":
		*b = autoBool(s)
		return nil
	}
	return fmt.Errorf("write auto, yes or no")
}

// resolve returns what b says, or what auto means.
func (b autoBool) resolve(auto bool) bool { return b == "yes" || b != "no" && auto }

// addCommon registers the flags that all verbs have. The default of the cache
// comes from the environment.
func (f *flags) addCommon(fs *pflag.FlagSet) {
	f.colour, f.curses = "auto", "auto"
	fs.Var(&f.colour, "color", "colour messages: `auto|yes|no`; auto on a terminal unless NO_COLOR is set")
	fs.Var(&f.curses, "curses", "keep a live display: `auto|yes|no`; auto on a terminal")
	cache := os.Getenv("COWASM_CACHE")
	if cache == "" {
		if dir, err := os.UserCacheDir(); err == nil {
			cache = filepath.Join(dir, "cowasm")
		}
	}
	fs.StringVar(&f.cacheDir, "cache_dir", cache, "keep downloads, results and translated modules in `DIR` (default from COWASM_CACHE, or else the user's cache folder)")
}

// cache returns the folder of the cache, absolute.
func (f *flags) cache() (string, error) {
	if f.cacheDir == "" {
		return "", usagef("there is no folder for the cache: this user has no cache folder").
			hint("set COWASM_CACHE, or give --cache_dir=DIR")
	}
	dir, err := filepath.Abs(f.cacheDir)
	if err != nil {
		return "", fmt.Errorf("finding the cache: %w", err)
	}
	return dir, nil
}

// addBuild registers the flags of the verbs that build.
func (f *flags) addBuild(fs *pflag.FlagSet) {
	fs.IntVarP(&f.jobs, "jobs", "j", runtime.NumCPU(), "execute at most `N` actions at the same time")
	fs.StringVar(&f.engine, "engine", ownEngine, "run programs on `ENGINE`: wazero, which is built in, or one whose program is installed, as wasmtime; results do not depend on it")
	fs.BoolVarP(&f.keepGoing, "keep_going", "k", false, "go on with what can still be built after a failure")
	fs.BoolVar(&f.check, "check", false, "execute even cached actions, and fail if a result differs")
	fs.BoolVar(&f.upToDate, "check_up_to_date", false, "execute nothing, and fail if anything would have to be executed")
	fs.BoolVarP(&f.commands, "subcommands", "s", false, "show the command of every action that is executed")
	fs.BoolVar(&f.verbose, "verbose_failures", false, "show the command and the key of actions that fail")
	fs.StringVar(&f.profile, "profile", "", "write a profile in Chrome's trace format to `FILE`")
	fs.StringVar(&f.eventLog, "build_event_json_file", "", "write the events of the build to `FILE`, one JSON object a line")
	fs.StringVar(&f.executionLog, "execution_log_json_file", "", "write every action with its inputs and outputs to `FILE`, one JSON object a line")
	f.addFetch(fs)
}

// addFetch registers the flags of the verbs that download sources.
func (f *flags) addFetch(fs *pflag.FlagSet) {
	fs.BoolVar(&f.offline, "offline", false, "do not use the network")
	fs.StringVar(&f.vendorDir, "vendor_dir", "", "take sources from `DIR`, which cowasm vendor filled, before any other place")
}

// defined returns the build settings of the command line by name.
func (f *flags) defined(fs *pflag.FlagSet) (map[string]string, error) {
	values := map[string]string{}
	for _, def := range f.defines {
		name, value, ok := strings.Cut(def, "=")
		if !ok {
			return nil, usagef("--define=%s has no value", def).hint("write --define=%s=VALUE", def)
		}
		values[name] = value
	}
	for name, value := range f.settings {
		if fs.Changed(name) {
			values[name] = *value
		}
	}
	return values, nil
}
