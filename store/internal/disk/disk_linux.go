package disk

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// Disk is a file system that is mounted at Dir until the test ends.
type Disk struct {
	Dir   string
	t     testing.TB
	image string
}

// New makes a disk of some megabytes, or skips the test where that is not possible.
func New(t testing.TB, megabytes int64) *Disk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a disk whose power can be cut needs root: it is mounted")
	}
	for _, tool := range []string{"mkfs.ext4", "mount"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("a disk whose power can be cut needs %s: %v", tool, err)
		}
	}
	folder := t.TempDir()
	d := &Disk{Dir: filepath.Join(folder, "mounted"), t: t, image: filepath.Join(folder, "image")}
	// Servers that run as another user get there, too.
	if err := errors.Join(os.Chmod(filepath.Dir(folder), 0o755), os.Mkdir(d.Dir, 0o755), os.WriteFile(d.image, nil, 0o600), os.Truncate(d.image, megabytes<<20)); err != nil {
		t.Fatal(err)
	}
	// Without the lazy parts nothing writes to the disk but the test.
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", d.image).CombinedOutput(); err != nil {
		t.Fatalf("mkfs.ext4: %v\n%s", err, out)
	}
	if err := d.mount(); err != nil {
		t.Skipf("a disk whose power can be cut needs loop devices: %v", err)
	}
	t.Cleanup(func() {
		if err := d.unmount(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *Disk) mount() error {
	if out, err := exec.Command("mount", "-t", "ext4", "-o", "loop", d.image, d.Dir).CombinedOutput(); err != nil {
		return fmt.Errorf("mount -o loop: %w: %s", err, out)
	}
	return nil
}

// unmount waits for processes that are about to end.
func (d *Disk) unmount() error {
	var err error
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if err = syscall.Unmount(d.Dir, 0); !errors.Is(err, syscall.EBUSY) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("unmount %s: %w", d.Dir, err)
	}
	return nil
}

// The request EXT4_IOC_SHUTDOWN and its flag EXT4_GOING_FLAGS_NOLOGFLUSH, as the kernel's fs/ext4/ext4.h has them.
const (
	shutdown   = 0x8004587d // _IOR('X', 125, __u32)
	noLogFlush = 2
)

// Cut cuts the power: nothing reaches the disk any more, not even what the file system's journal was about to write.
// What a process is told afterwards means nothing: an fsync that was under way may still report success. So whoever
// counts what was acknowledged counts before Cut.
func (d *Disk) Cut() {
	d.t.Helper()
	dir, err := os.Open(d.Dir)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = dir.Close() }()
	flag := uint32(noLogFlush)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, dir.Fd(), shutdown, uintptr(unsafe.Pointer(&flag))); errno != 0 {
		d.t.Skipf("this kernel's ext4 cannot be shut down: %v", errno)
	}
}

// Restore brings the power back: the file system recovers from its own journal. Whoever used the disk has ended, or is
// about to.
func (d *Disk) Restore() {
	d.t.Helper()
	if err := errors.Join(d.unmount(), d.mount()); err != nil {
		d.t.Fatal(err)
	}
}
