//go:build !linux

package pgcost

import (
	"errors"
	"time"
)

// CPU is not known here.
func CPU(int) (time.Duration, error) { return 0, errors.ErrUnsupported }

func postmasterOf(int) (int, error) { return 0, errors.ErrUnsupported }
