//go:build unix

package server

import "syscall"

// descriptors is how many descriptors the process may have; 0 when that is not known. Go has raised the limit as far as
// it may be raised.
func descriptors() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > 1<<30 {
		return 0
	}
	return int(limit.Cur)
}
