package finesse

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// What one document may hold. A conference of the largest documented size stays far below.
const (
	maxDocument = 1 << 20
	maxDepth    = 32
	maxElements = 50_000
)

// errTooBig says that a document went over a bound of this package; the text never quotes the document.
var errTooBig = errors.New("XML document over its bounds")

// element is one XML element. Text is its own character data, unescaped; runs of blanks between child elements are left
// out. Names have no namespace prefix: Finesse uses none, and XMPP is told apart by element names alone.
type element struct {
	name, qname string
	text        string
	attrs       string // raw, read by attr
	first, next int32  // index of the first child and the next sibling; 0 is none
	last        int32
}

// tree is a parsed document. Its slice is used again for the next document, so that parsing allocates next to nothing.
type tree struct{ nodes []element }

// parse reads one document. Its strings are parts of s.
func (t *tree) parse(s string) error {
	if len(s) > maxDocument {
		return errTooBig
	}
	if !utf8.ValidString(s) {
		return errors.New("XML document is not UTF-8")
	}
	t.nodes = append(t.nodes[:0], element{})
	p := parser{t: t, s: s}
	for p.pos < len(s) {
		if err := p.step(); err != nil {
			return fmt.Errorf("XML at byte %d: %w", p.pos, err)
		}
	}
	if p.depth != 0 || len(t.nodes) < 2 {
		return errors.New("XML document ends too early")
	}
	return nil
}

type parser struct {
	t     *tree
	s     string
	pos   int
	stack [maxDepth + 1]int32
	depth int
}

func (p *parser) step() error {
	rest := p.s[p.pos:]
	switch {
	case rest[0] != '<':
		return p.chars()
	case strings.HasPrefix(rest, "</"):
		return p.end()
	case strings.HasPrefix(rest, "<!--"):
		return p.skipPast(4, "-->")
	case strings.HasPrefix(rest, "<![CDATA["):
		return p.cdata()
	case strings.HasPrefix(rest, "<?xml") && p.pos == 0:
		return p.skipPast(5, "?>")
	case strings.HasPrefix(rest, "<?"), strings.HasPrefix(rest, "<!"):
		return errors.New("declarations and processing instructions are refused")
	}
	return p.start()
}

func (p *parser) skipPast(from int, mark string) error {
	i := strings.Index(p.s[p.pos+from:], mark)
	if i < 0 {
		return errors.New("unfinished markup")
	}
	p.pos += from + i + len(mark)
	return nil
}

func (p *parser) chars() error {
	rest := p.s[p.pos:]
	end := strings.IndexByte(rest, '<')
	if end < 0 {
		end = len(rest)
	}
	run := rest[:end]
	if run[0] > ' ' || strings.TrimSpace(run) != "" {
		text, err := unescape(run)
		if err != nil {
			return err
		}
		if err := p.add(text); err != nil {
			return err
		}
	}
	p.pos += end
	return nil
}

func (p *parser) cdata() error {
	const open = len("<![CDATA[")
	i := strings.Index(p.s[p.pos+open:], "]]>")
	if i < 0 {
		return errors.New("unfinished CDATA")
	}
	if err := p.add(p.s[p.pos+open : p.pos+open+i]); err != nil {
		return err
	}
	p.pos += open + i + 3
	return nil
}

func (p *parser) add(text string) error {
	if p.depth == 0 {
		return errors.New("text outside of the document element")
	}
	e := &p.t.nodes[p.stack[p.depth]]
	if len(e.text)+len(text) > maxDocument {
		return errTooBig
	}
	if e.text == "" {
		e.text = text
	} else {
		e.text += text
	}
	return nil
}

