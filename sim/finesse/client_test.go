package finesse_test

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"cordboard/sim/finesse"
	"cordboard/sim/stage/stagetest"
)

// start runs a site and stops it at the end of the test.
func start(t *testing.T, cfg finesse.Config) *finesse.Server {
	t.Helper()
	s := finesse.New(cfg)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	stagetest.Run(t, s)
	return s
}

func address(s *finesse.Server, key string) string { return s.Ready()[key].(string) }

// client is a small XMPP client of the tests' own.
type client struct {
	t    *testing.T
	conn net.Conn
	dec  *xml.Decoder
	id   string
	acks int
}

func raw(t *testing.T, s *finesse.Server) *client {
	t.Helper()
	conn, err := net.Dial("tcp", address(s, "xmpp_addr"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	return &client{t: t, conn: conn, dec: xml.NewDecoder(conn)}
}

func (c *client) write(text string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) open() {
	c.write(`<?xml version="1.0"?><stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" to="finesse.example" version="1.0">`)
	c.dec = xml.NewDecoder(c.conn)
	for {
		tok, err := c.dec.Token()
		if err != nil {
			c.t.Fatal(err)
		}
		if _, ok := tok.(xml.StartElement); ok {
			break
		}
	}
	c.next() // features
}

// stanza is whatever came.
type stanza struct {
	XMLName xml.Name
	ID      string `xml:"id,attr"`
	Type    string `xml:"type,attr"`
	From    string `xml:"from,attr"`
	To      string `xml:"to,attr"`
	Inner   string `xml:",innerxml"`
	Items   struct {
		Node string `xml:"node,attr"`
		Item struct {
			ID           string `xml:"id,attr"`
			Notification string `xml:"notification"`
		} `xml:"item"`
	} `xml:"event>items"`
}

func (c *client) next() stanza {
	c.t.Helper()
	s, err := c.try()
	if err != nil {
		c.t.Fatalf("agent %s: %v", c.id, err)
	}
	return s
}

func (c *client) try() (stanza, error) {
	for {
		tok, err := c.dec.Token()
		if err != nil {
			return stanza{}, err
		}
		switch el := tok.(type) {
		case xml.StartElement:
			var s stanza
			return s, c.dec.DecodeElement(&s, &el)
		case xml.EndElement:
			return stanza{}, fmt.Errorf("stream ended")
		}
	}
}

func (c *client) auth(id, password string) stanza {
	c.id = id
	c.write(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">` +
		base64.StdEncoding.EncodeToString([]byte("\x00"+id+"\x00"+password)) + `</auth>`)
	return c.next()
}

func (c *client) bind(resource string) {
	c.open()
	c.write(`<iq type="set" id="b1"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><resource>` + resource + `</resource></bind></iq>`)
	if r := c.next(); r.Type != "result" || !strings.Contains(r.Inner, c.id+"@finesse.example/"+resource) {
		c.t.Fatalf("bind: %+v", r)
	}
}

// login is a session that hears everything.
func login(t *testing.T, s *finesse.Server, id string) *client {
	t.Helper()
	c := raw(t, s)
	c.open()
	if r := c.auth(id, "finesse"); r.XMLName.Local != "success" {
		t.Fatalf("auth: %+v", r)
	}
	c.bind("test")
	c.present("0")
	return c
}

func (c *client) present(priority string) {
	c.t.Helper()
	c.write(`<presence><priority>` + priority + `</priority></presence>`)
	c.drain()
}

// update is one notification.
type update struct {
	Node, Item, To string `xml:"-"`
	Event          string `xml:"event"`
	RequestID      string `xml:"requestId"`
	Source         string `xml:"source"`
	Data           struct {
		New    *dialog `xml:"dialogs>Dialog"`
		Dialog *dialog `xml:"dialog"`
		User   *struct {
			State     string `xml:"state"`
			Pending   string `xml:"pendingState"`
			Extension string `xml:"extension"`
		} `xml:"user"`
		Errors *struct {
			Message string `xml:"errorMessage"`
			Type    string `xml:"errorType"`
			Data    string `xml:"errorData"`
		} `xml:"apiErrors>apiError"`
		System *struct {
			Status string `xml:"status"`
		} `xml:"systemInfo"`
	} `xml:"data"`
}

type dialog struct {
	Associated string `xml:"associatedDialogUri"`
	From       string `xml:"fromAddress"`
	ID         string `xml:"id"`
	Secondary  string `xml:"secondaryId"`
	To         string `xml:"toAddress"`
	State      string `xml:"state"`
	Media      struct {
		CallType  string `xml:"callType"`
		WrapUp    string `xml:"wrapUpReason"`
		DNIS      string `xml:"DNIS"`
		Variables []struct {
			Name  string `xml:"name"`
			Value string `xml:"value"`
		} `xml:"callvariables>CallVariable"`
	} `xml:"mediaProperties"`
	Parties []struct {
		Address string   `xml:"mediaAddress"`
		Device  string   `xml:"mediaAddressType"`
		State   string   `xml:"state"`
		Cause   string   `xml:"stateCause"`
		Actions []string `xml:"actions>action"`
	} `xml:"participants>Participant"`
}

func (d *dialog) variable(name string) string {
	for _, v := range d.Media.Variables {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

func (u update) dialog() *dialog {
	if u.Data.New != nil {
		return u.Data.New
	}
	return u.Data.Dialog
}

func parse(t *testing.T, s stanza) update {
	t.Helper()
	var u update
	if err := xml.Unmarshal([]byte(s.Items.Item.Notification), &u); err != nil {
		t.Fatalf("notification is no XML: %v\n%s", err, s.Items.Item.Notification)
	}
	u.Node, u.Item, u.To = s.Items.Node, s.Items.Item.ID, s.To
	return u
}

// notification waits for the next notification, whatever else comes between.
func (c *client) notification() update {
	c.t.Helper()
	for {
		if s := c.next(); s.XMLName.Local == "message" {
			return parse(c.t, s)
		}
	}
}

// drain returns all notifications that were given out before now: the server
// answers a ping after them.
func (c *client) drain() []update {
	c.t.Helper()
	c.acks++
	id := fmt.Sprintf("ack%d", c.acks)
	c.write(`<iq type="get" id="` + id + `" to="finesse.example"><ping xmlns="urn:xmpp:ping"/></iq>`)
	var got []update
	for {
		switch s := c.next(); {
		case s.XMLName.Local == "message":
			got = append(got, parse(c.t, s))
		case s.XMLName.Local == "iq" && s.ID == id:
			return got
		}
	}
}
