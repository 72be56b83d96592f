package wasm

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := false
		timer := newTimer(10*time.Second, func() { out = true })
		after := func(d time.Duration, want bool) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if out != want {
				t.Errorf("it has run out: %v, want %v", out, want)
			}
		}
		after(time.Hour, false) // it begins paused
		timer.resume()
		timer.resume()
		after(6*time.Second, false)
		timer.pause()
		timer.pause()
		after(time.Hour, false)
		timer.resume()
		after(3*time.Second, false)
		after(2*time.Second, true)
	})
}
