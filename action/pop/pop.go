package pop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"cordboard/crm"
	"cordboard/engine"
	"cordboard/screen"
)

// Useful is how long after its event a pop is still worth showing, where Options say nothing: by then the agent knows
// the customer's name.
const Useful = 15 * time.Second

// patience is how much useful time must be left for another attempt at a lookup. With less the agent gets what is
// known without it.
const patience = 5 * time.Second

// shown is the most records of a list.
const shown = 10

// Options are what an administrator may set for all pops.
type Options struct {
	// Useful is how long after its event a pop is shown; zero is the constant Useful.
	Useful time.Duration
	// Region is the country of numbers without a country code; empty leaves it to the CRM's client.
	Region string
}

// Action looks up the customer and shows the record to the agent. It implements engine.Action and is safe for
// concurrent use.
type Action struct {
	finder  crm.Finder
	screen  screen.Screen
	options Options
}

// New returns the action over a CRM and the agents' screens.
func New(finder crm.Finder, on screen.Screen, options Options) *Action {
	if options.Useful <= 0 {
		options.Useful = Useful
	}
	return &Action{finder: finder, screen: on, options: options}
}

// args are the step's arguments, as Spec describes them.
type args struct {
	Find []string `json:"find"`
	By   text     `json:"by,omitempty"`
	ID   text     `json:"id,omitempty"`
	None string   `json:"none,omitempty"`
	Many string   `json:"many,omitempty"`
}

// text is a value that workflows compute: a number in a call's variables may come as one.
type text string

// UnmarshalJSON takes a string, a number, or null for none.
func (t *text) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '{', '[', 't', 'f':
		return errors.New("by and id are texts")
	case '"':
		return json.Unmarshal(raw, (*string)(t))
	case 'n':
		*t = ""
	default:
		*t = text(raw)
	}
	return nil
}

// result is what later steps may refer to.
type result struct {
	ID    string `json:"id"`
	Type  string `json:"type"`
	Name  string `json:"name"`
	Count int    `json:"count"`
	By    string `json:"by,omitempty"`
	// Records are what was found when it was several: the agent may choose among them for the call's log.
	Records []crm.Record `json:"records,omitempty"`
	// Open is the question that found no answer in time; see Completed.
	Open *args `json:"open,omitempty"`
}

// Do implements engine.Action. A pop that comes too late is skipped as "late". A lookup that fails is tried again while
// there is time; then the agent is shown the masked number, the outcome says why there was no more, and the question stays
// open for the records that want its answer ([Completed]). The rules for
// none and many decide what is opened; the result is known to the call's other steps as soon as the lookup has
// answered, whatever the screen does.
func (a *Action) Do(ctx context.Context, in engine.Input) engine.Outcome {
	args, err := readArgs(in.Args)
	if err != nil {
		return engine.Kill("bad-arguments", "the pop's arguments cannot be read: "+err.Error())
	}
	until := in.Step.Heard.Add(a.options.Useful)
	if !time.Now().Before(until) {
		out := engine.Skip("late", fmt.Sprintf("more than %v after the event", a.options.Useful))
		out.Result, _ = json.Marshal(unknown(args).result) // texts always marshal
		return out
	}
	request := args.describe()
	asking, cancel := context.WithDeadline(ctx, until)
	records, err := find(asking, a.finder, args, a.options.Region)
	cancel()
	if err != nil && a.again(ctx, err, until) {
		out := engine.Again("crm-"+string(crm.KindOf(err)), "the lookup failed")
		out.Request, out.Answer = request, code(err)
		return out
	}
	view := choose(args, records)
	if err != nil {
		view = unknown(args)
	}
	encoded, err2 := json.Marshal(view.result)
	if err2 != nil {
		return engine.Kill("bad-result", err2.Error())
	}
	if in.Early != nil {
		in.Early(encoded)
	}
	out := a.show(ctx, in, view, until)
	out.Result, out.Request, out.Answer = encoded, request, strings.TrimPrefix(view.answer+"; "+out.Answer, "; ")
	if err != nil {
		out.Answer = code(err) + "; " + out.Answer
		out.Detail = strings.TrimPrefix(out.Detail+"; the lookup failed, so only the number was shown", "; ")
	}
	return out
}

func readArgs(raw json.RawMessage) (args, error) {
	a := args{Find: []string{"Contact", "Lead", "Account"}, None: "nothing", Many: "list"}
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, err
	}
	object, isNew := strings.CutPrefix(a.None, "new ")
	switch {
	case len(a.Find) == 0:
		return a, errors.New(`"find" names no objects`)
	case a.None != "nothing" && a.None != "search" && !(isNew && object != ""):
		return a, fmt.Errorf("none: %q is not new …, search or nothing", a.None)
	case a.Many != "list" && a.Many != "first" && a.Many != "nothing":
		return a, fmt.Errorf("many: %q is not list, first or nothing", a.Many)
	}
	return a, nil
}

// describe says what is looked for, masked.
func (a args) describe() string {
	text := "find " + strings.Join(a.Find, ", ")
	if a.ID != "" {
		text += " by id " + maskID(string(a.ID))
	}
	if a.By != "" {
		text += " by number " + maskNumber(string(a.By))
	}
	return text
}

func find(ctx context.Context, finder crm.Finder, args args, region string) ([]crm.Record, error) {
	if args.By == "" && args.ID == "" {
		return nil, nil
	}
	return finder.Find(ctx, crm.Query{Objects: args.Find, ID: string(args.ID), Phone: string(args.By), Region: region, Limit: shown})
}

// again reports whether the lookup is worth another attempt: it failed for a moment only, and there is time. The end of
// ctx is the server's end, not the lookup's fault: the step is tried after the restart.
func (a *Action) again(ctx context.Context, err error, until time.Time) bool {
	return ctx.Err() != nil || crm.KindOf(err) == crm.Busy && time.Until(until) > patience
}

// show puts the view on the agent's screen and makes the receipt an outcome.
func (a *Action) show(ctx context.Context, in engine.Input, view view, until time.Time) engine.Outcome {
	p := view.pop
	p.Key, p.Call, p.Heard, p.Until = in.Key, string(in.Step.Call), in.Step.Heard, until
	receipt, err := a.screen.Show(ctx, in.Step.Agent, p)
	if err != nil {
		return engine.Again("stopped", "the server stopped before the screen answered")
	}
	out := engine.Did(nil)
	switch receipt.Outcome {
	case screen.Shown, screen.Already, screen.Offered:
		out.Reason = view.reason
	case screen.Late:
		out = engine.Skip("late", "the agent's browser did not manage it in time")
	case screen.NoDesk:
		out = engine.Skip("no-desk", "the agent has no desk open")
	case screen.Declined:
		out = engine.Skip("declined", "the agent's browser refused")
	default:
		return engine.Kill("bad-receipt", fmt.Sprintf("the screen answered %q", receipt.Outcome))
	}
	out.Answer = string(p.Kind) + " " + string(receipt.Outcome)
	if receipt.Detail != "" {
		out.Detail = strings.TrimPrefix(out.Detail+": "+receipt.Detail, ": ")
	}
	return out
}

func code(err error) string {
	if e, ok := errors.AsType[*crm.Error](err); ok {
		return strings.TrimSpace(string(e.Kind) + " " + e.Code)
	}
	return string(crm.Busy)
}
