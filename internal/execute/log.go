package execute

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/cowasm/cowasm/internal/action"
)

// A Log is a record of all actions of a build, cached or not: JSON objects, one
// to a line, in the order in which the actions ended.
type Log struct {
	mu  sync.Mutex
	enc *json.Encoder
	err error
}

// A LogEntry is a line of a Log. Digests are of the form HASH/SIZE.
type LogEntry struct {
	Owner     string            `json:"owner"`
	Mnemonic  string            `json:"mnemonic"`
	Executor  string            `json:"executor"`
	Arguments []string          `json:"arguments"`
	Key       string            `json:"key"`
	InputRoot string            `json:"input_root"`
	Outputs   map[string]string `json:"outputs,omitempty"` // digests by path; of a directory, that of its root
	ExitCode  int               `json:"exit_code"`
	Error     string            `json:"error,omitempty"` // why the action could not be run
	Cached    bool              `json:"cached"`
	ByReadSet bool              `json:"by_read_set,omitempty"` // the program would see nothing that it has not seen already
	Seconds   float64           `json:"seconds"`               // that the execution took, now or then
}

// NewLog returns a Log that is written to w.
func NewLog(w io.Writer) *Log {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &Log{enc: enc}
}

// Record returns an Executor that records what inner makes of each action.
// Those that were cancelled are left out.
func (l *Log) Record(inner Executor) Executor {
	return Func(func(ctx context.Context, a *action.Action) (*action.Result, error) {
		key, err := keyOf(ctx, a)
		if err != nil {
			return nil, err
		}
		r, err := inner.Execute(ctx, a)
		if errors.Is(err, context.Canceled) {
			return r, err
		}
		entry := LogEntry{
			Owner: a.Owner.String(), Mnemonic: a.Mnemonic,
			Executor: a.Executor, Arguments: a.Arguments,
			Key: key.String(), InputRoot: a.InputRoot.String(),
		}
		if err != nil {
			entry.Error = err.Error()
		}
		if r != nil {
			entry.ExitCode, entry.Seconds = r.ExitCode, r.Duration.Seconds()
			entry.Cached, entry.ByReadSet = r.Cached, r.ByReadSet
			entry.Outputs = map[string]string{}
			for _, p := range outputPaths(r) {
				out, _ := outputOf(r, p)
				entry.Outputs[p] = out.Digest.String()
			}
		}
		l.write(entry)
		return r, err
	})
}

func (l *Log) write(entry LogEntry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = l.enc.Encode(entry)
	}
}

// Err returns the first error of writing, after which nothing more was written.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}
