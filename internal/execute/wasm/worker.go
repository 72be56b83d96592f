package wasm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/sandbox/engine"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/store"
)

const (
	// inputCache bounds the inputs that a worker keeps in memory: the headers
	// that thousands of compilations read again and again.
	inputCache = 64 << 20

	// collectAt is how large a worker's heap may become, while it translates or
	// while a guest runs, before it is collected at any price.
	collectAt = 1 << 30

	// collectPercent keeps a worker's heap small between guests.
	collectPercent = 50

	// maxGarbage is how much garbage, in bytes, may be left by processes that
	// have ended. An instance of clang leaves 3 MB.
	maxGarbage = 256 << 20
)

// collectGarbage collects garbage if there is much of it. It is called when no
// guest is running machine code: a guest would have to be waited for, and be
// interrupted again and again meanwhile.
func collectGarbage() {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(heap)
	if heap[0].Value.Uint64() > heap[1].Value.Uint64()+maxGarbage {
		runtime.GC()
	}
}

// WorkerMain is the main function of a worker process: it runs the actions
// that come in from an Executor and sends the results out, until in ends. If
// in ends while a guest is running, nobody waits for the result any more, and
// the process exits.
//
// Programs that are no main modules and have no threads run on the engine that
// other opens, given the folder for the machine code of programs; if other is
// nil, all run on the same. Nothing else depends on it: equal actions have equal results.
func WorkerMain(ctx context.Context, in io.Reader, out io.Writer, other func(modules string) (Engine, error)) error {
	// Ctrl-C reaches the whole process group. The parent decides what it means.
	signal.Ignore(os.Interrupt)
	// A guest occupies one thread; another must notice that the parent died.
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	debug.SetGCPercent(collectPercent)
	debug.SetMemoryLimit(collectAt)

	in = bufio.NewReader(in)
	var open request
	if err := receive(in, &open); err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	if open.Open == nil {
		return errors.New("worker: the first message does not say where the store is")
	}
	w, err := newWorker(open.Open, out, other)
	if err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	requests := make(chan *runRequest)
	go func() {
		for {
			var next request
			err := receive(in, &next)
			if err != nil || next.Run == nil {
				// The guest cannot be interrupted, but there is nothing to
				// clean up.
				os.Exit(0)
			}
			requests <- next.Run
		}
	}()
	for r := range requests {
		if err := w.serve(ctx, r); err != nil {
			return fmt.Errorf("worker: %w", err)
		}
	}
	return nil
}

// A worker serves an Executor in another process.
type worker struct {
	runner
	out io.Writer
}

func newWorker(o *openRequest, out io.Writer, other func(string) (Engine, error)) (*worker, error) {
	blobs, err := store.OpenDisk(o.Store)
	if err != nil {
		return nil, err
	}
	modules, err := engine.OpenModules(o.Modules, o.Threads)
	if err != nil {
		return nil, err
	}
	p := &programs{modules: modules}
	if other != nil {
		if p.other, err = other(o.Modules); err != nil {
			return nil, err
		}
	}
	return &worker{runner{blobs, vfs.NewCache(blobs, inputCache), p}, out}, nil
}

// serve runs one action. The error is one of sending.
func (w *worker) serve(ctx context.Context, r *runRequest) error {
	var sendErr error
	tell := func(m reply) {
		if err := send(w.out, m); err != nil && sendErr == nil {
			sendErr = err
		}
	}
	d := &done{}
	a, err := action.Decode(r.Action, r.Command)
	var result *action.Result
	if err == nil {
		result, d.Report, err = w.run(ctx, a, func(path string, d digest.Digest) engine.Progress {
			return engine.Progress{
				Compiling: func() { tell(reply{Compiling: &compiling{path, d.String()}}) },
				Compiled:  func(err error) { tell(reply{Compiled: &compiled{d.String(), message(err)}}) },
			}
		}, func() {
			// A collection would have to wait for the guest to make a call.
			debug.SetGCPercent(-1)
			tell(reply{Started: &started{}})
		})
		debug.SetGCPercent(collectPercent)
	}
	d.Err = newFailure(err)
	if result != nil {
		if d.Result, err = result.Encode(); err != nil {
			d.Err = newFailure(err)
		}
	}
	tell(reply{Done: d})
	return sendErr
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
