package desk_test

import "syscall"

// smallBuffers gives a socket the smallest receive buffer, so that a client that does not read is noticed soon.
func smallBuffers(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) { failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	if err != nil {
		return err
	}
	return failed
}
