package wasi

import (
	"slices"
	"time"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

const (
	subscriptionSize = 48
	eventSize        = 32
	maxSubscriptions = 4096

	eventClock   = 0
	eventFdRead  = 1
	eventFdWrite = 2
)

// A subscription is what a guest waits for: a time, or a descriptor that is
// ready.
type subscription struct {
	user uint64
	kind uint8
	fd   uint64
	due  time.Duration // eventClock: since the guest started
}

// An event answers a subscription.
type event struct {
	subscription
	readiness
	errno errno.Errno
}

// pollOneoff is poll_oneoff(in, out, count, events*).
//
// If nothing is ready, others go on. If they have to wait, too, time passes
// until the first clock subscription is due. If there is none either, the call
// could never return, and is EDEADLK.
func pollOneoff(s *System, m Memory, a []uint64) errno.Errno {
	if a[2] == 0 || a[2] > maxSubscriptions {
		return errno.EINVAL
	}
	in, err := view(m, a[0], subscriptionSize*a[2])
	if err != errno.OK {
		return err
	}
	out, err := view(m, a[1], eventSize*a[2])
	if err != errno.OK {
		return err
	}
	now := s.clock.Elapsed()
	subs, err := s.subscriptions(in, now)
	if err != errno.OK {
		return err
	}
	events, err := s.await(subs, now)
	if err != errno.OK {
		return err
	}
	for i, e := range events {
		b := out[eventSize*i:][:eventSize]
		clear(b)
		le.PutUint64(b, e.user)
		le.PutUint16(b[8:], uint16(e.errno))
		b[10] = e.kind
		le.PutUint64(b[16:], e.bytes)
		if e.hangup {
			le.PutUint16(b[24:], 1)
		}
	}
	return put32(m, a[3], uint32(len(events)))
}

// subscriptions decodes an array of subscriptions.
func (s *System) subscriptions(in []byte, now time.Duration) ([]subscription, errno.Errno) {
	subs := make([]subscription, 0, len(in)/subscriptionSize)
	for ; len(in) > 0; in = in[subscriptionSize:] {
		sub := subscription{user: le.Uint64(in), kind: in[8]}
		switch sub.kind {
		case eventClock:
			id, timeout, flags := le.Uint32(in[16:]), le.Uint64(in[24:]), le.Uint16(in[40:])
			const absolute = 1
			if id > clockMax || flags > absolute {
				return nil, errno.EINVAL
			}
			delay := time.Duration(min(timeout, 1<<62))
			if flags == absolute {
				delay -= s.now(id)
			}
			sub.due = now + max(0, delay)
		case eventFdRead, eventFdWrite:
			sub.fd = uint64(le.Uint32(in[16:]))
		default:
			return nil, errno.EINVAL
		}
		subs = append(subs, sub)
	}
	return subs, errno.OK
}

// ready returns the events that have happened by now.
func (s *System) ready(subs []subscription, now time.Duration) []event {
	var events []event
	for _, sub := range subs {
		e := event{subscription: sub}
		if sub.kind == eventClock {
			e.ready = sub.due <= now
		} else {
			e.readiness, e.errno = s.readiness(sub)
		}
		if e.ready || e.errno != errno.OK {
			events = append(events, e)
		}
	}
	return events
}

// readiness tells whether a descriptor is ready for what sub asks.
func (s *System) readiness(sub subscription) (readiness, errno.Errno) {
	d, err := s.get(sub.fd)
	switch {
	case err != errno.OK:
		return readiness{}, err
	case d.node != nil && sub.kind == eventFdRead && !d.isDir():
		return readiness{ready: true, bytes: uint64(max(0, d.size()-d.offset))}, errno.OK
	case d.node != nil:
		return readiness{ready: true}, errno.OK
	case sub.kind == eventFdRead:
		return d.channel.readable(), errno.OK
	}
	return d.channel.writable(), errno.OK
}

// await lets others go on, and time pass, until something is ready.
func (s *System) await(subs []subscription, now time.Duration) ([]event, errno.Errno) {
	events := s.ready(subs, now)
	if slices.ContainsFunc(events, func(e event) bool { return e.kind != eventClock }) {
		return events, errno.OK
	}
	if len(events) > 0 { // only looked whether something is ready
		s.yield()
		return s.ready(subs, now), errno.OK
	}
	// The clock has moved since now, if it was read for subscriptions.
	moved := s.clock.Peek() - now
	w := &waiting{ready: func() bool { return len(s.ready(subs, now)) > 0 }}
	for _, sub := range subs {
		if sub.kind == eventClock && (!w.timed || sub.due+moved < w.due) {
			w.timed, w.due = true, sub.due+moved
		}
		if d, err := s.get(sub.fd); err == errno.OK && sub.kind == eventFdRead && w.stdin == nil {
			w.stdin = d.waiter()
		}
	}
	if err := s.wait(w); err != errno.OK {
		return nil, err
	}
	now = s.clock.Peek() - moved
	if w.passed {
		now = max(now, w.due-moved)
	}
	return s.ready(subs, now), errno.OK
}
