// Package disk gives tests a disk whose power can be cut.
//
// Killing a process proves nothing about power: what it wrote stays in the operating system's cache. A [Disk] is a file
// system of its own (ext4 in a file, on a loop device) that can be shut down in the middle of everything: what had not
// reached the device is gone, as after a power cut. It needs Linux and the right to mount; without them the test skips.
package disk
