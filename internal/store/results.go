package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
)

// An entry of a result is
//
//	cowasm-result-1 KEY DIGEST
//	N
//	DIGEST…
//	MESSAGE
//
// with KEY the digest of the action, DIGEST that of all that follows the first
// line, N lines with the digests of all that the result names, and MESSAGE the
// ActionResult message of the Remote Execution API. The key is there so that an
// entry under a wrong name is found out; the list, so that one can tell whether
// a result is complete without reading the trees that it names.
const resultMagic = "cowasm-result-1"

// maxResult bounds the size of the entry of a result in bytes.
const maxResult = 256 << 20

// GetResult implements Results. It returns only a result that is complete: all
// that it names was there when it was last looked for, which is at most
// touchInterval ago. What gets lost in between, whoever needs it will notice;
// and once anything is lost, GetResult looks for everything each time.
func (s *Disk) GetResult(ctx context.Context, key digest.Digest) (*action.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := s.path("results", key)
	info, err := os.Lstat(p)
	if err != nil {
		return nil, s.lost(key, p, nil, err)
	}
	data, err := readEntry(p, info, maxResult)
	if err != nil {
		return nil, s.lost(key, p, info, err)
	}
	r, list, err := decodeResult(key, data)
	if err != nil {
		return nil, s.lost(key, p, info, err)
	}
	contents := outputs(r)
	if stale(info) || s.doubtful.Load() {
		if contents, err = parseList(list); err != nil {
			return nil, s.lost(key, p, info, err)
		}
	}
	missing, err := s.Missing(ctx, contents)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, &NotFoundError{Digest: key, Reason: fmt.Sprintf("its result names %s, which is not there", missing[0])}
	}
	touch(p, info)
	return r, nil
}

// outputs returns what r itself names, without what is in its directories.
func outputs(r *action.Result) []digest.Digest {
	var ds []digest.Digest
	for _, f := range r.Files {
		ds = append(ds, f.Digest)
	}
	for _, d := range r.Dirs {
		ds = append(ds, d.Root, d.Tree)
	}
	return ds
}

// readEntry reads an entry, which info describes, of at most max bytes.
func readEntry(p string, info fs.FileInfo, max int64) ([]byte, error) {
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("a %s is in its place", kind(info.Mode()))
	}
	if info.Size() > max {
		return nil, fmt.Errorf("it has %d bytes", info.Size())
	}
	return os.ReadFile(p)
}

// PutResult implements Results.
func (s *Disk) PutResult(ctx context.Context, key digest.Digest, r *action.Result) error {
	contents, err := Contents(s.dirs, r)
	if err != nil {
		return fmt.Errorf("storing the result of %s: %w", key, err)
	}
	missing, err := s.Missing(ctx, contents)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("storing the result of %s: %w", key, &NotFoundError{Digest: missing[0]})
	}
	data, err := encodeResult(key, r, contents)
	if err != nil {
		return err
	}
	return s.write(s.path("results", key), data)
}

func encodeResult(key digest.Digest, r *action.Result, contents []digest.Digest) ([]byte, error) {
	message, err := r.Encode()
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	fmt.Fprintf(&body, "%d\n", len(contents))
	for _, d := range contents {
		body.WriteString(d.String())
		body.WriteByte('\n')
	}
	body.Write(message)
	head := fmt.Sprintf("%s %s %s\n", resultMagic, key, digest.Of(body.Bytes()))
	return append([]byte(head), body.Bytes()...), nil
}

// checkResult reports what is wrong with the entry of a result whose key has
// the given hash.
func checkResult(hash string, data []byte) error {
	key, err := keyInEntry(hash, data)
	if err != nil {
		return err
	}
	_, list, err := decodeResult(key, data)
	if err == nil {
		_, err = parseList(list)
	}
	return err
}

// keyInEntry returns the key in the first line of an entry, whose hash must be
// the given one.
func keyInEntry(hash string, data []byte) (digest.Digest, error) {
	fields := strings.Fields(string(data[:max(0, bytes.IndexByte(data, '\n'))]))
	if len(fields) != 3 {
		return digest.Digest{}, errors.New("it does not start as an entry")
	}
	key, err := digest.Parse(fields[1])
	if err != nil || key.Hash() != hash {
		return digest.Digest{}, errors.New("it is that of another action")
	}
	return key, nil
}

// decodeResult returns the result in an entry, and the list of what it names.
func decodeResult(key digest.Digest, data []byte) (r *action.Result, list []byte, err error) {
	head, body, _ := bytes.Cut(data, []byte("\n"))
	if want := fmt.Sprintf("%s %s %s", resultMagic, key, digest.Of(body)); string(head) != want {
		return nil, nil, errors.New("its result is damaged or that of another action")
	}
	line, rest, _ := bytes.Cut(body, []byte("\n"))
	n, err := strconv.Atoi(string(line))
	if err != nil {
		return nil, nil, fmt.Errorf("its result is malformed: a list of %q digests", line)
	}
	message := rest
	for range n {
		_, message, _ = bytes.Cut(message, []byte("\n"))
	}
	if r, err = action.DecodeResult(message); err != nil {
		return nil, nil, fmt.Errorf("its result is malformed: %w", err)
	}
	return r, rest[:len(rest)-len(message)], nil
}

// parseList parses digests, one to a line.
func parseList(list []byte) ([]digest.Digest, error) {
	var ds []digest.Digest
	for line := range bytes.Lines(list) {
		d, err := digest.Parse(strings.TrimSuffix(string(line), "\n"))
		if err != nil {
			return nil, fmt.Errorf("its result is malformed: %w", err)
		}
		ds = append(ds, d)
	}
	return ds, nil
}
