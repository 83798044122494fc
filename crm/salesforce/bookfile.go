package salesforce

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// The file of the phone index: a line that names the form, a JSON line with what was read, the arrays in little-endian
// order, and a SHA-256 of all that.
const (
	indexFile = "phone-index"
	indexForm = "cordboard phone index 1\n"
)

// indexHead is what the file says about itself.
type indexHead struct {
	Org     string  `json:"org"`
	Region  string  `json:"region"`
	Shelves []shelf `json:"shelves"`
	Records int     `json:"records"`
	Keys    int     `json:"keys"`
	Text    int     `json:"text"`
}

// openIndex reads the kept index. One that is damaged, or another org's, is begun anew.
func (c *Client) openIndex() {
	if c.cfg.Folder == "" || c.cfg.noIndex() {
		return
	}
	head, base, err := readIndex(filepath.Join(c.cfg.Folder, indexFile))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return
	case err != nil:
		c.log.Warn("the kept phone index cannot be used and is read from the org again", "error", err)
		return
	case head.Org != c.cfg.URL || head.Region != c.cfg.Region || len(head.Shelves) != len(indexed):
		return
	}
	c.index.book.mu.Lock()
	c.index.book.base = base
	c.index.book.mu.Unlock()
	c.index.mu.Lock()
	c.index.state.shelves = head.Shelves
	c.index.mu.Unlock()
}

// saveIndex keeps the index, in the place of the kept one at once or not at all.
func (c *Client) saveIndex() {
	c.index.mu.Lock()
	shelves := slices.Clone(c.index.state.shelves)
	c.index.mu.Unlock()
	if c.cfg.Folder == "" || len(shelves) == 0 {
		return
	}
	c.index.book.fold()
	head := indexHead{Org: c.cfg.URL, Region: c.cfg.Region, Shelves: shelves}
	if err := writeIndex(filepath.Join(c.cfg.Folder, indexFile), head, &c.index.book.base); err != nil {
		c.log.Warn("the phone index cannot be kept; after a restart it is read from the org again", "error", err)
	}
}

func writeIndex(path string, head indexHead, p *pages) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("phone index: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), indexFile+"-*") // readable by us only
	if err != nil {
		return fmt.Errorf("phone index: %w", err)
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	head.Records, head.Keys, head.Text = len(p.records), len(p.keys), len(p.text)
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<20)
	if err := printIndex(out, head, p); err != nil {
		return fmt.Errorf("phone index: %w", err)
	}
	if err := errors.Join(out.Flush(), write(f, sum.Sum(nil)), f.Sync(), os.Rename(f.Name(), path)); err != nil {
		return fmt.Errorf("phone index: %w", err)
	}
	return nil
}

func write(w io.Writer, raw []byte) error {
	_, err := w.Write(raw)
	return err
}

func printIndex(out *bufio.Writer, head indexHead, p *pages) error {
	about, err := json.Marshal(head)
	if err != nil {
		return err
	}
	out.WriteString(indexForm)
	out.Write(append(about, '\n'))
	var record [24]byte
	for _, r := range p.records {
		copy(record[:15], r.id[:])
		record[15] = r.object
		binary.LittleEndian.PutUint32(record[16:], r.modified)
		binary.LittleEndian.PutUint32(record[20:], r.text)
		out.Write(record[:])
	}
	for _, part := range []any{p.keys, p.places, p.text} {
		if err := binary.Write(out, binary.LittleEndian, part); err != nil {
			return err
		}
	}
	return nil // what could not be written is told by Flush
}

var errDamaged = errors.New("phone index: the file is damaged")

func readIndex(path string) (indexHead, pages, error) {
	var head indexHead
	f, err := os.Open(path)
	if err != nil {
		return head, pages{}, fmt.Errorf("phone index: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return head, pages{}, fmt.Errorf("phone index: %w", err)
	}
	sum := sha256.New()
	in := bufio.NewReaderSize(f, 1<<20)
	form, err := readLine(in, sum)
	if err != nil || form != indexForm {
		return head, pages{}, errDamaged
	}
	text, err := readLine(in, sum)
	if err != nil || json.Unmarshal([]byte(text), &head) != nil || head.Records < 0 || head.Keys < 0 || head.Text < 0 {
		return head, pages{}, errDamaged
	}
	// The size is compared before anything is made of it.
	if want := int64(len(form)+len(text)+sha256.Size) + 24*int64(head.Records) + 12*int64(head.Keys) + int64(head.Text); want != info.Size() {
		return head, pages{}, errDamaged
	}
	p, err := scanIndex(io.TeeReader(in, sum), head)
	if err != nil {
		return head, pages{}, errDamaged
	}
	kept, err := io.ReadAll(in)
	if err != nil || !bytes.Equal(kept, sum.Sum(nil)) {
		return head, pages{}, errDamaged
	}
	return head, p, nil
}

// readLine reads a line, its end included, at most a buffer long.
func readLine(in *bufio.Reader, sum hash.Hash) (string, error) {
	raw, err := in.ReadSlice('\n')
	sum.Write(raw)
	return string(raw), err
}

func scanIndex(in io.Reader, head indexHead) (pages, error) {
	p := pages{
		records: make([]printed, head.Records), keys: make([]phoneKey, head.Keys), places: make([]uint32, head.Keys), text: make([]byte, head.Text),
	}
	var record [24]byte
	for i := range p.records {
		if _, err := io.ReadFull(in, record[:]); err != nil {
			return p, err
		}
		p.records[i] = printed{
			id: bookID(record[:15]), object: record[15],
			modified: binary.LittleEndian.Uint32(record[16:]), text: binary.LittleEndian.Uint32(record[20:]),
		}
	}
	for _, part := range []any{p.keys, p.places, p.text} {
		if err := binary.Read(in, binary.LittleEndian, part); err != nil {
			return p, err
		}
	}
	return p, nil
}
