package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"cordboard/engine"
	"cordboard/screen"
)

// Useful is how long after its event a page is still worth opening, where Options say nothing.
const Useful = 15 * time.Second

// Options are what an administrator may set for all pages.
type Options struct {
	// Origins are the https origins, such as "https://scripts.example.com", that pages outside Salesforce may have.
	// Without any, only paths within Salesforce are opened.
	Origins []string
	// Useful is how long after its event a page is opened; zero is the constant Useful.
	Useful time.Duration
}

// Action opens a page on the agent's screen. It implements engine.Action and is safe for concurrent use.
type Action struct {
	screen  screen.Screen
	options Options
}

// New returns the action over the agents' screens.
func New(on screen.Screen, options Options) *Action {
	if options.Useful <= 0 {
		options.Useful = Useful
	}
	return &Action{screen: on, options: options}
}

// Do implements engine.Action. An address that is neither a path within Salesforce nor of an allowed origin is never
// opened: values from calls end up in addresses, and a caller must not choose what an agent's browser runs.
func (a *Action) Do(ctx context.Context, in engine.Input) engine.Outcome {
	var args struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(in.Args, &args); err != nil {
		return engine.Kill("bad-arguments", "the page's arguments cannot be read")
	}
	if err := Allowed(args.URL, a.options.Origins); err != nil {
		return engine.Kill("bad-url", err.Error())
	}
	until := in.Step.Heard.Add(a.options.Useful)
	if !time.Now().Before(until) {
		return engine.Skip("late", fmt.Sprintf("more than %v after the event", a.options.Useful))
	}
	receipt, err := a.screen.Show(ctx, in.Step.Agent, screen.Pop{
		Key: in.Key, Call: string(in.Step.Call), Kind: screen.KindPage, URL: args.URL, Why: "a page of the workflow",
		Heard: in.Step.Heard, Until: until,
	})
	if err != nil {
		return engine.Again("stopped", "the server stopped before the screen answered")
	}
	out := outcome(receipt)
	out.Request, out.Answer = "open "+masked(args.URL), string(receipt.Outcome)
	return out
}

func outcome(r screen.Receipt) engine.Outcome {
	switch r.Outcome {
	case screen.Shown, screen.Already, screen.Offered:
		out := engine.Did(nil)
		out.Detail = r.Detail
		return out
	case screen.Late:
		return engine.Skip("late", "the agent's browser did not manage it in time")
	case screen.NoDesk:
		return engine.Skip("no-desk", "the agent has no desk open")
	case screen.Declined:
		return engine.Skip("declined", strings.TrimSuffix("the agent's browser refused: "+r.Detail, ": "))
	}
	return engine.Kill("bad-receipt", fmt.Sprintf("the screen answered %q", r.Outcome))
}

// Allowed says whether an address may be opened: a path that begins with one slash, or an https address of one of the
// origins (http only of this machine). The error says what is wrong and does not hold the address.
func Allowed(address string, origins []string) error {
	for _, r := range address {
		if r <= ' ' || r == '\\' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return errors.New("the address holds a space, a control character or a backslash")
		}
	}
	u, err := url.Parse(address)
	switch {
	case address == "":
		return errors.New("the address is empty")
	case err != nil:
		return errors.New("the address cannot be read")
	case strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//"):
		return nil
	case u.User != nil:
		return errors.New("the address holds a user name")
	case u.Scheme != "https" && !(u.Scheme == "http" && thisMachine(u.Hostname())) || u.Host == "":
		return errors.New("the address is neither a path that begins with / nor an https address")
	}
	origin := u.Scheme + "://" + strings.ToLower(u.Host)
	if !slices.ContainsFunc(origins, func(o string) bool { return strings.EqualFold(strings.TrimRight(o, "/"), origin) }) {
		return fmt.Errorf("the origin %s is not among the allowed ones", origin)
	}
	return nil
}

func thisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// masked is an address without its query and fragment, where customers' data stands.
func masked(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		return address[:i+1] + "…"
	}
	return address
}
