package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"cordboard/platform"
)

var _ platform.ContactList = (*Connector)(nil)

// dialerContact is what is read of a contact ("Outbound" of the Platform API, DialerContact). The columns of callRecords and
// phoneNumberStatus are the list's phone columns.
type dialerContact struct {
	ID                string                  `json:"id"`
	ContactListID     string                  `json:"contactListId"`
	Data              map[string]any          `json:"data"`
	Callable          bool                    `json:"callable"`
	DateCreated       time.Time               `json:"dateCreated"`
	CallRecords       map[string]dialerRecord `json:"callRecords"`
	PhoneNumberStatus map[string]struct {
		Callable bool `json:"callable"`
	} `json:"phoneNumberStatus"`
	ContactableStatus map[string]struct {
		ColumnStatus map[string]struct {
			Contactable bool `json:"contactable"`
		} `json:"columnStatus"`
	} `json:"contactableStatus"`
	ContactColumnTimeZones map[string]struct {
		TimeZone string `json:"timeZone"`
	} `json:"contactColumnTimeZones"`
}

type dialerRecord struct {
	LastAttempt time.Time `json:"lastAttempt"`
	LastResult  string    `json:"lastResult"`
}

// listTime bounds what is asked of a contact list: waiting out the org's limit is the caller's.
const listTime = 10 * time.Second

// Contact implements [platform.ContactList].
func (c *Connector) Contact(ctx context.Context, ref platform.ContactRef) (platform.Contact, error) {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	raw, err := c.rest.ask(ctx, idle, http.MethodGet, contactsPath(ref.List)+"/"+url.PathEscape(ref.ID), nil)
	if err != nil {
		return platform.Contact{}, c.listError("read a contact", idle, err)
	}
	contact, err := readContact(raw)
	if err != nil {
		return platform.Contact{}, fmt.Errorf("genesys: read a contact: %w", err)
	}
	contact.ContactRef = ref
	return contact, nil
}

// contactsPath are the contacts of a list.
func contactsPath(list string) string {
	return "/api/v2/outbound/contactlists/" + url.PathEscape(list) + "/contacts"
}

func readContact(raw []byte) (platform.Contact, error) {
	var d dialerContact
	if err := json.Unmarshal(raw, &d); err != nil {
		return platform.Contact{}, fmt.Errorf("the answer is no contact: %w", err)
	}
	c := platform.Contact{Callable: d.Callable, Created: d.DateCreated, Data: map[string]string{}, Raw: raw}
	for column, value := range d.Data {
		if text, ok := value.(string); ok {
			c.Data[column] = text
		} else if value != nil {
			c.Data[column] = fmt.Sprint(value)
		}
	}
	columns := d.phones()
	for column, open := range columns {
		if number := c.Data[column]; open && number != "" && !slices.Contains(c.Numbers, number) {
			c.Numbers = append(c.Numbers, number)
		}
	}
	slices.Sort(c.Numbers)
	c.Callable = c.Callable && (len(columns) == 0 || len(c.Numbers) > 0)
	for _, r := range d.CallRecords {
		c.Attempts = append(c.Attempts, platform.ContactAttempt{At: r.LastAttempt, Result: r.LastResult})
	}
	for _, z := range d.ContactColumnTimeZones {
		if z.TimeZone != "" && !slices.Contains(c.Zones, z.TimeZone) {
			c.Zones = append(c.Zones, z.TimeZone)
		}
	}
	slices.Sort(c.Zones)
	return c, nil
}

// phones says of each phone column whether it may be called.
func (d *dialerContact) phones() map[string]bool {
	all := map[string]bool{}
	for column, status := range d.ContactableStatus["Voice"].ColumnStatus {
		all[column] = status.Contactable
	}
	for column, status := range d.PhoneNumberStatus {
		known, said := all[column]
		all[column] = status.Callable && (known || !said)
	}
	return all
}

// writable are the members of a contact that a list takes ("WritableDialerContact"): the rest of what was read is its own.
var writable = []string{"id", "contactListId", "data", "callable", "phoneNumberStatus", "contactableStatus"}

// Submit implements [platform.ContactList]: the contact is added once more, under its id, which renews its dateCreated and puts
// it into the dialer's queue again.
func (c *Connector) Submit(ctx context.Context, contact platform.Contact, how platform.Submission) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(contact.Raw, &members); err != nil {
		return &platform.ListError{Kind: platform.ListRefused, Detail: "the contact was not read from here"}
	}
	body := map[string]json.RawMessage{}
	for _, name := range writable {
		if value, ok := members[name]; ok {
			body[name] = value
		}
	}
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	path := fmt.Sprintf("%s?priority=%t&clearSystemData=%t&doNotQueue=false", contactsPath(contact.List), how.Priority, how.ClearSystemData)
	_, err := c.rest.ask(ctx, ordered, http.MethodPost, path, []any{body})
	if err != nil {
		return c.listError("submit a contact", ordered, err)
	}
	return nil
}

// listError classifies an error of the contact lists. What is left as it is may have been done.
func (c *Connector) listError(doing string, h haste, err error) error {
	e := &platform.ListError{}
	var status *statusError
	switch {
	case errors.Is(err, errMissing):
		e.Kind = platform.ListGone
	case errors.Is(err, errLimited):
		e.Kind, e.After = platform.ListBusy, c.rest.limit.left(h)
	case errors.Is(err, errDenied), errors.Is(err, errToken), errors.Is(err, platform.ErrRefused):
		e.Kind = platform.ListDenied
	case errors.As(err, &status) && status.status < 500:
		e.Kind, e.Detail = platform.ListRefused, status.Error()
	default:
		return fmt.Errorf("genesys: %s: %w", doing, err)
	}
	return fmt.Errorf("genesys: %s: %w", doing, e)
}
