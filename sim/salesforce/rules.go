package salesforce

import (
	"slices"
	"strings"
)

// references checks that every changed lookup points to a row of a right type. Rows are looked up by the key prefix
// of the id, as the real org does.
func (s *Server) references(o *object, changed, vals map[string]any) *apiError {
	for name := range changed {
		f := o.byName[name]
		if f.typ != typeReference {
			continue
		}
		id, _ := vals[name].(string)
		if id == "" || f.refs[0] == "Profile" {
			continue
		}
		t := s.byPrefix[id[:3]]
		if t == nil || !slices.Contains(f.refs, t.obj.name) {
			return fail("MALFORMED_ID", "%s: id value of incorrect type: %s", f.label, id).on(f.name)
		}
		target := t.rows[id]
		if target == nil {
			if _, gone := t.deleted[id]; gone {
				return fail("ENTITY_IS_DELETED", "entity is deleted").on(f.name)
			}
			return fail("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id").on(f.name)
		}
		if active, _ := target.vals["IsActive"].(bool); name == "OwnerId" && !active {
			return inactiveOwner(o, id)
		}
	}
	return nil
}

func inactiveOwner(o *object, id string) *apiError {
	return fail("INACTIVE_OWNER_OR_USER", "operation performed with inactive user [%s] as owner of %s", id, strings.ToLower(o.label)).on("OwnerId")
}

// derive sets what the org computes: compound names, closed flags, the account of a task.
func (s *Server) derive(o *object, vals map[string]any) {
	switch o.name {
	case "Contact", "Lead", "User":
		setOrClear(vals, "Name", strings.TrimSpace(str(vals["FirstName"])+" "+str(vals["LastName"])))
	case "Task":
		s.deriveTask(vals)
	case "Case":
		vals["IsClosed"] = vals["Status"] == "Closed"
		s.accountOfContact(vals, "ContactId")
	case "Opportunity":
		stage := str(vals["StageName"])
		vals["IsWon"] = stage == "Closed Won"
		vals["IsClosed"] = strings.HasPrefix(stage, "Closed")
	}
}

// deriveTask: AccountId follows WhatId (the account, or the account of the opportunity or case), else the contact.
func (s *Server) deriveTask(vals map[string]any) {
	vals["IsHighPriority"] = vals["Priority"] == "High"
	vals["IsClosed"] = vals["Status"] == "Completed"
	delete(vals, "AccountId")
	if what := str(vals["WhatId"]); what != "" {
		if strings.HasPrefix(what, "001") {
			vals["AccountId"] = what
		} else if r := s.lookup(what); r != nil {
			setOrClear(vals, "AccountId", r.text("AccountId"))
		}
	}
	s.accountOfContact(vals, "WhoId")
}

func (s *Server) accountOfContact(vals map[string]any, through string) {
	if who := str(vals[through]); vals["AccountId"] == nil && strings.HasPrefix(who, "003") {
		if r := s.lookup(who); r != nil {
			setOrClear(vals, "AccountId", r.text("AccountId"))
		}
	}
}

// businessRules are the rules between fields that the Object Reference states for a Task.
func businessRules(o *object, vals map[string]any) *apiError {
	if o.name == "Task" && strings.HasPrefix(str(vals["WhoId"]), "00Q") && str(vals["WhatId"]) != "" {
		return fail("FIELD_INTEGRITY_EXCEPTION", "WhatId must be null when WhoId is a Lead: only accounts, opportunities and the like can be related to a contact's task").on("WhatId")
	}
	return nil
}

func (s *Server) uniqueness(t *table, id string, changed, vals map[string]any) *apiError {
	for _, f := range t.obj.indexes {
		if !f.unique || !has(changed, f.name) {
			continue
		}
		for _, other := range t.exact[f][strings.ToLower(str(vals[f.name]))] {
			if other != id {
				return fail("DUPLICATE_VALUE", "duplicate value found: %s duplicates value on record with id: %s", f.name, other).on(f.name)
			}
		}
	}
	return nil
}

// lookup finds a row of any object by its id.
func (s *Server) lookup(id string) *record {
	if len(id) < 15 {
		return nil
	}
	if t := s.byPrefix[id[:3]]; t != nil {
		return t.rows[id]
	}
	return nil
}

func has(m map[string]any, name string) bool { _, ok := m[name]; return ok }

func str(v any) string { s, _ := v.(string); return s }

func setOrClear(vals map[string]any, name, v string) {
	if v == "" {
		delete(vals, name)
	} else {
		vals[name] = v
	}
}
