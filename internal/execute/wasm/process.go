package wasm

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// A process is a worker process, seen from the Executor.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *opening
	ended  sync.Once
	status error // once it has ended: what exec.Cmd.Wait returned
}

// start starts a worker.
func start(command []string, open *openRequest) (*process, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.SysProcAttr = dieWithParent()
	p := &process{cmd: cmd, stderr: &opening{}}
	cmd.Stderr = p.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting a worker: %w", err)
	}
	if err := send(p.in, request{Open: open}); err != nil {
		return nil, p.lost(err)
	}
	return p, nil
}

// kill ends the process at once.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
}

// stop ends the process and waits for it.
func (p *process) stop() {
	p.kill()
	p.wait()
}

func (p *process) wait() {
	p.ended.Do(func() { p.status = p.cmd.Wait() })
}

// lost ends a process that cannot be talked to any more and says why.
func (p *process) lost(cause error) error {
	if errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF) || errors.Is(cause, os.ErrClosed) {
		cause = nil // because it ended
		p.wait()
	} else {
		p.stop()
	}
	msg := "the worker that ran the program has ended unexpectedly"
	if p.status != nil {
		msg += ": " + p.status.Error()
	}
	if text := p.stderr.String(); text != "" {
		msg += "; it wrote:\n" + text
	}
	if cause != nil {
		return fmt.Errorf("%s: %w", msg, cause)
	}
	return errors.New(msg)
}

// opening keeps the start of what a process writes to stderr: a Go program that
// crashes tells why first, and then goes on at length.
type opening struct {
	mu      sync.Mutex
	text    []byte
	dropped bool
}

const maxOpening = 4 << 10

// Write implements io.Writer.
func (t *opening) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	room := min(len(p), maxOpening-len(t.text))
	t.text = append(t.text, p[:room]...)
	t.dropped = t.dropped || room < len(p)
	return len(p), nil
}

// String returns what is kept.
func (t *opening) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := strings.TrimSpace(string(t.text))
	if t.dropped {
		s += "\n…"
	}
	return s
}
