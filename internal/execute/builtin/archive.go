package builtin

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/cowasm/cowasm/internal/archive"
	"github.com/cowasm/cowasm/internal/patch"
	"github.com/cowasm/cowasm/internal/tree"
)

var tarFunction = function{
	usage:      "[--unfinished] DIR OUTPUT",
	switches:   []string{"unfinished"},
	positional: 2,
	run: func(ctx context.Context, c *call) error {
		root, err := c.directory(c.args[0])
		if err != nil {
			return err
		}
		var buf bytes.Buffer
		w := archive.NewTarWriter(&buf)
		err = tree.Walk(c.load, root, func(p string, e tree.Entry) error {
			switch e.Kind {
			case tree.Dir:
				return w.Add(archive.Entry{Path: p, Kind: archive.Dir}, nil)
			case tree.Symlink:
				return w.Add(archive.Entry{Path: p, Kind: archive.Symlink, Target: e.Target}, nil)
			}
			data, err := c.blobs.Get(ctx, e.Digest)
			if err != nil {
				return err
			}
			return w.Add(archive.Entry{Path: p, Kind: archive.File, Executable: e.Executable, Size: int64(len(data))}, bytes.NewReader(data))
		})
		if err != nil {
			return err
		}
		end := w.Close
		if _, unfinished := c.flags["unfinished"]; unfinished {
			end = w.Flush
		}
		if err := end(); err != nil {
			return err
		}
		return c.writeFile(ctx, c.args[1], buf.Bytes(), false)
	},
}

var extractFunction = function{
	usage:      "[--strip=N|auto] [--include=GLOB]... [--exclude=GLOB]... [--patch=PATH]... ARCHIVE OUTDIR",
	flags:      []string{"strip", "include", "exclude", "patch"},
	positional: 2,
	run: func(ctx context.Context, c *call) error {
		strip, err := c.flag("strip", "0")
		if err != nil {
			return err
		}
		sel, err := newSelection(c.flags)
		if err != nil {
			return err
		}
		files, err := c.unpack(ctx, c.args[0])
		if err != nil {
			return err
		}
		if files, err = stripPaths(files, strip); err != nil {
			return fmt.Errorf("archive %s: %w", c.args[0], err)
		}
		for p := range files {
			if !sel.has(p) {
				delete(files, p)
			}
		}
		if err := sel.check(); err != nil {
			return fmt.Errorf("archive %s: %w", c.args[0], err)
		}
		for _, p := range c.flags["patch"] {
			if err := c.patch(ctx, files, p); err != nil {
				return fmt.Errorf("patch %s: %w", p, err)
			}
		}
		b := tree.NewBuilder(c.load)
		for p, e := range files {
			if e.Kind == tree.Dir {
				err = b.AddDir(p)
			} else {
				err = place(b, p, e)
			}
			if err != nil {
				return fmt.Errorf("archive %s: %w", c.args[0], err)
			}
		}
		return c.writeDir(ctx, c.args[1], b)
	},
}

// unpack puts the files of an archive into the store and returns its entries by
// path.
func (c *call) unpack(ctx context.Context, name string) (map[string]tree.Entry, error) {
	packed, err := c.read(ctx, name)
	if err != nil {
		return nil, err
	}
	files := map[string]tree.Entry{}
	err = archive.Walk(name, bytes.NewReader(packed), int64(len(packed)), archive.DefaultLimits, func(e archive.Entry, r io.Reader) error {
		switch e.Kind {
		case archive.Dir:
			files[e.Path] = tree.Entry{Kind: tree.Dir}
		case archive.Symlink:
			files[e.Path] = tree.Entry{Kind: tree.Symlink, Target: e.Target}
		case archive.File:
			data, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			d, err := c.blobs.Put(ctx, data)
			if err != nil {
				return err
			}
			files[e.Path] = tree.Entry{Kind: tree.File, Digest: d, Executable: e.Executable}
		}
		return nil
	})
	return files, err
}

// stripPaths takes the given number of leading parts off all paths; "auto"
// stands for one if all paths share it, and none otherwise. What has no more
// parts than that is dropped if it is a directory.
func stripPaths(files map[string]tree.Entry, strip string) (map[string]tree.Entry, error) {
	n := 0
	if strip != "auto" {
		var err error
		if n, err = strconv.Atoi(strip); err != nil || n < 0 {
			return nil, fmt.Errorf("--strip=%s is neither a number nor auto", strip)
		}
	} else if shareTop(files) {
		n = 1
	}
	if n == 0 {
		return files, nil
	}
	stripped := make(map[string]tree.Entry, len(files))
	for p, e := range files {
		parts := strings.SplitN(p, "/", n+1)
		if len(parts) <= n {
			if e.Kind != tree.Dir {
				return nil, fmt.Errorf("--strip=%d leaves nothing of the path %s", n, p)
			}
			continue
		}
		to := parts[n]
		if old, ok := stripped[to]; ok && (old.Kind != tree.Dir || e.Kind != tree.Dir) {
			return nil, fmt.Errorf("--strip=%d gives two entries the path %s", n, to)
		}
		if e.Kind == tree.Symlink && strings.HasPrefix(path.Join(path.Dir(to), e.Target)+"/", "../") {
			return nil, fmt.Errorf("--strip=%d lets the symlink %s lead out of the tree", n, p)
		}
		stripped[to] = e
	}
	return stripped, nil
}

// shareTop reports whether all is in one directory at the top.
func shareTop(files map[string]tree.Entry) bool {
	top := ""
	for p, e := range files {
		first, _, below := strings.Cut(p, "/")
		if !below && e.Kind != tree.Dir || top != "" && top != first {
			return false
		}
		top = first
	}
	return top != ""
}

// patch applies the unified diffs in the input file at path p to files.
func (c *call) patch(ctx context.Context, files map[string]tree.Entry, p string) error {
	text, err := c.read(ctx, p)
	if err != nil {
		return err
	}
	changes, err := patch.Parse(text)
	if err != nil {
		return err
	}
	for _, change := range changes {
		var old []byte
		e, exists := files[change.Old]
		if change.Old != "" {
			if !exists || e.Kind != tree.File {
				return fmt.Errorf("it changes %s, which is not a file of the tree", change.Old)
			}
			if old, err = c.blobs.Get(ctx, e.Digest); err != nil {
				return err
			}
		}
		if _, taken := files[change.New]; taken && change.New != change.Old {
			return fmt.Errorf("it creates %s, which is there already", change.New)
		}
		data, err := change.Apply(old)
		if err != nil {
			return err
		}
		delete(files, change.Old)
		if change.New == "" {
			continue
		}
		d, err := c.blobs.Put(ctx, data)
		if err != nil {
			return err
		}
		files[change.New] = tree.Entry{Kind: tree.File, Digest: d, Executable: change.Executable(e.Executable)}
	}
	return nil
}
