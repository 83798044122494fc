package finesse

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
)

// FuzzReadDocument: whatever a client sends, reading it ends without a panic,
// and nothing that was read holds a resolved entity of the client's making.
func FuzzReadDocument(f *testing.F) {
	for _, seed := range []string{`<Dialog><requestedAction>ANSWER</requestedAction></Dialog>`, `<a b="c">&lt;</a>`,
		`<!DOCTYPE a [<!ENTITY x "boom">]><a>&x;</a>`, `<a/><b/>`, `<a>`, strings.Repeat("<a>", 60), "<?xml version='1.0'?><a/>"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := readDocument(data)
		if err == nil && e == nil {
			t.Fatal("neither an element nor an error")
		}
		if err == nil && bytes.Contains(data, []byte("<!DOCTYPE")) && !bytes.Contains(data, []byte("CDATA")) && !bytes.ContainsAny(data, `"'`) {
			t.Fatal("a DTD was read")
		}
		stream := &tcpTransport{in: &capped{r: bufio.NewReader(bytes.NewReader(data))}}
		stream.restart()
		for range 1000 {
			if _, err := stream.next(500); err != nil {
				return
			}
		}
	})
}

// FuzzAppendText: a value that went through the writer comes back from the
// reader as it was, but for what XML cannot carry.
func FuzzAppendText(f *testing.F) {
	for _, seed := range []string{"", "a<b&\"c\">'", "ü\r\n\t", "\x00\x1b", "\xff\xfe", "]]>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, v string) {
		inner := appendText(nil, v, false)
		e, err := readDocument([]byte("<a>" + string(inner) + "</a>"))
		if err != nil {
			t.Fatalf("%q became %q: %v", v, inner, err)
		}
		outer, err := readDocument([]byte("<a>" + string(appendText(nil, v, true)) + "</a>"))
		if err != nil || outer.text != string(inner) {
			t.Fatalf("escaped twice %q reads as %q, want %q (%v)", v, outer.text, inner, err)
		}
		if plain := strings.Map(printable, v); plain == v && e.text != strings.ToValidUTF8(v, "\uFFFD") {
			t.Fatalf("%q came back as %q", v, e.text)
		}
	})
}

// printable drops what XML 1.0 cannot carry and what is replaced.
func printable(r rune) rune {
	if r == '\uFFFD' || r == 0xFFFE || r == 0xFFFF || (r < 0x20 && r != '\t' && r != '\n' && r != '\r') {
		return -1
	}
	return r
}
