package record

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/goccy/go-json"

	"cordboard/crm"
	"cordboard/engine"
)

// Updater is what a crm.Writer may be able to do beside: to change a record by its id, also one that others made. It
// never creates one. Without it a duplicate cannot be adopted, and updates go by key.
type Updater interface {
	Update(ctx context.Context, id string, w crm.Write) (crm.Written, error)
}

// Create writes a new record, once for each key. It implements engine.Action and is safe for concurrent use.
type Create struct{ writer crm.Writer }

// NewCreate returns the action over a CRM.
func NewCreate(writer crm.Writer) *Create { return &Create{writer} }

// Update changes the record that a create of the same key wrote. It implements engine.Action and is safe for concurrent
// use.
type Update struct{ writer crm.Writer }

// NewUpdate returns the action over a CRM.
func NewUpdate(writer crm.Writer) *Update { return &Update{writer} }

// args are a step's arguments, as the Specs describe them.
type args struct {
	Object string         `json:"object"`
	Set    map[string]any `json:"set"`
	Now    bool           `json:"now"`
}

// result is what later steps may refer to.
type result struct {
	ID      string `json:"id"`
	Created bool   `json:"created"`
}

// Do implements engine.Action: it upserts the record by its key. When the CRM has a duplicate rule and names the record
// that is there already, that record is taken and updated.
func (a *Create) Do(ctx context.Context, in engine.Input) engine.Outcome {
	w, err := read(in)
	if err != nil {
		return engine.Kill("bad-arguments", err.Error())
	}
	return perform(ctx, a.writer, w, in, "")
}

// Do implements engine.Action: it changes the record that the key is known to have, by its id where the CRM can, so that
// an update never makes a record of its own. Without a known record it is skipped as "no-record".
func (a *Update) Do(ctx context.Context, in engine.Input) engine.Outcome {
	w, err := read(in)
	if err != nil {
		return engine.Kill("bad-arguments", err.Error())
	}
	if in.Known == nil {
		return engine.Skip("no-record", "no "+w.Object+" was written for this leg of the call")
	}
	return perform(ctx, a.writer, w, in, in.Known.ID)
}

func read(in engine.Input) (crm.Write, error) {
	var a args
	decoder := json.NewDecoder(strings.NewReader(string(in.Args)))
	decoder.UseNumber() // large numbers stay what they are
	if err := decoder.Decode(&a); err != nil {
		return crm.Write{}, errors.New("the step's arguments cannot be read")
	}
	if a.Object == "" {
		return crm.Write{}, errors.New("the step names no object")
	}
	if a.Set == nil {
		a.Set = map[string]any{}
	}
	return crm.Write{Object: a.Object, Key: in.Key, Fields: a.Set, Now: a.Now}, nil
}

// perform writes w, to the record with a known id where there is one, and makes the answer an outcome.
func perform(ctx context.Context, writer crm.Writer, w crm.Write, in engine.Input, id string) engine.Outcome {
	out := engine.Outcome{}
	written, verb, err := write(ctx, writer, w, id)
	detail := ""
	e, refused := errors.AsType[*crm.Error](err)
	if _, isSet := fieldOf(w, e); refused && e.Kind == crm.Gone && isSet {
		// What a field points at was deleted: the record is worth more than the link.
		detail = "written without " + e.Field + ": what it pointed at does not exist"
		w.Fields = maps.Clone(w.Fields)
		delete(w.Fields, e.Field)
		written, verb, err = write(ctx, writer, w, id)
		e, refused = errors.AsType[*crm.Error](err)
	}
	if updater, can := writer.(Updater); refused && can && e.Kind == crm.Duplicate && e.Existing != "" && id == "" {
		detail = "the CRM already had this record; it was updated"
		verb = "update by id"
		written, err = updater.Update(ctx, e.Existing, w)
	}
	if err != nil {
		out = failed(ctx, err)
	} else {
		out = did(w, in, written)
		out.Detail = detail
	}
	out.Request = verb + " " + describe(w)
	return out
}

// write sends w by key, or by id where one is known and the CRM can, and says which.
func write(ctx context.Context, writer crm.Writer, w crm.Write, id string) (crm.Written, string, error) {
	if updater, ok := writer.(Updater); ok && id != "" {
		written, err := updater.Update(ctx, id, w)
		return written, "update by id", err
	}
	written, err := writer.Write(ctx, w)
	return written, "upsert by key", err
}

// fieldOf returns the value of the field that an error is about.
func fieldOf(w crm.Write, e *crm.Error) (any, bool) {
	if e == nil {
		return nil, false
	}
	value, ok := w.Fields[e.Field]
	return value, ok
}

func did(w crm.Write, in engine.Input, written crm.Written) engine.Outcome {
	encoded, err := json.Marshal(result(written))
	if err != nil {
		return engine.Kill("bad-result", err.Error())
	}
	out := engine.Did(encoded)
	out.Record = &engine.RecordRef{Object: w.Object, ID: written.ID, Leg: in.Step.Leg}
	out.Answer = "updated " + written.ID
	if written.Created {
		out.Answer = "created " + written.ID
	}
	return out
}

// failed classifies an error: what passes is tried again, a limit and missing rights are waited for, and what the
// record itself is to blame for needs a person.
func failed(ctx context.Context, err error) engine.Outcome {
	if ctx.Err() != nil {
		return engine.Again("stopped", "the server stopped before the CRM answered")
	}
	e, ok := errors.AsType[*crm.Error](err)
	if !ok {
		return engine.Again("crm-busy", "the CRM could not be asked")
	}
	detail := strings.TrimSuffix(strings.TrimSpace(e.Code+" "+e.Field)+": "+e.Message, ": ")
	var out engine.Outcome
	switch e.Kind {
	case crm.Busy:
		out = engine.Again("crm-busy", detail)
	case crm.Limited:
		out = engine.Park("parked-limit", detail, e.Retry)
	case crm.Denied:
		// Credentials and rights are mended for all records at once; nothing is lost until then.
		out = engine.Park("crm-denied", detail, e.Retry)
	case crm.Duplicate:
		out = engine.Kill("crm-refused", strings.TrimSuffix(detail+"; it has "+e.Existing, "; it has "))
	default:
		out = engine.Kill("crm-refused", detail)
	}
	out.Answer = strings.TrimSpace(string(e.Kind) + " " + e.Code)
	return out
}
