package wasm

import "time"

// A timer runs out after some time, in which the time that it was paused does
// not count. It begins paused.
type timer struct {
	left    time.Duration
	runOut  func()
	since   time.Time
	running *time.Timer // nil while it is paused
}

func newTimer(d time.Duration, runOut func()) *timer { return &timer{left: d, runOut: runOut} }

func (t *timer) resume() {
	if t.running == nil {
		t.since = time.Now()
		t.running = time.AfterFunc(t.left, t.runOut)
	}
}

func (t *timer) pause() {
	if t.running != nil {
		t.running.Stop()
		t.left -= time.Since(t.since)
		t.running = nil
	}
}
