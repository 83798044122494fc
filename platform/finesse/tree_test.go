package finesse

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cordboard/platform"
)

// flat writes a document as lines of depth, name and text, by our scanner.
func flat(t *tree, e int32, depth int, out *[]string) {
	for ; e != 0; e = t.nodes[e].next {
		*out = append(*out, strings.Repeat(">", depth)+t.nodes[e].name+"="+t.nodes[e].text)
		flat(t, t.nodes[e].first, depth+1, out)
	}
}

// reference does the same with encoding/xml.
func reference(doc string) ([]string, error) {
	d := xml.NewDecoder(strings.NewReader(doc))
	var out []string
	var stack []int
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			out = append(out, strings.Repeat(">", len(stack))+tok.Name.Local+"=")
			stack = append(stack, len(out)-1)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if text := string(tok); len(stack) > 0 && strings.TrimSpace(text) != "" {
				out[stack[len(stack)-1]] += text
			}
		case xml.Directive, xml.ProcInst:
			if p, ok := tok.(xml.ProcInst); !ok || p.Target != "xml" {
				return nil, errors.New("refused here")
			}
		}
	}
}

var documents = []string{
	`<a/>`, `<a b="1>2" c='"'/>`, `<a>x<b>y</b>z</a>`, "<a>\r\nx\r</a>", `<a>&lt;b&gt; &amp;amp; &#252; &#x20AC; &quot;&apos;</a>`,
	`<?xml version="1.0" encoding="UTF-8"?> <x:a xmlns:x="urn:x"><x:b/></x:a>`, `<a><![CDATA[<b>&amp;]]></a>`,
	`<a><!-- <b> --><c>1</c></a>`, `<a ><b	/></a >`, `<a><b>ü</b></a>`,
}

func TestScannerReadsWhatEncodingXMLReads(t *testing.T) {
	for _, doc := range documents {
		want, err := reference(doc)
		if err != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		var tr tree
		if err := tr.parse(doc); err != nil {
			t.Errorf("%s: %v", doc, err)
			continue
		}
		var got []string
		flat(&tr, tr.root(), 0, &got)
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s:\ngot  %q\nwant %q", doc, got, want)
		}
	}
}

func TestScannerRefuses(t *testing.T) {
	for name, doc := range map[string]string{
		"a DTD":               `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`,
		"an instruction":      `<a><?php ?></a>`,
		"an unknown entity":   `<a>&nbsp;</a>`,
		"a NUL by number":     `<a>&#0;</a>`,
		"two roots":           `<a/><b/>`,
		"text outside":        `x<a/>`,
		"a wrong end":         `<a></b>`,
		"an early end":        `<a><b></b>`,
		"nothing":             ``,
		"bytes beyond UTF-8":  "<a>\xff</a>",
		"an unfinished tag":   `<a b="`,
		"an unfinished CDATA": `<a><![CDATA[x`,
		"too much depth":      strings.Repeat("<a>", maxDepth+1) + strings.Repeat("</a>", maxDepth+1),
		"too many elements":   "<a>" + strings.Repeat("<b/>", maxElements) + "</a>",
		"too many bytes":      "<a>" + strings.Repeat("x", maxDocument) + "</a>",
	} {
		var tr tree
		if err := tr.parse(doc); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestErrorsDoNotRepeatTheMessage(t *testing.T) {
	d := NewDecoder()
	for _, doc := range []string{"<Update><data><dialog><id>5</id><fromAddress>442079460123</wrong>", "<secret442079460123/>", "442079460123"} {
		_, err := d.Decode(message("2001001", doc))
		if err == nil || strings.Contains(err.Error(), "442079460123") {
			t.Errorf("%q gives %v", doc, err)
		}
	}
}

func message(agent, doc string) platform.Message {
	m := platform.Message{Connection: "lab", Source: "finesse-xmpp", Agent: agent, Extension: "3001"}
	m.SetText([]byte(doc))
	return m
}

func FuzzScanner(f *testing.F) {
	for _, doc := range documents {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		var tr tree
		err := tr.parse(doc)
		want, refErr := reference(doc)
		if err != nil || refErr != nil {
			return // each refuses a little that the other takes; neither may fall over
		}
		var got []string
		flat(&tr, tr.root(), 0, &got)
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

func FuzzDecode(f *testing.F) {
	traces, err := filepath.Glob("testdata/*.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range traces {
		if strings.HasSuffix(name, ".want.jsonl") {
			continue
		}
		file, err := os.Open(name)
		if err != nil {
			f.Fatal(err)
		}
		err = platform.ReadTrace(file, func(_ int, m platform.Message) error {
			f.Add(string(m.Text()))
			return nil
		})
		file.Close()
		if err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, doc string) {
		d := NewDecoder()
		ids := map[string]bool{}
		for range 3 { // the same message again tells nothing new
			events, err := d.Decode(message("2001001", doc))
			if err != nil {
				return
			}
			for _, ev := range events {
				if ids[ev.ID] {
					t.Errorf("id %q comes twice", ev.ID)
				}
				ids[ev.ID] = true
			}
		}
	})
}
