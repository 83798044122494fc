package sqlite

import (
	"errors"
	"fmt"
	"syscall"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"cordboard/engine"
)

// ErrFull means that the disk is full: nothing of the group was stored, and the next commit may succeed once there is
// space. It is not engine.ErrBroken.
var ErrFull = errors.New("sqlite: the disk is full")

var errLocked = errors.New("locked")

// judge gives an error of the driver its meaning for the engine. It remembers that the storage broke.
func (s *Store) judge(doing string, err error) error {
	if err == nil {
		return nil
	}
	switch code, tables := primary(err); {
	case tables || full(err):
		return fmt.Errorf("%w (%s: %w)", ErrFull, doing, err)
	case fatal(code) || errors.Is(err, errDaybook):
		broken := fmt.Errorf("%w: sqlite: %s: %w", engine.ErrBroken, doing, err)
		if s.broken.CompareAndSwap(nil, &broken) {
			s.log.Error("storage failed: nothing is stored any more", "doing", doing, "error", err)
			s.mark()
		}
		return broken
	}
	return fmt.Errorf("sqlite: %s: %w", doing, err)
}

// usable returns the error that broke the store, if one did.
func (s *Store) usable() error {
	if p := s.broken.Load(); p != nil {
		return *p
	}
	return nil
}

// primary returns the primary result code of a driver's error, 0 when it is none, and whether it says that the disk is full.
func primary(err error) (code int, full bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0, false
	}
	return e.Code() & 0xff, e.Code()&0xff == lib.SQLITE_FULL
}

// full reports whether a file could not be written because there is no space.
func full(err error) bool {
	return !errors.Is(err, errDaybook) && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT))
}

// fatal tells the result codes after which the file or the disk cannot be trusted.
func fatal(code int) bool {
	switch code {
	case lib.SQLITE_IOERR, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_CANTOPEN, lib.SQLITE_READONLY, lib.SQLITE_PROTOCOL:
		return true
	}
	return false
}
