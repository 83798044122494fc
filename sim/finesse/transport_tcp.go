package finesse

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"time"
)

const writeTimeout = 10 * time.Second

// tcpTransport is XMPP over TCP (RFC 6120), without TLS: the documents allow
// plain connections on port 5222.
type tcpTransport struct {
	conn  net.Conn
	in    *capped
	dec   *xml.Decoder
	begun bool // the stream header has been read
}

// capped hands out single bytes, at most left of them; xml.Decoder then never
// reads ahead, so that a new decoder can take over after authentication.
type capped struct {
	r    *bufio.Reader
	left int
}

func (c *capped) ReadByte() (byte, error) {
	if c.left <= 0 {
		return 0, errTooBig
	}
	c.left--
	return c.r.ReadByte()
}

func (c *capped) Read([]byte) (int, error) { return 0, errors.New("only single bytes") }

func newTCPTransport(conn net.Conn) *tcpTransport {
	in := &capped{r: bufio.NewReaderSize(conn, 1024)}
	return &tcpTransport{conn: conn, in: in, dec: xml.NewDecoder(in)}
}

func (t *tcpTransport) next(limit int) (*element, error) {
	t.in.left = limit
	for {
		tok, err := t.dec.Token()
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if t.begun {
				return readElement(t.dec, tok, 0)
			}
			t.begun = true
			return &element{Name: tok.Name, attrs: append([]xml.Attr(nil), tok.Attr...)}, nil
		case xml.EndElement:
			return &element{Name: xml.Name{Space: nsStream, Local: "end"}}, nil
		case xml.CharData:
			if !blank(tok) {
				return nil, errors.New("text between stanzas")
			}
		case xml.ProcInst:
			if t.begun || tok.Target != "xml" {
				return nil, errRestricted
			}
		default:
			return nil, errRestricted
		}
	}
}

func (t *tcpTransport) restart() { t.dec, t.begun = xml.NewDecoder(t.in), false }

func (t *tcpTransport) isOpen(e *element) (bool, string) {
	return e.Space == nsStream && e.Local == "stream", e.attr("to")
}

func (t *tcpTransport) isEnd(e *element) bool { return e.Space == nsStream && e.Local == "end" }

func (t *tcpTransport) header(id, domain string) string {
	return `<?xml version="1.0"?><stream:stream xmlns="` + nsClient + `" xmlns:stream="` + nsStream + `" id="` + id + `" from="` + domain + `" version="1.0">`
}

func (t *tcpTransport) end() string { return `</stream:stream>` }

func (t *tcpTransport) streamError(condition string) string {
	return `<stream:error xmlns:stream="` + nsStream + `"><` + condition + ` xmlns="` + nsErrors + `"/></stream:error>`
}

func (t *tcpTransport) write(buf []byte, _ []int) error {
	_ = t.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := t.conn.Write(buf)
	return err
}

// kill makes the peer see a broken connection rather than a closed one.
func (t *tcpTransport) kill(abrupt bool) {
	if c, ok := t.conn.(*net.TCPConn); ok && abrupt {
		_ = c.SetLinger(0)
	}
	_ = t.conn.Close()
}

// isGone says that an error comes from the socket, not from what was read.
func isGone(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &network)
}
