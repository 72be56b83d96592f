// Probe does what its arguments say, one after the other, and tells what came
// of it, one line for each. "%ff" stands for a byte that is not UTF-8. It is a
// guest of the tests.
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	for _, arg := range os.Args[1:] {
		words := strings.Split(strings.ReplaceAll(arg, "%ff", "\xff"), " ")
		verb, ok := verbs[words[0]]
		if !ok {
			fmt.Fprintf(os.Stderr, "no verb %q\n", words[0])
			os.Exit(2)
		}
		out, err := verb(append(words[1:], "", ""))
		var errno syscall.Errno
		switch {
		case errors.As(err, &errno):
			fmt.Printf("%s: errno %d\n", words[0], errno)
		case err != nil:
			fmt.Printf("%s: %v\n", words[0], err)
		default:
			fmt.Printf("%s: %s\n", words[0], out)
		}
	}
}

var verbs = map[string]func(a []string) (string, error){
	"args": func(a []string) (string, error) { return strings.Join(os.Args, "|"), nil },
	"env":  func(a []string) (string, error) { return strings.Join(os.Environ(), "|"), nil },
	"time": func(a []string) (string, error) {
		return time.Now().UTC().Truncate(time.Second).Format(time.RFC3339), nil
	},
	"exit": func(a []string) (string, error) { var n int; fmt.Sscan(a[0], &n); os.Exit(n); return "", nil },
	"spin": func(a []string) (string, error) {
		for {
			sink++
		}
	},
	"trap":    func(a []string) (string, error) { panic("on purpose") },
	"stdin":   func(a []string) (string, error) { b, err := io.ReadAll(os.Stdin); return string(b), err },
	"errline": func(a []string) (string, error) { _, err := fmt.Fprintln(os.Stderr, a[0]); return "", err },
	"sleep":   func(a []string) (string, error) { time.Sleep(time.Hour); return "slept", nil },
	"read":    func(a []string) (string, error) { b, err := os.ReadFile(a[0]); return string(b), err },
	"readall": func(a []string) (string, error) {
		n := 0
		err := filepath.WalkDir(a[0], func(p string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := os.ReadFile(p)
			n += len(b)
			return err
		})
		return fmt.Sprint(n), err
	},
	"write":   func(a []string) (string, error) { return "", os.WriteFile(a[0], []byte(a[1]), 0o666) },
	"append":  func(a []string) (string, error) { return "", open(a[0], os.O_WRONLY|os.O_APPEND, a[1]) },
	"update":  func(a []string) (string, error) { return "", open(a[0], os.O_RDWR, a[1]) },
	"creat":   func(a []string) (string, error) { return "", open(a[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, a[1]) },
	"trunc":   func(a []string) (string, error) { return "", os.Truncate(a[0], 0) },
	"mkdir":   func(a []string) (string, error) { return "", os.MkdirAll(a[0], 0o777) },
	"rm":      func(a []string) (string, error) { return "", syscall.Unlink(a[0]) },
	"rmdir":   func(a []string) (string, error) { return "", syscall.Rmdir(a[0]) },
	"mv":      func(a []string) (string, error) { return "", syscall.Rename(a[0], a[1]) },
	"ln":      func(a []string) (string, error) { return "", syscall.Link(a[0], a[1]) },
	"symlink": func(a []string) (string, error) { return "", syscall.Symlink(a[0], a[1]) },
	"touch":   func(a []string) (string, error) { return "", os.Chtimes(a[0], time.Unix(1, 0), time.Unix(2, 0)) },
	"ls": func(a []string) (string, error) {
		entries, err := os.ReadDir(a[0])
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return strings.Join(names, " "), err
	},
	"stat": func(a []string) (string, error) {
		i, err := os.Lstat(a[0])
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%v %d %s", i.Mode().Type(), i.Size(), i.ModTime().UTC().Format(time.DateOnly)), nil
	},
	"inodes": func(a []string) (string, error) {
		entries, err := os.ReadDir(a[0])
		var list []string
		for _, e := range entries {
			var st syscall.Stat_t
			err = errors.Join(err, syscall.Lstat(a[0]+"/"+e.Name(), &st))
			list = append(list, fmt.Sprint(st.Ino))
		}
		return strings.Join(list, " "), err
	},
	"fill": func(a []string) (string, error) {
		f, err := os.Create(a[0])
		if err != nil {
			return "", err
		}
		block := make([]byte, 1<<20)
		for {
			if _, err := f.Write(block); err != nil {
				return "", err
			}
		}
	},
	"hole": func(a []string) (string, error) {
		f, err := os.Create(a[0])
		if err != nil {
			return "", err
		}
		_, err = f.WriteAt([]byte("x"), 1<<40)
		return "", err
	},
	"files": func(a []string) (string, error) {
		var n int
		fmt.Sscan(a[1], &n)
		for i := range n {
			if err := os.WriteFile(fmt.Sprintf("%s/%d", a[0], i), nil, 0o666); err != nil {
				return "", err
			}
		}
		return fmt.Sprint(n), nil
	},
	"fds": func(a []string) (string, error) {
		for {
			if _, err := syscall.Open(a[0], syscall.O_RDONLY, 0); err != nil {
				return "", err
			}
		}
	},
	"deep": func(a []string) (string, error) {
		for i := range 1000 {
			if err := syscall.Mkdir(a[0], 0o777); err != nil {
				return fmt.Sprint(i), err
			}
			a[0] += "/d"
		}
		return "1000", nil
	},
	"flood": func(a []string) (string, error) {
		block := slices.Repeat([]byte("x"), 1<<20)
		for {
			if _, err := os.Stdout.Write(block); err != nil {
				os.Exit(3)
			}
		}
	},
	"alloc": func(a []string) (string, error) {
		var keep [][]byte
		for {
			keep = append(keep, make([]byte, 1<<26))
			runtime.KeepAlive(keep)
		}
	},
}

var sink int

func open(name string, flag int, text string) error {
	f, err := os.OpenFile(name, flag, 0o666)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
