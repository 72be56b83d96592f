package execute

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
)

// The most urgent of those that wait is next, and of equals the one that came
// first.
func TestLimiterOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(1)
		gate := make(chan struct{})
		var order []int
		e := l.Limit(Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
			<-gate
			order = append(order, ticketOf(ctx).id)
			return nil, nil
		}))
		for id, priority := range []int{0, 1, 3, 2, 3, 1} {
			go e.Execute(withTicket(t.Context(), &ticket{id: id, priority: priority}), &action.Action{})
			synctest.Wait() // until it runs or waits
		}
		close(gate)
		synctest.Wait()
		if diff := cmp.Diff([]int{0, 2, 4, 3, 1, 5}, order); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLimiterCount(t *testing.T) {
	for _, n := range []int{-1, 0, 1, 3} {
		synctest.Test(t, func(t *testing.T) {
			l := NewLimiter(n)
			running, most := 0, 0
			gate := make(chan struct{})
			e := l.Limit(Func(func(context.Context, *action.Action) (*action.Result, error) {
				running++
				most = max(most, running)
				<-gate
				running--
				return nil, nil
			}))
			for range 10 {
				go e.Execute(t.Context(), &action.Action{})
				synctest.Wait()
			}
			for range 10 {
				gate <- struct{}{}
				synctest.Wait()
			}
			if most != max(n, 1) {
				t.Errorf("limit %d: %d ran at once", n, most)
			}
		})
	}
}

// Whoever gives up waiting leaves the queue, and no slot is lost.
func TestLimiterCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(1)
		gate := make(chan struct{})
		e := l.Limit(Func(func(context.Context, *action.Action) (*action.Result, error) {
			<-gate
			return nil, nil
		}))
		ctx, cancel := context.WithCancel(t.Context())
		go e.Execute(t.Context(), &action.Action{})
		synctest.Wait()
		ended := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := e.Execute(ctx, &action.Action{})
				ended <- err
			}()
		}
		synctest.Wait()
		cancel()
		for range 2 {
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		close(gate)
		synctest.Wait()
		if l.free != 1 || len(l.queue) != 0 {
			t.Errorf("%d slots are free, %d wait", l.free, len(l.queue))
		}
		if _, err := e.Execute(ctx, &action.Action{}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
