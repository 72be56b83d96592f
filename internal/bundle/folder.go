package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/cowasm/cowasm/internal/archive"
	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
)

// WriteFolder makes the folder dir of the bundles of an index: their archives
// or, if unpack is set, what is in these, ready to be put on sys.path; and the
// index itself. The folder appears as a whole. It may be there already only if
// it is empty or one that WriteFolder wrote, which is replaced.
func (i *Index) WriteFolder(dir string, unpack bool) error {
	replaces, err := mayReplace(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return err
	}
	temp := filepath.Join(filepath.Dir(dir), atomicfile.TempName())
	if err := os.Mkdir(temp, 0o777); err != nil {
		return err
	}
	defer os.RemoveAll(temp) // it is not there any more if all went well
	for _, b := range i.Bundles {
		if unpack {
			err = b.unpack(temp)
		} else {
			err = b.copyTo(temp)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", b.Name, err)
		}
	}
	data, err := i.encode()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(temp, IndexFile), data, 0o666); err != nil {
		return err
	}
	if !replaces {
		return os.Rename(temp, dir)
	}
	old := filepath.Join(filepath.Dir(dir), atomicfile.TempName())
	if err := os.Rename(dir, old); err != nil {
		return err
	}
	if err := os.Rename(temp, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}

// mayReplace reports whether there is something at dir that may be replaced. It
// returns an error if it may not.
func mayReplace(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if e.Name() == IndexFile {
			return true, nil
		}
	}
	if len(entries) > 0 {
		return false, diag.Errorf(diag.Position{}, "%s is a folder of something else: it has no %s", dir, IndexFile).
			WithHint("name a folder that is empty or does not exist")
	}
	return true, nil
}

// copyTo copies the archive into a folder.
func (b *Bundle) copyTo(dir string) error {
	data, err := b.content()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, b.Archive), data, 0o666)
}

// content returns the archive, whose hash it has checked.
func (b *Bundle) content() ([]byte, error) {
	data, err := os.ReadFile(b.path)
	if err != nil {
		return nil, err
	}
	if got := digest.Of(data).Hash(); got != b.SHA256 {
		return nil, fmt.Errorf("%s has the sha256 %s, its description says %s", b.Archive, got, b.SHA256)
	}
	return data, nil
}

// unpack lays the content of the archive out below dir.
func (b *Bundle) unpack(dir string) error {
	data, err := b.content()
	if err != nil {
		return err
	}
	return archive.Walk(b.Archive, bytes.NewReader(data), int64(len(data)), archive.DefaultLimits, func(e archive.Entry, content io.Reader) error {
		at := filepath.Join(dir, filepath.FromSlash(e.Path))
		if e.Path == IndexFile {
			return fmt.Errorf("it has a module of the name of the index, %s", IndexFile)
		}
		switch e.Kind {
		case archive.Dir:
			return os.MkdirAll(at, 0o777)
		case archive.Symlink:
			return fmt.Errorf("%s is a symlink, which a bundle must not have", e.Path)
		}
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(path.Dir(e.Path))), 0o777); err != nil {
			return err
		}
		f, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("another bundle has %s too", e.Path)
		}
		if err != nil {
			return err
		}
		if _, err := io.Copy(f, content); err != nil {
			f.Close()
			return err
		}
		return f.Close()
	})
}
