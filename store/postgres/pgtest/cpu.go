package pgtest

import (
	"time"

	"cordboard/store/postgres/pgcost"
)

// CPU is the processor time that the server's processes have taken so far.
func (s *Server) CPU() (time.Duration, error) { return pgcost.CPU(s.cmd.Process.Pid) }
