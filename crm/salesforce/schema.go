package salesforce

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	schemaFor = 6 * time.Hour // how long a description is believed; an older one is used until there is a newer one
	doubtFor  = time.Minute   // a description is not doubted earlier
)

// description is what we need to know of one object ("sObject Describe", REST API Developer Guide).
type description struct {
	Name       string      `json:"name"`
	KeyPrefix  string      `json:"keyPrefix"`
	Createable bool        `json:"createable"`
	Updateable bool        `json:"updateable"`
	Fields     []fieldInfo `json:"fields"`
	at         time.Time
}

type fieldInfo struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Length     int    `json:"length"`
	ExternalID bool   `json:"externalId"`
	Updateable bool   `json:"updateable"`
	Createable bool   `json:"createable"`
}

// schema remembers descriptions and key prefixes. The zero schema is empty.
type schema struct {
	mu       sync.Mutex
	objects  map[string]*description
	prefixes map[string]string
	asked    time.Time
	wanted   map[string]bool // objects that are looked up, to be described when there is time
	fetches  flights[*description]
}

// usualPhones are the phone fields of objects that every org has, used until the org's own are known.
var usualPhones = map[string][]string{
	"Contact": {"Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone"},
	"Lead":    {"Phone", "MobilePhone"},
	"Account": {"Phone"},
}

// get returns what is known of an object, however old; nil when nothing is.
func (s *schema) get(object string) *description {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objects[object]
}

// want notes that an object is looked up.
func (s *schema) want(object string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wanted == nil {
		s.wanted = map[string]bool{}
	}
	s.wanted[object] = true
}

// stale returns the wanted objects without a believable description.
func (s *schema) stale(now time.Time) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var objects []string
	for object := range s.wanted {
		if d := s.objects[object]; d == nil || now.Sub(d.at) >= schemaFor {
			objects = append(objects, object)
		}
	}
	slices.Sort(objects)
	return objects
}

// doubt lets an object be described again, because what was known of it proved wrong.
func (s *schema) doubt(object string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.objects[object]; d != nil && time.Since(d.at) >= doubtFor {
		delete(s.objects, object)
	}
}

// describe returns an object's description, asking the org when what is known is too old.
func (c *Client) describe(ctx context.Context, object string) (*description, error) {
	if d := c.schema.get(object); d != nil && time.Since(d.at) < schemaFor {
		return d, nil
	}
	return c.schema.fetches.do(ctx, object, func(ctx context.Context) (*description, error) {
		d := &description{at: time.Now()}
		if _, err := c.call(ctx, c.describes, http.MethodGet, "/sobjects/"+object+"/describe", nil, d); err != nil {
			return nil, c.limited(err)
		}
		c.schema.mu.Lock()
		defer c.schema.mu.Unlock()
		if c.schema.objects == nil {
			c.schema.objects = map[string]*description{}
		}
		c.schema.objects[object] = d
		return d, nil
	})
}

// field returns a field by name, nil when there is none that we may see.
func (d *description) field(name string) *fieldInfo {
	i := slices.IndexFunc(d.Fields, func(f fieldInfo) bool { return strings.EqualFold(f.Name, name) })
	if i < 0 {
		return nil
	}
	return &d.Fields[i]
}

// phones returns the object's fields for phone numbers, custom ones included.
func (d *description) phones() []string {
	var names []string
	for _, f := range d.Fields {
		if f.Type == "phone" && f.Name != "Fax" {
			names = append(names, f.Name)
		}
	}
	return names
}

// phoneFields returns an object's phone fields without asking when they are known or usual.
func (c *Client) phoneFields(ctx context.Context, object string) ([]string, error) {
	if d := c.schema.get(object); d != nil {
		return d.phones(), nil
	}
	if usual, ok := usualPhones[object]; ok {
		c.schema.want(object)
		return usual, nil
	}
	d, err := c.describe(ctx, object)
	if err != nil {
		return nil, err
	}
	return d.phones(), nil
}

// objectOf returns the object that a record id belongs to, empty when the org has none of that prefix.
func (c *Client) objectOf(ctx context.Context, id string) (string, error) {
	if object, ok := prefixes[id[:3]]; ok {
		return object, nil
	}
	c.schema.mu.Lock()
	known, asked := c.schema.prefixes[id[:3]], c.schema.asked
	c.schema.mu.Unlock()
	if known != "" || time.Since(asked) < schemaFor {
		return known, nil
	}
	var list struct {
		Objects []description `json:"sobjects"`
	}
	if _, err := c.call(ctx, c.describes, http.MethodGet, "/sobjects", nil, &list); err != nil {
		return "", c.limited(err)
	}
	c.schema.mu.Lock()
	defer c.schema.mu.Unlock()
	c.schema.asked, c.schema.prefixes = time.Now(), map[string]string{}
	for _, o := range list.Objects {
		if o.KeyPrefix != "" && nameForm.MatchString(o.Name) {
			c.schema.prefixes[o.KeyPrefix] = o.Name
		}
	}
	return c.schema.prefixes[id[:3]], nil
}
