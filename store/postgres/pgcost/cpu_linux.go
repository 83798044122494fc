package pgcost

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of processor times in /proc/PID/stat (USER_HZ).
const tick = 10 * time.Millisecond

// CPU is the processor time that a server's processes have taken so far, by the id of the first of them, the postmaster.
func CPU(pid int) (time.Duration, error) {
	postmaster := fmt.Sprintf("/proc/%d", pid)
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
	children, err := os.ReadFile(fmt.Sprintf("%s/task/%d/children", postmaster, pid))
	if err != nil {
		return 0, err
	}
	for _, pid := range append(strings.Fields(string(children)), strconv.Itoa(pid)) {
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

// postmasterOf is the process that started a backend, both of them on this machine.
func postmasterOf(backend int) (int, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", backend))
	if err != nil {
		return 0, err
	}
	name, fields, _ := strings.Cut(string(stat), ") ")
	if !strings.Contains(name, "(postgres") {
		return 0, fmt.Errorf("process %d of this machine is not the database's", backend)
	}
	return strconv.Atoi(strings.Fields(fields)[1])
}
