package workspace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"cordboard/platform/webex"
	"cordboard/workspace"
)

// document is the AsyncAPI document, and what it says of each message.
type document struct {
	Components struct {
		Messages map[string]struct {
			Examples []struct {
				Name    string
				Payload json.RawMessage
			}
		}
		Schemas map[string]struct{ Enum []string }
	}
	Operations map[string]struct {
		Action   string
		Messages []struct {
			Ref string `json:"$ref"`
		}
		Reply struct {
			Messages []struct {
				Ref string `json:"$ref"`
			}
		}
	}
	schemas map[string]*jsonschema.Schema // by message
}

const documentFile = "../docs/reference/workspace.asyncapi.yaml"

// spec reads the document once. Its schemas are those of JSON Schema draft 7, as AsyncAPI has it.
var spec = sync.OnceValues(func() (*document, error) {
	text, err := os.ReadFile(filepath.FromSlash(documentFile))
	if err != nil {
		return nil, err
	}
	raw, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	d := &document{schemas: map[string]*jsonschema.Schema{}}
	if err := json.Unmarshal(raw, d); err != nil {
		return nil, err
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7)
	c.AssertFormat()
	if err := c.AddResource("workspace.json", whole); err != nil {
		return nil, err
	}
	for name := range d.Components.Messages {
		if d.schemas[name], err = c.Compile("workspace.json#/components/messages/" + name + "/payload"); err != nil {
			return nil, err
		}
	}
	return d, nil
})

func documented(t testing.TB) *document {
	t.Helper()
	d, err := spec()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// judge returns why a message is not the one of that name.
func (d *document) judge(name string, message []byte) error {
	schema := d.schemas[name]
	if schema == nil {
		return errors.New("no such message")
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(message))
	if err != nil {
		return err
	}
	return schema.Validate(v)
}

// kinds are the messages that one action sends: "receive" is what pages send, "send" and "reply" what they get.
func (d *document) kinds(action string) (names []string) {
	last := func(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }
	for _, op := range d.Operations {
		if op.Action == action {
			for _, m := range op.Messages {
				names = append(names, last(m.Ref))
			}
		}
		if action == "reply" {
			for _, m := range op.Reply.Messages {
				names = append(names, last(m.Ref))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// kindOf is the one message of the document that this is; "" when it is none or could be several.
func (d *document) kindOf(message []byte, among []string) string {
	found := ""
	for _, name := range among {
		if d.judge(name, message) == nil {
			if found != "" {
				return ""
			}
			found = name
		}
	}
	return found
}

// TestExamples holds every example to its schema, and to no other.
func TestExamples(t *testing.T) {
	d := documented(t)
	from, to := d.kinds("receive"), append(d.kinds("send"), d.kinds("reply")...)
	if all := len(from) + len(to); all != len(d.Components.Messages) {
		t.Errorf("the operations have %d messages, the document %d", all, len(d.Components.Messages))
	}
	for name, m := range d.Components.Messages {
		if len(m.Examples) == 0 {
			t.Errorf("%s has no example", name)
		}
		among := to
		if slices.Contains(from, name) {
			among = from
		}
		for _, x := range m.Examples {
			if err := d.judge(name, x.Payload); err != nil {
				t.Errorf("%s, %s: %v", name, x.Name, err)
			}
			if kind := d.kindOf(x.Payload, among); kind != name {
				t.Errorf("%s, %s: it is %q", name, x.Name, kind)
			}
			if slices.Contains(from, name) {
				if _, refused := workspace.Parse(1, x.Payload); refused != nil {
					t.Errorf("%s, %s: a page that sends it is refused", name, x.Name)
				}
			}
		}
	}
}

// TestExampleIsMadeByTheCode makes the Webex example from its raw message.
func TestExampleIsMadeByTheCode(t *testing.T) {
	for _, x := range documented(t).Components.Messages["webexCall"].Examples {
		want := read(t, x.Payload)
		got := listen(t).hear(webex.SourceSocket, want.Message.Call.ResponseActual)
		if len(got) != 1 {
			t.Fatalf("%d messages", len(got))
		}
		if diff := cmp.Diff(anything(t, x.Payload), anything(t, got[0])); diff != "" {
			t.Errorf("%s: %s", x.Name, diff)
		}
	}
}

func anything(t *testing.T, b []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestDocumentKnowsTheWords compares the closed lists of the document with those of the code.
func TestDocumentKnowsTheWords(t *testing.T) {
	schemas := documented(t).Components.Schemas
	for name, want := range map[string][]string{"command": workspace.Orders(), "reason": workspace.Reasons(), "callChannel": workspace.Channels()} {
		got := map[string]bool{}
		for _, word := range schemas[name].Enum {
			got[word] = true
		}
		if have := slices.Sorted(maps.Keys(got)); !slices.Equal(have, slices.Sorted(slices.Values(want))) {
			t.Errorf("the document's %s are %v, the code's %v", name, have, want)
		}
	}
}
