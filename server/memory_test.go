package server

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

func TestShare(t *testing.T) {
	for _, c := range []struct {
		living, headroom uint64
		want             int
	}{
		{0, 96 << 20, 9600}, {48 << 20, 96 << 20, 200}, {96 << 20, 96 << 20, 100}, {1 << 30, 96 << 20, 100}, {256 << 20, 768 << 20, 300},
	} {
		if got := share(c.living, c.headroom); got != c.want {
			t.Errorf("%d MiB live, %d may gather: %d %%, not %d", c.living>>20, c.headroom>>20, got, c.want)
		}
	}
}

// Ensure that who produces much garbage may let much of it gather, but no more than there is room for.
func TestHeadroom(t *testing.T) {
	if least, most := headroomIn(0), headroomIn(64<<30); least != 96<<20 || most != 768<<20 || headroomIn(2<<30) != 256<<20 {
		t.Errorf("%d and %d bytes of garbage, and %d in 2 GiB", least, most, headroomIn(2<<30))
	}
	now := time.Now()
	for allocated, want := range map[uint64]uint64{1 << 20: 96 << 20, 100 << 20: 400 << 20, 10 << 30: 768 << 20} {
		tune := tuner{most: 768 << 20, last: heap{at: now}}
		if got := tune.headroom(heap{at: now.Add(2 * time.Second), allocated: allocated}); got != want {
			t.Errorf("%d MiB in 2 s: %d MiB gather, not %d", allocated>>20, got>>20, want>>20)
		}
	}
}

// Ensure that what lives can be measured, on this release of Go, too.
func TestLiving(t *testing.T) {
	kept := make([]byte, 64<<20)
	runtime.GC()
	if h := heapNow(); h.living < 64<<20 || h.living > 1<<30 || h.allocated < 64<<20 {
		t.Errorf("%d bytes live of %d while 64 MiB are kept", h.living, h.allocated)
	}
	runtime.KeepAlive(kept)
}

// Ensure that the nearest of the limits counts.
func TestMemoryRoom(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"nothing is known", nil, 0},
		{"a machine", map[string]string{"proc/meminfo": "MemTotal:        2097152 kB\nMemFree: 1 kB\n", "proc/self/cgroup": "0::/\n"}, 2 << 30},
		{"a container", map[string]string{
			"proc/meminfo": "MemTotal: 2097152 kB\n", "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1073741824\n"}, 1 << 30},
		{"a service", map[string]string{
			"proc/meminfo": "MemTotal: 2097152 kB\n", "proc/self/cgroup": "1:name=systemd:/x\n0::/system.slice/cordboard.service\n",
			"sys/fs/cgroup/system.slice/cordboard.service/memory.max": "max\n", "sys/fs/cgroup/system.slice/memory.max": "536870912\n"}, 512 << 20},
		{"a container of the older kind", map[string]string{
			"proc/meminfo": "MemTotal: 2097152 kB\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824\n"}, 1 << 30},
	} {
		root := t.TempDir()
		for file, text := range c.files {
			file = filepath.Join(root, file)
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := memoryRoomIn(root); got != c.want {
			t.Errorf("%s: %d MiB, not %d", c.name, got>>20, c.want>>20)
		}
	}
}
