package wasm

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out atomic.Bool
		timer := newTimer(10*time.Second, func() { out.Store(true) })
		after := func(d time.Duration, want bool) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if got := out.Load(); got != want {
				t.Errorf("it has run out: %v, want %v", got, want)
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
