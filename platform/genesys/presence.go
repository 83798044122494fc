package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

const pathPresences = "/api/v2/presence/definitions"

// setPresence gives a user a presence: the id of a definition, its name in any of its languages, or the system's word for
// it, such as On Queue.
func (r *rest) setPresence(ctx context.Context, user, named string) error {
	if named == "" {
		return errors.New("it wants a presence: an id, or a name")
	}
	id := named
	if !isID(named) {
		var all []choice
		err := r.pages(ctx, urgent, pathPresences, func(_ string, answer []byte) error {
			var page struct {
				Entities json.RawMessage `json:"entities"`
			}
			if err := json.Unmarshal(answer, &page); err != nil {
				return err
			}
			return readChoices(page.Entities, &all)
		})
		if err != nil {
			return err
		}
		if id, err = choose(all, named, "presence"); err != nil {
			return err
		}
	}
	return r.order(ctx, http.MethodPatch, "/api/v2/users/"+url.PathEscape(user)+"/presences/purecloud",
		map[string]any{"presenceDefinition": map[string]string{"id": id}})
}

// choice is one of several things that people call by a name.
type choice struct {
	ID     string            `json:"id"`
	Name   string            `json:"name"`
	System string            `json:"systemPresence"`
	Labels map[string]string `json:"languageLabels"`
	Off    bool              `json:"deactivated"`
}

// readChoices adds those of a list.
func readChoices(list []byte, all *[]choice) error {
	var more []choice
	if len(list) > 0 && json.Unmarshal(list, &more) != nil {
		return errors.New("the names cannot be read")
	}
	*all = append(*all, more...)
	return nil
}

// is compares without case and blanks: On Queue is ON_QUEUE and onqueue.
func (c *choice) is(named string) bool {
	if c.Off {
		return false
	}
	if same(c.Name, named) || same(c.System, named) {
		return true
	}
	for _, label := range c.Labels {
		if same(label, named) {
			return true
		}
	}
	return false
}

var plain = strings.NewReplacer(" ", "", "_", "", "-", "")

func same(a, b string) bool { return a != "" && strings.EqualFold(plain.Replace(a), plain.Replace(b)) }
