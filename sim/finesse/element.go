package finesse

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Incoming XML is rare and small, so it is read into trees. RFC 6120 11.1
// forbids comments, processing instructions and document type declarations:
// none is ever resolved, all are refused.
var (
	errRestricted = errors.New("restricted XML: comment, processing instruction or DTD")
	errTooBig     = errors.New("too much XML")
)

const maxDepth = 24

type element struct {
	xml.Name
	attrs []xml.Attr
	kids  []*element
	text  string
}

func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// kid is the first child with the local name, or nil.
func (e *element) kid(name string) *element {
	if e == nil {
		return nil
	}
	for _, k := range e.kids {
		if k.Local == name {
			return k
		}
	}
	return nil
}

// value is the text of the first child with the name, or "".
func (e *element) value(name string) string {
	if k := e.kid(name); k != nil {
		return k.text
	}
	return ""
}

// readElement reads the rest of an element whose start tag is given.
func readElement(dec *xml.Decoder, start xml.StartElement, depth int) (*element, error) {
	if depth > maxDepth {
		return nil, errTooBig
	}
	e := &element{Name: start.Name, attrs: append([]xml.Attr(nil), start.Attr...)}
	for {
		tok, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("element %s: %w", start.Name.Local, err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			kid, err := readElement(dec, t, depth+1)
			if err != nil {
				return nil, err
			}
			e.kids = append(e.kids, kid)
		case xml.CharData:
			e.text += string(t)
		case xml.EndElement:
			return e, nil
		default:
			return nil, errRestricted
		}
	}
}

// readDocument reads one element that is all there is but white space and an
// XML declaration.
func readDocument(data []byte) (*element, error) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	var root *element
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, errors.New("more than one element")
			}
			if root, err = readElement(dec, t, 0); err != nil {
				return nil, err
			}
		case xml.CharData:
			if !blank(t) {
				return nil, errors.New("text outside of an element")
			}
		case xml.ProcInst:
			if t.Target != "xml" || root != nil {
				return nil, errRestricted
			}
		default:
			return nil, errRestricted
		}
	}
}

func blank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }
