package server

import (
	"bytes"
	"os"
	"path"
	"strconv"
	"strings"
)

// memoryRoom is how much memory the process may take, in bytes: what the machine has, or the container or service that it
// runs in ("Control Group v2" in the Linux kernel's documentation; with the older kind only a container's own limit is seen).
// It is 0 where that is not known.
func memoryRoom() int64 { return memoryRoomIn("/") }

func memoryRoomIn(root string) (room int64) {
	least := func(file, unit string, times int64) {
		raw, err := os.ReadFile(path.Join(root, file))
		if err != nil {
			return
		}
		if unit != "" {
			_, raw, _ = bytes.Cut(raw, []byte(unit))
		}
		if fields := strings.Fields(string(raw)); len(fields) > 0 {
			n, err := strconv.ParseInt(fields[0], 10, 64) // "max" is no number
			if n *= times; err == nil && n > 0 && (room == 0 || n < room) {
				room = n
			}
		}
	}
	least("proc/meminfo", "MemTotal:", 1024)
	least("sys/fs/cgroup/memory/memory.limit_in_bytes", "", 1)
	groups, _ := os.ReadFile(path.Join(root, "proc/self/cgroup"))
	for line := range strings.Lines(string(groups)) {
		if own, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			for dir := own; ; dir = path.Dir(dir) {
				least(path.Join("sys/fs/cgroup", dir, "memory.max"), "", 1)
				if dir == "/" || dir == "." {
					break
				}
			}
		}
	}
	return room
}
