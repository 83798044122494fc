package finesse

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// writeTimeout bounds one write: a server that does not read for so long is gone.
const writeTimeout = 15 * time.Second

// tcpWire carries XMPP over TCP (RFC 6120): one endless document, cut into its top-level elements here.
type tcpWire struct {
	c   net.Conn
	r   *bufio.Reader
	tls *tls.Config
	mu  sync.Mutex // one writer at a time
	buf []byte
}

func dialTCP(ctx context.Context, address string, direct bool, cfg *tls.Config) (*tcpWire, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("XMPP over TCP: %w", err)
	}
	w := &tcpWire{c: c, r: bufio.NewReaderSize(c, 2048), tls: cfg.Clone()}
	if w.tls.ServerName == "" {
		w.tls.ServerName, _, _ = net.SplitHostPort(address)
	}
	if direct {
		if err := w.secure(ctx); err != nil {
			c.Close()
			return nil, fmt.Errorf("XMPP over TLS: %w", err)
		}
	}
	return w, nil
}

func (w *tcpWire) secure(ctx context.Context) error {
	if w.r.Buffered() > 0 {
		return errors.New("the server sent something ahead of TLS")
	}
	c := tls.Client(w.c, w.tls)
	if err := c.HandshakeContext(ctx); err != nil {
		return err
	}
	w.c = c
	w.r.Reset(c)
	return nil
}

func (w *tcpWire) open(ctx context.Context, domain string) error {
	err := w.send(ctx, `<?xml version="1.0"?><stream:stream to="`+escape(domain)+
		`" xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" version="1.0">`)
	if err != nil {
		return err
	}
	defer w.until(ctx)()
	for {
		w.buf = w.buf[:0]
		kind, err := w.piece()
		switch {
		case err != nil:
			return err
		case kind == openTag && strings.Contains(string(w.buf), "stream"):
			return nil
		case kind == openTag || kind == closeTag || kind == emptyTag:
			return errors.New("the server did not open the stream")
		}
	}
}

func (w *tcpWire) send(ctx context.Context, element string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := io.WriteString(w.c, element)
	return err
}

// until lets a read end with ctx.
func (w *tcpWire) until(ctx context.Context) (release func() bool) {
	c := w.c
	if ctx.Err() == nil {
		_ = c.SetReadDeadline(time.Time{})
	}
	return context.AfterFunc(ctx, func() { _ = c.SetReadDeadline(time.Unix(1, 0)) })
}

func (w *tcpWire) receive(ctx context.Context) (string, error) {
	defer w.until(ctx)()
	w.buf = w.buf[:0]
	for depth := 0; ; {
		kind, err := w.piece()
		if err != nil {
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			return "", err
		}
		switch kind {
		case openTag:
			depth++
		case closeTag:
			depth--
		case blank:
			if depth == 0 {
				w.buf = w.buf[:0]
				continue
			}
		}
		if depth < 0 {
			return "", io.EOF // the server ended its stream
		}
		if depth == 0 {
			text := string(w.buf)
			if cap(w.buf) > 16<<10 {
				w.buf = nil
			}
			return text, nil
		}
	}
}

func (w *tcpWire) close() { w.c.Close() }

// The pieces of a stream.
const (
	openTag = iota
	closeTag
	emptyTag
	blank // text between tags, comments, CDATA, the XML declaration
)

// piece reads one tag, or the text up to the next tag, to the end of buf.
func (w *tcpWire) piece() (int, error) {
	start := len(w.buf)
	b, err := w.add()
	if err != nil {
		return 0, err
	}
	if b != '<' {
		return blank, w.text()
	}
	var quote byte
	for {
		b, err := w.add()
		if err != nil {
			return 0, err
		}
		tag := string(w.buf[start:min(len(w.buf), start+9)])
		switch {
		case tag == "<![CDATA[":
			return blank, w.upTo("]]>")
		case strings.HasPrefix(tag, "<!--"):
			return blank, w.upTo("-->")
		case strings.HasPrefix(tag, "<?") && b == '>':
			return blank, nil
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'':
			quote = b
		case b == '>' && w.buf[start+1] == '/':
			return closeTag, nil
		case b == '>' && w.buf[len(w.buf)-2] == '/':
			return emptyTag, nil
		case b == '>':
			return openTag, nil
		}
	}
}

func (w *tcpWire) add() (byte, error) {
	if len(w.buf) >= maxDocument {
		return 0, errTooBig
	}
	b, err := w.r.ReadByte()
	if err == nil {
		w.buf = append(w.buf, b)
	}
	return b, err
}

func (w *tcpWire) text() error {
	for {
		b, err := w.r.Peek(1)
		if err != nil {
			return err
		}
		if b[0] == '<' {
			return nil
		}
		// White space between stanzas keeps the connection alive: it is let go without waiting for a stanza.
		if _, err := w.add(); err != nil {
			return err
		}
	}
}

func (w *tcpWire) upTo(mark string) error {
	for !bytes.HasSuffix(w.buf, []byte(mark)) {
		if _, err := w.add(); err != nil {
			return err
		}
	}
	return nil
}
