package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-json"
)

// plan evaluates what can be evaluated of a step and keeps the rest for Resolve.
func (s *step) plan(sc *scope) Planned {
	p := Planned{Kind: s.kind, Lane: s.lane, Object: s.object, As: s.as, Args: make(map[string]any, len(s.values))}
	viewed := false
	for _, v := range s.values {
		if v.tmpl == nil {
			put(p.Args, v.path, v.lit)
			continue
		}
		if len(v.tmpl.needs) == 0 {
			if x, err := v.tmpl.eval(sc); err == nil {
				if !v.optional || !empty(x) {
					put(p.Args, v.path, x)
				}
				continue
			}
		}
		if p.Later == nil {
			p.Later = map[string]string{}
		}
		p.Later[v.path] = v.tmpl.text
		p.Needs = union(p.Needs, v.tmpl.needs)
		viewed = viewed || v.tmpl.viewed
	}
	if viewed {
		// Marshalling a view cannot fail: it holds texts, numbers and times that came from a decoded event.
		p.View, _ = json.Marshal(seen{sc.call, sc.event})
	}
	return p
}

// put stores a value under its path: "by", "set/WhoId", "body/lines/[0]/price".
func put(args map[string]any, path string, x any) {
	name, rest, nested := strings.Cut(path, "/")
	if nested {
		x = grow(args[name], rest, x)
	}
	args[name] = x
}

// grow returns the value of an argument with x added at a path within it.
func grow(into any, path string, x any) any {
	name, rest, nested := strings.Cut(path, "/")
	if i, ok := listIndex(name); ok {
		items, _ := into.([]any)
		for len(items) <= i {
			items = append(items, nil)
		}
		if nested {
			x = grow(items[i], rest, x)
		}
		items[i] = x
		return items
	}
	fields, ok := into.(map[string]any)
	if !ok {
		fields = map[string]any{}
	}
	if nested {
		x = grow(fields[name], rest, x)
	}
	fields[name] = x
	return fields
}

// listIndex reads a step of a path that is a place in a list: "[3]".
func listIndex(name string) (int, bool) {
	digits, ok := strings.CutPrefix(name, "[")
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(strings.TrimSuffix(digits, "]"))
	return i, err == nil && i >= 0 && i < maxLines
}

// clone copies the mappings and lists of an argument.
func clone(x any) any {
	switch x := x.(type) {
	case map[string]any:
		fields := make(map[string]any, len(x))
		for name, v := range x {
			fields[name] = clone(v)
		}
		return fields
	case []any:
		items := make([]any, len(x))
		for i, v := range x {
			items[i] = clone(v)
		}
		return items
	}
	return x
}

func empty(x any) bool { return x == nil || x == "" }

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// Resolve evaluates what a planned step left for later and returns the step's arguments, complete. A result that is
// not there is empty: pop.id of a call without a pop is the empty text. The error names the argument; it holds no
// value of the call.
func Resolve(p Planned, r Results) (json.RawMessage, error) {
	args := make(map[string]any, len(p.Args)+len(p.Later))
	for name, x := range p.Args {
		args[name] = clone(x)
	}
	if len(p.Later) > 0 {
		sc, err := r.scope(p.View)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Kind, err)
		}
		for _, path := range slices.Sorted(maps.Keys(p.Later)) {
			t, err := templates.get(p.Later[path])
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", p.Kind, path, err)
			}
			x, err := t.eval(sc)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", p.Kind, path, err)
			}
			if strings.Contains(path, "/") && !strings.HasSuffix(path, "]") && t.sole && empty(x) {
				continue
			}
			put(args, path, x)
		}
	}
	out, err := json.Marshal(args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Kind, err)
	}
	return out, nil
}

// scope gives the names of deferred expressions their values.
func (r Results) scope(view json.RawMessage) (*scope, error) {
	v := seen{&callView{}, &eventView{}}
	if len(view) > 0 {
		if err := json.Unmarshal(view, &v); err != nil {
			return nil, fmt.Errorf("the stored view of the call: %w", err)
		}
	}
	sc := &scope{call: v.Call, event: v.Event, pop: &popView{}}
	if len(r.Pop) > 0 {
		if err := json.Unmarshal(r.Pop, sc.pop); err != nil {
			return nil, fmt.Errorf("the result of the pop: %w", err)
		}
	}
	records := make(map[string]*recordView, len(r.Record))
	for name, raw := range r.Record {
		records[name] = &recordView{}
		if err := json.Unmarshal(raw, records[name]); err != nil {
			return nil, fmt.Errorf("the record %s: %w", name, err)
		}
	}
	sc.records = recordsOf(records)
	replies := make(map[string]*replyView, len(r.Reply))
	for name, raw := range r.Reply {
		replies[name] = &replyView{}
		if err := decodeNumbers(raw, replies[name]); err != nil {
			return nil, fmt.Errorf("the reply %s: %w", name, err)
		}
	}
	sc.replies = repliesOf(replies)
	return sc, nil
}

// maxTemplates bounds the cache of deferred templates: far more than a site's workflows hold.
const maxTemplates = 4096

// templates remembers deferred templates by their text, because steps come back from the journal as text and
// compiling costs a thousand times what evaluating does. It is a cache and nothing else: losing it changes nothing.
var templates = &templateCache{byText: map[string]*template{}}

type templateCache struct {
	mu     sync.RWMutex
	byText map[string]*template
}

func (c *templateCache) get(text string) (*template, error) {
	c.mu.RLock()
	t, ok := c.byText[text]
	c.mu.RUnlock()
	if ok {
		return t, nil
	}
	t, _, err := parseTemplate(text)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.byText) >= maxTemplates {
		clear(c.byText)
	}
	c.byText[text] = t
	return t, nil
}
