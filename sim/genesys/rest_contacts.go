package genesys

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

func (s *Server) onContact(f func(*contact, request) (int, any, *apiError)) resource {
	return s.onList(func(l *contactList, r request) (int, any, *apiError) {
		k := l.contacts[r.PathValue("contact")]
		if k == nil {
			return 0, nil, notFound("contact")
		}
		return f(k, r)
	})
}

// contactView is a DialerContact.
type contactView struct {
	ID          string                    `json:"id"`
	List        string                    `json:"contactListId"`
	Data        map[string]string         `json:"data"`
	Records     map[string]callRecord     `json:"callRecords"`
	Callable    bool                      `json:"callable"`
	Phones      map[string]callableView   `json:"phoneNumberStatus"`
	Contactable map[string]contactability `json:"contactableStatus"`
	TimeZones   map[string]any            `json:"contactColumnTimeZones"`
	DateCreated string                    `json:"dateCreated"`
	SelfURI     string                    `json:"selfUri"`
}

type callableView struct {
	Callable bool `json:"callable"`
}

type contactability struct {
	Contactable bool                     `json:"contactable"`
	Columns     map[string]contactColumn `json:"columnStatus"`
}

type contactColumn struct {
	Contactable bool `json:"contactable"`
}

func (k *contact) view() contactView {
	v := contactView{ID: k.id, List: k.list.id, Data: maps.Clone(k.data), Records: maps.Clone(k.records), Callable: k.callable,
		Phones: map[string]callableView{}, TimeZones: map[string]any{}, DateCreated: stamp(k.made),
		SelfURI: listsPath + "/" + k.list.id + "/contacts/" + k.id}
	columns := map[string]contactColumn{}
	for column, ok := range k.phones {
		v.Phones[column], columns[column] = callableView{ok}, contactColumn{ok}
	}
	v.Contactable = map[string]contactability{"Voice": {k.callable, columns}}
	return v
}

// writableContact is a WritableDialerContact; what is left out of an update stays as it is.
type writableContact struct {
	ID                string
	ContactListID     string
	Data              map[string]string
	Callable          *bool
	PhoneNumberStatus map[string]callableView
}

// maxContacts is how many contacts one request may add (inferred).
const maxContacts = 1000

// addContacts answers POST …/contacts. A contact whose id is there already is updated and, unless doNotQueue says
// otherwise, put into the queue again: at its front with priority, else at its end. Its dateCreated moves.
// clearSystemData forgets its attempts and makes it callable.
func (s *Server) addContacts(l *contactList, r request) (int, any, *apiError) {
	var ask []writableContact
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	if len(ask) == 0 || len(ask) > maxContacts {
		return 0, nil, badRequest("Between 1 and %d contacts may be added at once.", maxContacts)
	}
	for _, one := range ask {
		if one.Data == nil || one.ContactListID != "" && one.ContactListID != l.id {
			return 0, nil, badRequest("A contact needs data and the id of this list.")
		}
		for column := range one.Data {
			if !slices.Contains(l.columns, column) {
				return 0, nil, badRequest("The column %s does not exist.", column)
			}
		}
	}
	q := r.URL.Query()
	out := make([]contactView, 0, len(ask))
	for _, one := range ask {
		k, again := l.contacts[one.ID], true
		if k == nil {
			again = false
			k = l.invent(time.Now(), "")
			if one.ID != "" {
				delete(l.contacts, k.id)
				k.id = one.ID
				l.contacts[k.id] = k
			}
		}
		if again && q.Get("clearSystemData") == "true" {
			k.records, k.attempts, k.callable = map[string]callRecord{}, map[string]int{}, true
			k.phones = map[string]bool{"Phone": true}
		}
		k.set(one)
		if !again || q.Get("doNotQueue") != "true" {
			k.made = time.Now()
			l.requeue(k.id, q.Get("priority") == "true")
		}
		out = append(out, k.view())
	}
	s.life.Changed()
	return http.StatusOK, out, nil
}

func (k *contact) set(w writableContact) {
	k.data = maps.Clone(w.Data)
	if w.Callable != nil {
		k.callable = *w.Callable
	}
	for column, v := range w.PhoneNumberStatus {
		k.phones[column] = v.Callable
	}
}

func (s *Server) putContact(k *contact, r request) (int, any, *apiError) {
	var ask writableContact
	if refused := decode(r, &ask); refused != nil {
		return 0, nil, refused
	}
	if ask.Data == nil {
		return 0, nil, badRequest("A contact needs data.")
	}
	k.set(ask)
	s.life.Changed()
	return http.StatusOK, k.view(), nil
}

func (s *Server) deleteContacts(l *contactList, r request) (int, any, *apiError) {
	ids := r.URL.Query()["contactIds"]
	if len(ids) == 0 {
		return 0, nil, badRequest("contactIds is missing.")
	}
	for _, id := range ids {
		if k := l.contacts[id]; k != nil {
			l.remove(k)
		}
	}
	return http.StatusOK, nil, nil
}

func (l *contactList) remove(k *contact) {
	l.unqueue(k.id)
	delete(l.contacts, k.id)
}
