package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"cordboard/call"
	"cordboard/crm/salesforce"
	"cordboard/desk"
	"cordboard/engine"
	"cordboard/workspace"
)

// The object that is a call's log, and its fields that an agent writes ("Task" of the Object Reference).
const (
	logObject  = "Task"
	logName    = "WhoId"  // "Name": a contact or a lead
	logRelated = "WhatId" // "Related To": anything else, but nothing beside a lead
	logNotes   = "Description"
	logOutcome = "CallDisposition"
)

// saveLog is the order by which an agent writes into a call's log. Its arguments: record, an id that goes to the menu of
// its kind, with what people call it as label; clear, "name" or "related", for a menu that is to be empty; notes; outcome.
const saveLog = "SaveLog"

// logView is what stands in the log of an agent's part in a call, as far as it is the agent's.
type logView struct {
	Name    *popped `json:"name,omitempty"`
	Related *popped `json:"related,omitempty"`
	Notes   string  `json:"notes,omitempty"`
	Outcome string  `json:"outcome,omitempty"`
	// Saved is how far the CRM has it.
	Saved *panelLog `json:"saved,omitempty"`
}

// logViewOf reads it: what the agent chose, or else the person who was popped, whom the recommended workflows write.
func logViewOf(leg *call.Leg, shown *popped) *logView {
	v := &logView{Notes: leg.Log[logNotes].Value, Outcome: leg.Log[logOutcome].Value}
	v.Name, v.Related = chosen(leg, logName), chosen(leg, logRelated)
	if _, said := leg.Log[logName]; !said && shown != nil && isPerson(shown.ID) {
		v.Name = shown
	}
	return v
}

func chosen(leg *call.Leg, field string) *popped {
	e := leg.Log[field]
	if e.Value == "" {
		return nil
	}
	return &popped{Object: salesforce.ObjectOf(e.Value), ID: e.Value, Name: e.Label}
}

func isPerson(id string) bool { return strings.HasPrefix(id, "003") || isLead(id) }
func isLead(id string) bool   { return strings.HasPrefix(id, "00Q") }

// refusal is one of the workspace's closed list.
func refusal(reason, detail string) error { return &desk.Refusal{Reason: reason, Detail: detail} }

// writeLog takes in what an agent wants in a call's log, at any time: while the call goes on, and when it is over. It is
// durable when the error is nil, whether there is a log by then or not.
func (s *Server) writeLog(ctx context.Context, agent string, o desk.Order) error {
	if s.crm == nil {
		return refusal("no-connection", "no CRM is configured to keep logs in")
	}
	c, leg, err := s.loggedCall(ctx, agent, o.Call)
	if err != nil {
		return err
	}
	found := poppedResult(c.Pops[agent])
	entries, err := logEntries(o.Args, logViewOf(leg, found.record()))
	if err != nil {
		return err
	}
	for field, e := range entries {
		if known, said := leg.Log[field]; said && known.Value == e.Value && known.Label == e.Label {
			delete(entries, field)
		}
	}
	if len(entries) == 0 {
		return nil
	}
	ev := call.Event{
		ID: "desk:" + rand.Text(), Connection: c.State.Connection, Platform: c.State.Platform, Ref: leg.Ref, Leg: leg.ID, Role: leg.Role,
		Agent: agent, At: time.Now().UTC(), Log: entries,
	}
	if s.news != nil && !s.owns(ev.Connection) { // who shows the call has to hear of it
		return s.news.orders.give(ctx, order{Connection: ev.Connection, Agent: agent, Log: &ev})
	}
	return s.engine.Accept(ctx, []call.Event{ev})
}

// loggedCall finds the agent's part in a call by the platform's id or ours; without one it is what is open, or else what was
// open last.
func (s *Server) loggedCall(ctx context.Context, agent, named string) (*engine.CallRow, *call.Leg, error) {
	rows, err := s.store.Calls(ctx, engine.Filter{Agent: agent, Text: named, Limit: engine.MostOpen})
	if err != nil {
		return nil, nil, refusal("unavailable", "the calls cannot be read right now: try again")
	}
	var at *engine.CallRow
	var part *call.Leg
	for i := range rows {
		for j := range rows[i].State.Legs {
			l := &rows[i].State.Legs[j]
			if l.Agent != agent || named != "" && string(rows[i].State.ID) != named && !workspace.GoesBy(l, named) {
				continue
			}
			if part == nil || at == &rows[i] && (l.Open() || !part.Open()) || l.Open() && !part.Open() {
				at, part = &rows[i], l
			}
		}
	}
	if part == nil {
		return nil, nil, refusal("no-call", "this agent has had no such call")
	}
	return at, part, nil
}

// logEntries are what an order's arguments mean beside what stands in the log.
func logEntries(args map[string]string, now *logView) (map[string]call.Entry, error) {
	entries := map[string]call.Entry{}
	for name, value := range args {
		switch name {
		case "notes":
			entries[logNotes] = call.Entry{Value: value}
		case "outcome":
			entries[logOutcome] = call.Entry{Value: value}
		case "clear":
			field := map[string]string{"name": logName, "related": logRelated}[value]
			if field == "" {
				return nil, refusal("malformed", "clear is name or related")
			}
			entries[field] = call.Entry{}
		case "record":
			if err := logRecord(entries, value, args["label"], now); err != nil {
				return nil, err
			}
		}
	}
	return entries, nil
}

// logRecord puts a record into the menu of its kind. A task of a lead has nothing in the other one: Salesforce refuses it.
func logRecord(entries map[string]call.Entry, id, label string, now *logView) error {
	switch {
	case !salesforce.ValidID(id):
		return refusal("malformed", "record is no record's id")
	case isPerson(id):
		entries[logName] = call.Entry{Value: id, Label: label}
		if isLead(id) && now.Related != nil {
			entries[logRelated] = call.Entry{}
		}
	case now.Name != nil && isLead(now.Name.ID):
		return refusal("refused", "a call with a lead cannot be related to anything else: clear the name, or choose a contact")
	default:
		entries[logRelated] = call.Entry{Value: id, Label: label}
	}
	return nil
}

// candidates are the records that a pop found, the one that it showed first.
func (r *popResult) candidates() (all []popped) {
	if p := r.record(); p != nil {
		all = append(all, *p)
	}
	for _, rec := range r.Records {
		if !slices.ContainsFunc(all, func(p popped) bool { return p.ID == rec.ID }) {
			all = append(all, popped{Object: rec.Object, ID: rec.ID, Name: rec.Name})
		}
	}
	return all
}

// logKey names a part in a call.
type logKey struct {
	call call.ID
	leg  string
}

// keptOver is how many calls that are over a panel shows, so that their logs can still be written.
const keptOver = 3

// end makes a call that is over for an agent one of the newest such; a call that never came to a talk leaves nothing.
func (p *deskPage) end(i interaction) {
	p.over = slices.DeleteFunc(p.over, func(o interaction) bool { return o.Call == i.Call })
	if i.Answered.IsZero() {
		return
	}
	i.Over, i.Attributes, i.Controls = true, nil, nil
	p.over = append(p.over, i)
	slices.SortFunc(p.over, func(a, b interaction) int { return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.ID, b.ID)) })
	p.over = p.over[:min(len(p.over), keptOver)]
}
