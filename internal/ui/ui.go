// Package ui shows a build to a person while it runs. A Display is a sink for
// build events. On a terminal it keeps a few lines at the bottom up to date:
// what runs and for how long, how much is done and left. Elsewhere, as in CI
// and in files, it writes plain lines.
package ui

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/cowasm/cowasm/internal/event"
)

// frameInterval is the least time between two frames of the live display.
const frameInterval = 100 * time.Millisecond

// quietInterval is how long a plain display stays silent at most while
// something runs, so that nobody takes a long action for a hang.
const quietInterval = 30 * time.Second

// Options say how to show a build.
type Options struct {
	// Out receives everything shown. A frame of the live display is one Write.
	Out io.Writer

	Live   bool // Out is a terminal that understands cursor movements
	Colour bool

	Commands        bool // show the command of every action that is executed
	VerboseFailures bool // show the command of those that fail

	// Size returns the columns and rows of the terminal. It is asked before
	// each frame. Only a live display needs it.
	Size func() (columns, rows int)

	// SaveLog keeps the whole output of an action that is shown in part and
	// returns the path of the file for the user. It may be nil.
	SaveLog func(event.ActionFinished) (string, error)

	// Now is the clock, time.Now if nil.
	Now func() time.Time
}

// A Display shows the events that are sent to it. Its methods may be called
// from several goroutines at once.
type Display struct {
	opts  Options
	style style

	mu       sync.Mutex
	state    state
	pending  bytes.Buffer // lines to be written above the live part
	frame    string       // the live part as it is on the screen
	height   int          // of frame in lines
	lastLine time.Time    // when a plain display last wrote something

	stop chan struct{}
	done chan struct{}
}

// New returns a Display that shows nothing before Start.
func New(o Options) *Display {
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Display{opts: o, style: style(o.Colour)}
	d.state.began = o.Now()
	d.lastLine = d.state.began
	return d
}

// Start begins to refresh the display until Stop is called.
func (d *Display) Start() {
	d.stop, d.done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(d.done)
		ticker := time.NewTicker(frameInterval)
		defer ticker.Stop()
		for {
			select {
			case <-d.stop:
				return
			case <-ticker.C:
				d.refresh()
			}
		}
	}()
}

// Stop removes the live part from the screen and leaves the lines that are
// there to stay. Later events are counted but shown no more.
func (d *Display) Stop() {
	if d.stop != nil {
		close(d.stop)
		<-d.done
		d.stop = nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.flush("")
}

// Println shows one or more lines that stay, above the live part if there is
// one.
func (d *Display) Println(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.print("%s", text)
	d.flush(d.frame)
}

// Totals says what a build came to.
type Totals struct {
	Actions  int // that have finished
	Cached   int // of those, taken from the cache
	Executed int // of those, executed
	Failed   int // of those, not successful
	Elapsed  time.Duration
}

// Totals returns the counts so far.
func (d *Display) Totals() Totals {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := &d.state
	return Totals{Actions: s.done(), Cached: s.cached, Executed: s.executed, Failed: s.failed, Elapsed: d.opts.Now().Sub(s.began)}
}

// Running describes what is being executed, oldest first.
func (d *Display) Running() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for _, t := range d.state.running {
		names = append(names, t.describe())
	}
	return names
}

// Emit takes an event.
func (d *Display) Emit(e event.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.opts.Now()
	switch e := e.(type) {
	case event.Analyzed:
		d.state.analyzed(e)
	case event.Expanded:
		d.state.total += e.Actions
	case event.ActionStarted:
		d.state.started(e, now)
		if d.opts.Commands {
			d.print("%s: %s", task{started: e}.describe(), command(e.Arguments))
		}
	case event.ActionFinished:
		d.state.finished(e, now)
		d.showFinished(e)
	case event.ModuleCompiling:
		d.state.compiling(e, now)
		if !d.opts.Live {
			d.print("translating %s to machine code (once per machine)", clean(e.Path))
		}
	case event.ModuleCompiled:
		m := d.state.compiled(e)
		if !d.opts.Live && e.Err == nil && m.path != "" {
			d.print("translated %s in %s", clean(m.path), Duration(now.Sub(m.since)))
		}
	case event.FetchProgress:
		d.state.fetching(e, now)
		if !d.opts.Live && e.Ended && e.Err == nil {
			d.print("downloaded %s (%s)", clean(e.Name), Size(e.Done))
		}
	case event.TestFinished:
		d.showTest(e)
	case event.Warning:
		d.showWarning(e)
	}
	if !d.opts.Live {
		d.flush("")
	}
}

// print adds a line to those that wait to be written.
func (d *Display) print(format string, args ...any) {
	fmt.Fprintf(&d.pending, format+"\n", args...)
}

// refresh brings the screen up to date. It is called at every tick.
func (d *Display) refresh() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.opts.Now()
	if d.opts.Live {
		columns, rows := d.opts.Size()
		d.flush(d.live(now, columns, rows))
		return
	}
	if len(d.state.running) > 0 && now.Sub(d.lastLine) >= quietInterval {
		oldest := d.state.running[0]
		d.print("%s %d running, the longest for %s: %s", d.state.counter(), len(d.state.running),
			Duration(now.Sub(oldest.since)), oldest.describe())
		d.flush("")
	}
}

// flush writes the pending lines and, on a terminal, frame below them, in one
// Write. An error of the terminal is nothing that a build should fail for.
func (d *Display) flush(frame string) {
	if d.pending.Len() == 0 && frame == d.frame {
		return
	}
	if !d.opts.Live {
		d.opts.Out.Write(d.pending.Bytes())
		d.pending.Reset()
		d.lastLine = d.opts.Now()
		return
	}
	d.opts.Out.Write(d.repaint(frame))
	d.pending.Reset()
}
