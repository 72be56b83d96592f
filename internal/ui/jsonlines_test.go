package ui

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
)

func TestJSONLines(t *testing.T) {
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := clock.Add(time.Second)
	var b bytes.Buffer
	j := NewJSONLines(&b, func() time.Time { return clock })
	x := mustLabel("//x")
	d := digest.Of([]byte("x"))
	for _, e := range []event.Event{
		event.Analyzed{Targets: 1, Actions: 0},
		event.ActionStarted{ID: 0, Owner: x, Mnemonic: "CcCompile", Progress: "compiling a.c", Time: at},
		event.ActionFinished{ID: 0, Owner: x, Mnemonic: "CcCompile", Key: d, ExitCode: 1, Stderr: []byte("a<b\xff"), Time: at, Duration: 1500 * time.Millisecond},
		event.ActionFinished{ID: 1, Owner: x, Mnemonic: "Tar", Cached: true, Err: errors.New("lost"), Time: at},
		event.ModuleCompiling{Path: "bin/clang", Module: d, Time: at},
		event.ModuleCompiled{Module: d, Time: at},
		event.FetchProgress{Name: "six", Done: 0, Total: -1},
		event.FetchProgress{Name: "six", Done: 7, Total: 7, Ended: true},
		event.TestFinished{Label: x, Passed: false, Summary: "1 failed", Log: "x.log"},
		event.Warning{Message: "careful"},
		"not an event",
	} {
		j.Emit(e)
	}
	check(t, "lines", `
{"event":"analyzed","time":"2026-01-02T03:04:05Z","targets":1,"actions":0}
{"event":"action_started","time":"2026-01-02T03:04:06Z","id":0,"label":"//x:x","mnemonic":"CcCompile","progress":"compiling a.c"}
{"event":"action_finished","time":"2026-01-02T03:04:06Z","id":0,"label":"//x:x","mnemonic":"CcCompile","key":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881/1","exit_code":1,"stderr":"a<b�","seconds":1.5}
{"event":"action_finished","time":"2026-01-02T03:04:06Z","id":1,"label":"//x:x","mnemonic":"Tar","cached":true,"exit_code":0,"error":"lost"}
{"event":"module_compiling","time":"2026-01-02T03:04:06Z","module":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881/1","path":"bin/clang"}
{"event":"module_compiled","time":"2026-01-02T03:04:06Z","module":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881/1"}
{"event":"fetch_progress","time":"2026-01-02T03:04:05Z","name":"six","done":0}
{"event":"fetch_progress","time":"2026-01-02T03:04:05Z","name":"six","done":7,"total":7,"ended":true}
{"event":"test_finished","time":"2026-01-02T03:04:05Z","label":"//x:x","passed":false,"summary":"1 failed","log":"x.log"}
{"event":"warning","time":"2026-01-02T03:04:05Z","message":"careful"}
`, &b)
	if err := j.Err(); err != nil {
		t.Error(err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestJSONLinesError(t *testing.T) {
	j := NewJSONLines(failingWriter{}, nil)
	j.Emit(event.Warning{Message: "careful"})
	j.Emit(event.Warning{Message: "careful"})
	if err := j.Err(); err == nil || err.Error() != "no space left" {
		t.Errorf("got %v", err)
	}
}
