package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// errInterrupted is the cause of a context that the user cancelled. To others
// it is a cancellation like any.
var errInterrupted = fmt.Errorf("interrupted: %w", context.Canceled)

// interruptible returns a context that Ctrl-C (or SIGTERM) cancels, after it
// has called first. A second Ctrl-C ends the program at once: killed at any
// instant, a build leaves nothing wrong behind.
func interruptible(ctx context.Context, first func()) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case <-signals:
			first()
			cancel(errInterrupted)
		case <-done:
			return
		}
		select {
		case <-signals:
			fmt.Fprintln(os.Stderr) // below the live display
			os.Exit(exitInterrupted)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

// interrupted reports whether the user cancelled ctx.
func interrupted(ctx context.Context) bool { return context.Cause(ctx) == errInterrupted }
