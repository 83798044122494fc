package sqlite

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/s2"
)

// daybook is where commits go first: each entry is one group, in one write with one fsync. It has two files. While one is
// being written, what is in the other is posted into the tables; then the other begins anew. So an entry costs what its
// bytes cost, and the tables are changed once for many of them ([Store.post]).
//
// An entry begins on a block of its own, and none is written before the one before it is durable: whatever a power cut does
// to the newest entry, the older ones are whole.
type daybook struct {
	files  [2]*os.File
	ends   [2]int64  // where the next entry of each goes
	sizes  [2]int64  // of the files
	newest [2]uint64 // entry in each
	now    int       // which is being written
	full   int64     // the size after which the other one has its turn
	sync   func(*os.File) error

	run    int64  // marks the entries of this process
	next   uint64 // the number of the next entry
	posted uint64 // the newest entry that is in the tables
	buffer []byte
}

const (
	dayBlock  = 4 << 10
	dayHeader = 28
	dayFull   = 8 << 20
	// dayMost bounds the size of an entry that is read: a larger one is no entry.
	dayMost = 1 << 30
)

var (
	dayMagic = [4]byte{'C', 'o', 'r', 'd'}
	dayTable = crc32.MakeTable(crc32.Castagnoli)
	// errDaybook is a failure of the daybook after which it cannot be trusted.
	errDaybook = errors.New("daybook")
)

// dayFiles are the names of the two files of a journal.
func dayFiles(path string) [2]string { return [2]string{path + "-day1", path + "-day2"} }

// openDaybook opens the files, which are not there after a clean end.
func openDaybook(path string) (*daybook, error) {
	d := &daybook{full: dayFull, sync: syncData}
	for i, name := range dayFiles(path) {
		var err error
		if d.files[i], err = os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
			return nil, errors.Join(err, d.close())
		}
	}
	if err := syncFile(filepath.Dir(path)); err != nil { // or the files may be gone after a power cut, with what is in them
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

// write appends one entry; it is durable when write returns nil. After an error that does not wrap errDaybook nothing was
// appended.
func (d *daybook) write(payload []byte) error {
	if other := 1 - d.now; d.ends[d.now] >= d.full && d.newest[other] <= d.posted {
		d.now, d.ends[other] = other, 0
	}
	f := d.files[d.now]
	frame := d.frame(payload)
	end := d.ends[d.now] + int64(len(frame))
	err := d.grow(end)
	if err == nil {
		_, err = f.WriteAt(frame, d.ends[d.now])
	}
	if full(err) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errDaybook, err)
	}
	if err := d.sync(f); err != nil { // what is not on disk now may never be, whatever the reason
		return fmt.Errorf("%w: fsync %s: %v", errDaybook, f.Name(), err)
	}
	d.ends[d.now] = end
	d.newest[d.now] = d.next
	d.next++
	return nil
}

// grow makes the file that is being written larger than an entry needs, if it has to grow: an fsync that has to make a new size
// durable waits for whatever else the file system has to bring to the disk, and most need not.
func (d *daybook) grow(end int64) error {
	f, size := d.files[d.now], &d.sizes[d.now]
	if end <= *size {
		return nil
	}
	for room := end + d.full/8; *size < room; *size += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:], *size); full(err) && *size >= end {
			break
		} else if err != nil {
			return err
		}
	}
	return nil
}

// zeros is what a file grows by.
var zeros [16 * dayBlock]byte

// frame is an entry as it lies in a file: a header, the packed payload, and nothing up to the next block.
func (d *daybook) frame(payload []byte) []byte {
	most := dayHeader + s2.MaxEncodedLen(len(payload))
	if len(d.buffer) < most {
		d.buffer = make([]byte, most+most/2)
	}
	b := d.buffer
	body := s2.Encode(b[dayHeader:], payload)
	copy(b, dayMagic[:])
	binary.LittleEndian.PutUint32(b[8:], uint32(len(body)))
	binary.LittleEndian.PutUint64(b[12:], d.next)
	binary.LittleEndian.PutUint64(b[20:], uint64(d.run))
	size := dayHeader + len(body)
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(b[8:size], dayTable))
	end := blocks(size)
	if end > len(b) {
		b = append(b, make([]byte, end-len(b))...)
		d.buffer = b
	}
	clear(b[size:end])
	return b[:end]
}

