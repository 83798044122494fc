package socket

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
)

// FuzzBrowser says anything to a server: it must not crash, must come to an end, and hears no message that is too long.
func FuzzBrowser(f *testing.F) {
	f.Add([]byte("\x81\x82\x00\x00\x00\x00hi\x88\x80\x01\x02\x03\x04"))
	f.Add([]byte("\x01\x82\x00\x00\x00\x00hi\x89\x80\x01\x02\x03\x04\x80\x81\x00\x00\x00\x00!"))
	f.Add([]byte("\x82\xFF\x00\x00\x00\x00\x00\x01\x00\x01\x01\x02\x03\x04"))
	f.Fuzz(func(t *testing.T, said []byte) {
		near, far := net.Pipe()
		var browser sync.WaitGroup
		browser.Go(func() {
			near.Write(said) // the server may hang up in the middle
			near.Close()
		})
		browser.Go(func() { io.Copy(io.Discard, near) })
		c := &Conn{wire: far}
		for {
			_, message, err := c.Read(context.Background())
			if err != nil {
				break
			}
			if len(message) > MaxFrame {
				t.Errorf("a message of %d bytes", len(message))
			}
		}
		c.CloseNow()
		browser.Wait()
	})
}
