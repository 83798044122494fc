package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// Restore puts a backup in the place of the journal at path, which nobody may have open. The backup has to pass SQLite's
// integrity check first. What was at path is kept beside it under the name that Restore returns; empty when there was
// nothing.
func Restore(ctx context.Context, backup, path string) (kept string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("restore: %w", err)
		}
	}()
	if path, err = realPath(path); err != nil {
		return "", err
	}
	lock, err := lockFile(path + ".lock")
	if errors.Is(err, errLocked) {
		return "", fmt.Errorf("a Cordboard has %s open: stop it first", path)
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Close() }()
	if err := verify(ctx, backup); err != nil {
		return "", fmt.Errorf("%s: %w", backup, err)
	}
	aside := path + time.Now().UTC().Format(".before-20060102T150405.000")
	err = place(path, func(part string) error {
		if err := copyFile(backup, part); err != nil {
			return err
		}
		if kept, err = setAside(path, aside); err != nil {
			return err
		}
		if err := os.Remove(path + "-shm"); !errors.Is(err, fs.ErrNotExist) {
			return err // nil, or a reason to stop
		}
		return nil
	})
	return kept, err
}

// setAside gives a journal another name, with its logs, without which it would not be whole.
func setAside(path, aside string) (kept string, err error) {
	for _, suffix := range []string{"", "-wal", "-day1", "-day2", ".failed"} {
		switch err := os.Rename(path+suffix, aside+suffix); {
		case err == nil:
			kept = aside
		case !errors.Is(err, fs.ErrNotExist):
			return kept, err
		}
	}
	return kept, nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
