package pgtest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of processor times in /proc/PID/stat (USER_HZ).
const tick = 10 * time.Millisecond

// CPU is the processor time that the server's processes have taken so far.
func (s *Server) CPU() (time.Duration, error) {
	postmaster := fmt.Sprintf("/proc/%d", s.cmd.Process.Pid)
	stat, err := os.ReadFile(postmaster + "/stat")
	if err != nil {
		return 0, err
	}
	_, fields, _ := strings.Cut(string(stat), ") ") // the name may hold anything
	numbers := strings.Fields(fields)
	var sum time.Duration
	for _, text := range numbers[13:15] { // cutime and cstime: of children that have ended
		n, err := strconv.Atoi(text)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n) * tick
	}
	children, err := os.ReadFile(fmt.Sprintf("%s/task/%d/children", postmaster, s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for _, pid := range append(strings.Fields(string(children)), strconv.Itoa(s.cmd.Process.Pid)) {
		text, err := os.ReadFile("/proc/" + pid + "/schedstat")
		if err != nil {
			continue // it has just ended
		}
		first, _, _ := strings.Cut(string(text), " ")
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n)
	}
	return sum, nil
}
