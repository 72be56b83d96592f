package execute

import (
	"container/heap"
	"context"
	"sync"

	"github.com/cowasm/cowasm/internal/action"
)

// A Limiter lets a number of actions run at once. When one ends, the most
// urgent of those that wait takes its place.
type Limiter struct {
	mu    sync.Mutex
	free  int
	queue waiters
	count int // of those that have ever waited
}

// A waiter waits for a slot.
type waiter struct {
	priority int
	arrival  int           // orders those of the same priority
	turn     chan struct{} // closed when the slot is its own
	index    int           // in the queue, -1 once it has left it
}

// NewLimiter returns a Limiter for n actions at once, at least one.
func NewLimiter(n int) *Limiter { return &Limiter{free: max(n, 1)} }

// Limit returns an Executor that passes actions to inner when there is a slot
// for them. Several executors may share the slots of l.
func (l *Limiter) Limit(inner Executor) Executor {
	return Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		if err := l.acquire(ctx, ticketOf(ctx).urgency(a)); err != nil {
			return nil, err
		}
		defer l.release()
		return inner.Execute(ctx, a)
	})
}

func (l *Limiter) acquire(ctx context.Context, priority int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	if l.free > 0 {
		l.free--
		l.mu.Unlock()
		return nil
	}
	w := &waiter{priority: priority, arrival: l.count, turn: make(chan struct{})}
	l.count++
	heap.Push(&l.queue, w)
	l.mu.Unlock()

	select {
	case <-w.turn:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	given := w.index < 0
	if !given {
		heap.Remove(&l.queue, w.index)
	}
	l.mu.Unlock()
	if given {
		l.release()
	}
	return ctx.Err()
}

func (l *Limiter) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		l.free++
		return
	}
	close(heap.Pop(&l.queue).(*waiter).turn)
}

// waiters is a heap.
type waiters []*waiter

func (q waiters) Len() int { return len(q) }

func (q waiters) Less(i, j int) bool {
	if q[i].priority != q[j].priority {
		return q[i].priority > q[j].priority
	}
	return q[i].arrival < q[j].arrival
}

func (q waiters) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *waiters) Push(w any) {
	w.(*waiter).index = len(*q)
	*q = append(*q, w.(*waiter))
}

func (q *waiters) Pop() any {
	old := *q
	w := old[len(old)-1]
	*q = old[:len(old)-1]
	w.index = -1
	return w
}
