package cli

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/store"
)

// What waits for the network takes no job from what computes.
func TestDownloadsBesideJobs(t *testing.T) {
	disk, err := store.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var running []string
		end := make(chan struct{})
		inner := execute.Func(func(_ context.Context, a *action.Action) (*action.Result, error) {
			running = append(running, a.Arguments[0])
			<-end
			return &action.Result{ExitCode: 1}, nil
		})
		f := &flags{jobs: 1}
		e, err := f.decorate(nil, inner, disk, store.Directories(disk))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			for _, name := range []string{"fetch@1", "tar@1"} {
				a := &action.Action{Executor: "builtin", Arguments: []string{name, fmt.Sprint(i)}}
				go func() {
					if _, err := e.Execute(t.Context(), a); err != nil {
						t.Error(err)
					}
				}()
				synctest.Wait()
			}
		}
		if got, want := fmt.Sprint(running), "[fetch@1 tar@1 fetch@1]"; got != want {
			t.Errorf("with one job, %s run; want %s", got, want)
		}
		close(end)
		synctest.Wait()
	})
}