// blocks is a size rounded up to whole blocks.
func blocks(size int) int { return (size + dayBlock - 1) / dayBlock * dayBlock }

// found is an entry that was read from a file.
type found struct {
	number uint64
	packed []byte
}

// readDaybook returns the entries of a run behind a number, in order. Where what is left of older runs lies between them does
// not matter; that one is missing does.
func readDaybook(path string, run int64, posted uint64) ([]found, error) {
	pages, err := loadDaybook(path)
	if err != nil {
		return nil, err
	}
	all := pick(pages, run, posted)
	if n := unbroken(all, posted); n < len(all) {
		return nil, fmt.Errorf("the daybook lacks entry %d although a later one is there: it is damaged; restore a backup", posted+uint64(n)+1)
	}
	return all, nil
}

// loadDaybook reads the files as they are.
func loadDaybook(path string) (pages [][]byte, err error) {
	for _, name := range dayFiles(path) {
		data, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		pages = append(pages, data)
	}
	return pages, nil
}

// pick finds the entries of a run behind a number that are whole, and orders them.
func pick(pages [][]byte, run int64, posted uint64) (all []found) {
	for _, data := range pages {
		for len(data) >= dayHeader {
			f, size := parse(data, run)
			if size > 0 && f.number > posted {
				all = append(all, f)
			}
			data = data[min(len(data), max(dayBlock, blocks(size))):]
		}
	}
	slices.SortFunc(all, func(a, b found) int { return cmp.Compare(a.number, b.number) })
	return all
}

// unbroken is how many of the entries follow a number without a gap.
func unbroken(all []found, posted uint64) int {
	for i, f := range all {
		if f.number != posted+uint64(i)+1 {
			return i
		}
	}
	return len(all)
}

// parse reads the entry at the beginning of data; its size is 0 when there is no whole one of this run.
func parse(data []byte, run int64) (f found, size int) {
	n := int64(binary.LittleEndian.Uint32(data[8:]))
	if [4]byte(data[:4]) != dayMagic || n > min(dayMost, int64(len(data)-dayHeader)) || int64(binary.LittleEndian.Uint64(data[20:])) != run {
		return f, 0
	}
	size = dayHeader + int(n)
	if crc32.Checksum(data[8:size], dayTable) != binary.LittleEndian.Uint32(data[4:]) {
		return f, 0
	}
	return found{binary.LittleEndian.Uint64(data[12:]), data[dayHeader:size]}, size
}

// entry reads what was found.
func (f found) entry() (*entry, error) {
	payload, err := s2.Decode(nil, f.packed)
	if err != nil {
		return nil, fmt.Errorf("entry %d of the daybook: %w", f.number, err)
	}
	e, err := decodeEntry(payload)
	if err != nil {
		return nil, fmt.Errorf("entry %d of the daybook: %w", f.number, err)
	}
	e.number = f.number
	return e, nil
}

// entries reads all that was found.
func entries(all []found) ([]*entry, error) {
	out := make([]*entry, len(all))
	for i := range all {
		var err error
		if out[i], err = all[i].entry(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// remove takes the files away: everything in them is in the tables.
func (d *daybook) remove() error {
	errs := []error{d.close()}
	for _, f := range d.files {
		errs = append(errs, os.Remove(f.Name()))
	}
	return errors.Join(errs...)
}

func (d *daybook) close() error {
	var errs []error
	for _, f := range d.files {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// newRun is a mark that no other run has.
func newRun() int64 {
	for {
		if run := rand.Int64(); run != 0 {
			return run
		}
	}
}