func (p *parser) start() error {
	rest := p.s[p.pos:]
	local, end := 1, 1 // where the name without prefix starts, and where the name ends
	for end < len(rest) && nameByte[rest[end]] {
		if rest[end] == ':' {
			local = end + 1
		}
		end++
	}
	if !nameStart(rest[local:end]) {
		return errors.New("bad element name")
	}
	size := end + 1
	if end == len(rest) || rest[end] != '>' {
		if size = tagLength(rest); size < 0 {
			return errors.New("unfinished tag")
		}
	}
	e := element{name: rest[local:end], qname: rest[1:end], attrs: rest[end : size-1]}
	empty := strings.HasSuffix(e.attrs, "/")
	if empty {
		e.attrs = e.attrs[:len(e.attrs)-1]
	}
	if e.attrs != "" && !strings.ContainsRune(" \t\r\n", rune(e.attrs[0])) {
		return errors.New("bad element name")
	}
	if err := p.open(e); err != nil {
		return err
	}
	if empty {
		p.depth--
	}
	p.pos += size
	return nil
}

func (p *parser) open(e element) error {
	if p.depth == 0 && len(p.t.nodes) > 1 {
		return errors.New("more than one document element")
	}
	if p.depth >= maxDepth || len(p.t.nodes) >= maxElements {
		return errTooBig
	}
	id := int32(len(p.t.nodes))
	p.t.nodes = append(p.t.nodes, e)
	parent := &p.t.nodes[p.stack[p.depth]]
	if parent.first == 0 {
		parent.first = id
	} else {
		p.t.nodes[parent.last].next = id
	}
	parent.last = id
	p.depth++
	p.stack[p.depth] = id
	return nil
}

func (p *parser) end() error {
	i := strings.IndexByte(p.s[p.pos:], '>')
	if i < 0 {
		return errors.New("unfinished end tag")
	}
	name := p.s[p.pos+2 : p.pos+i]
	if p.depth == 0 {
		return errors.New("end tag does not match")
	}
	if open := p.t.nodes[p.stack[p.depth]].qname; name != open && strings.TrimRight(name, " \t\r\n") != open {
		return errors.New("end tag does not match")
	}
	p.depth--
	p.pos += i + 1
	return nil
}

// tagLength is the length of the tag that s starts with, up to and with its '>'; -1 when it does not end.
func tagLength(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '>':
			return i + 1
		case '"', '\'':
			j := strings.IndexByte(s[i+1:], s[i])
			if j < 0 {
				return -1
			}
			i += j + 1
		}
	}
	return -1
}

// nameByte marks the bytes that may stand in a name. Letters beyond ASCII are let through unseen.
var nameByte = func() (ok [256]bool) {
	for b := range 256 {
		ok[b] = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b >= 0x80 ||
			b == ':' || b == '_' || b == '-' || b == '.'
	}
	return ok
}()

func nameStart(s string) bool {
	return s != "" && (s[0] < '0' || s[0] > '9') && s[0] != '-' && s[0] != '.'
}

// root returns the document element's index.
func (t *tree) root() int32 { return t.nodes[0].first }

// child returns the first child of parent with the name, compared without case because Finesse writes Dialog and dialog;
// 0, the index of an element without text or children, when there is none.
func (t *tree) child(parent int32, name string) int32 {
	for c := t.nodes[parent].first; c != 0 && parent != 0; c = t.nodes[c].next {
		if strings.EqualFold(t.nodes[c].name, name) {
			return c
		}
	}
	return 0
}

// text returns the trimmed text of the first child of parent with the name.
func (t *tree) text(parent int32, name string) string {
	c := t.child(parent, name)
	if c == 0 {
		return ""
	}
	return strings.TrimSpace(t.nodes[c].text)
}

// attr returns an attribute's value by its name without prefix; empty when it is absent or cannot be read.
func (t *tree) attr(e int32, name string) string {
	rest := t.nodes[e].attrs
	for {
		eq := strings.IndexByte(rest, '=')
		if eq < 0 {
			return ""
		}
		key := strings.TrimSpace(rest[:eq])
		rest = strings.TrimLeft(rest[eq+1:], " \t\r\n")
		if rest == "" || rest[0] != '"' && rest[0] != '\'' {
			return ""
		}
		end := strings.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return ""
		}
		if key[strings.LastIndexByte(key, ':')+1:] == name && !strings.HasPrefix(key, "xmlns:") {
			v, err := unescape(rest[1 : end+1])
			if err != nil {
				return ""
			}
			return v
		}
		rest = rest[end+2:]
	}
}
