package report

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ReplaceFile replaces the file at path by what write writes, at once: a reader
// sees the old file or the new one, never a part, and where write fails the old
// one stays. A new file gets the mode that the umask leaves; an old one's mode
// is kept. A symbolic link stays, and its target is replaced. What is no
// regular file (a pipe, /dev/stdout) is written to as it is.
func ReplaceFile(path string, write func(io.Writer) error) error {
	if err := replaceFile(path, write); err != nil {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	return nil
}

func replaceFile(path string, write func(io.Writer) error) error {
	target, err := followLinks(path)
	if err != nil {
		return err
	}
	old, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return swapIn(target, 0, write)
	case err != nil:
		return err
	case old.IsDir():
		return errors.New("it is a directory; name a file in it")
	case !old.Mode().IsRegular():
		return writeThrough(target, write)
	}
	return swapIn(target, old.Mode().Perm(), write)
}

// followLinks returns the file that path leads to, whether that exists or not.
func followLinks(path string) (string, error) {
	const most = 40 // as the kernels have it
	for range most {
		target, err := os.Readlink(path)
		if err != nil {
			return path, nil // no link: opening it says what is wrong with it, if anything
		}
		if !filepath.IsAbs(target) {
			dir, err := filepath.EvalSymlinks(filepath.Dir(path))
			if err != nil {
				return "", err
			}
			target = filepath.Join(dir, target)
		}
		path = target
	}
	return "", errors.New("too many symbolic links")
}

func writeThrough(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return cmp.Or(write(f), f.Close())
}

// swapIn writes a file beside path and renames it to path. A mode of zero
// leaves the mode to the umask.
func swapIn(path string, mode fs.FileMode, write func(io.Writer) error) (err error) {
	temp := filepath.Join(filepath.Dir(path), ".watchcat-"+rand.Text()+".tmp")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	renamed := false
	defer func() { // after a panic in write, too
		if !renamed {
			f.Close()
			os.Remove(temp)
		}
	}()
	if mode != 0 {
		if err := f.Chmod(mode); err != nil {
			return err
		}
	}
	if err := write(f); err != nil {
		return err
	}
	if err := cmp.Or(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	renamed = true
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename in dir outlast a power cut, where the system can.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil // it may be written to, but not read; the file is in place
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
