package cli

import (
	"errors"

	"github.com/cowasm/cowasm/internal/diag"
)

// Exit codes, those of Bazel where it has one.
const (
	exitOK          = 0
	exitFailed      = 1 // something could not be built
	exitUsage       = 2 // the command line, WORKSPACE or a BUILD file is wrong
	exitTestsFailed = 3 // everything was built, and tests failed
	exitNoTests     = 4 // the patterns of `cowasm test` match no test
	exitInterrupted = 8
)

// An exitError ends the program with a code of its own.
type exitError struct {
	code int
	err  error // nil if the user has been told everything already
}

func (e *exitError) Error() string {
	if e.err == nil {
		return "failed"
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usagef returns an error of the user's command line.
func usagef(format string, args ...any) *exitError {
	return &exitError{exitUsage, diag.Errorf(diag.Position{}, format, args...)}
}

// hint adds what to do next to an error of usagef.
func (e *exitError) hint(format string, args ...any) *exitError {
	var d *diag.Error
	if errors.As(e.err, &d) {
		e.err = d.WithHint(format, args...)
	}
	return e
}

// exitCode returns the code that err stands for.
func exitCode(err error) int {
	var e *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.code
	}
	return exitFailed
}
