package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"cordboard/platform"
)

// scene is a conversation as an order finds it, seen by one agent.
type scene struct {
	*rest
	snapshot
	me *part    // the agent's newest part
	on *session // what the agent is in, or was last: the call before the callback that it belongs to
}

// The paths of the two kinds of media.
const (
	onCalls     = "/calls/"
	onCallbacks = "/callbacks/"
)

// scene reads a conversation for an order of an agent, who must have a part in it.
func (r *rest) scene(ctx context.Context, id, agent string) (*scene, error) {
	answer, err := r.ask(ctx, urgent, http.MethodGet, pathConversations+"/"+url.PathEscape(id), nil)
	if errors.Is(err, errMissing) {
		return nil, errors.New("there is no such conversation any more")
	}
	if err != nil {
		return nil, err
	}
	c := cursor{s: string(answer)}
	s := &scene{rest: r, snapshot: readSnapshot(&c, "")}
	if c.err != nil || s.id == "" {
		return nil, errors.New("the conversation cannot be read")
	}
	for i := range s.parts {
		if p := &s.parts[i]; p.user == agent && !p.watches {
			s.me = p
		}
	}
	if s.me == nil {
		return nil, errors.New("the agent has no part in this conversation")
	}
	s.on = s.me.present()
	return s, nil
}

// present is the session that goes on, of a call before that of a callback; or else the last one, if there is any.
func (p *part) present() (found *session) {
	for _, all := range [][]session{p.callbacks, p.calls} {
		for i := range all {
			if found == nil || found.over() || !all[i].over() {
				found = &all[i]
			}
		}
	}
	return found
}

// talking reports whether the agent is in the conversation now; if not, there is nothing to order but the wrap-up.
func (s *scene) talking() error {
	if s.on == nil || s.on.over() {
		return errors.New("the agent is not in this conversation any more")
	}
	return nil
}

// media is the path of a session's kind.
func (s *scene) media(on *session) string {
	if slices.ContainsFunc(s.me.callbacks, func(c session) bool { return c.id == on.id }) {
		return onCallbacks
	}
	return onCalls
}

// customer is who is in the conversation besides agents and queues; nil when nobody is.
func (s *scene) customer() (found *part) {
	for i := range s.parts {
		p := &s.parts[i]
		if (p.purpose == "customer" || p.purpose == "external") && (s.me.consult == "" || p.id == s.me.consult) {
			if on := p.present(); found == nil || on != nil && !on.over() {
				found = p
			}
		}
	}
	return found
}

// at is the path of a part's resource for one kind of media; "/" is the conversation's own.
func (s *scene) at(media string, p *part) string {
	return pathConversations + media + url.PathEscape(s.id) + "/participants/" + url.PathEscape(p.id)
}

// patch changes the agent's session.
func (s *scene) patch(ctx context.Context, field string, value any) error {
	if err := s.talking(); err != nil {
		return err
	}
	return s.order(ctx, http.MethodPatch, s.at(s.media(s.on), s.me), map[string]any{field: value})
}

func change(field string, value any) func(*scene, context.Context, platform.Command) error {
	return func(s *scene, ctx context.Context, _ platform.Command) error { return s.patch(ctx, field, value) }
}

// record pauses and resumes the recording, which the vendor's client calls secure pause (that the two are the same is
// inferred).
func record(state string) func(*scene, context.Context, platform.Command) error {
	return func(s *scene, ctx context.Context, _ platform.Command) error {
		if err := s.talking(); err != nil {
			return err
		}
		path := pathConversations + onCalls + url.PathEscape(s.id) + "/recordingstate"
		return s.order(ctx, http.MethodPut, path, map[string]string{"recordingState": state})
	}
}

// take accepts what is offered.
func (s *scene) take(ctx context.Context, _ platform.Command) error {
	if s.on != nil && s.on.state == connected {
		return errors.New("the agent is in this conversation already")
	}
	return s.patch(ctx, "state", connected)
}

// decline refuses what is offered.
func (s *scene) decline(ctx context.Context, _ platform.Command) error {
	if s.on == nil || s.on.state != alerting {
		return errors.New("nothing is offered")
	}
	return s.patch(ctx, "state", disconnected)
}

// skip ends a preview that was not dialled. Whether agents may skip is the campaign's to say.
func (s *scene) skip(ctx context.Context, _ platform.Command) error {
	switch {
	case len(s.me.callbacks) == 0:
		return errors.New("this is no preview")
	case len(s.me.calls) > 0:
		return errors.New("the contact has been called already")
	}
	return s.patch(ctx, "state", disconnected)
}

// dial calls the contact of a preview, or of a callback.
func (s *scene) dial(ctx context.Context, cmd platform.Command) error {
	if err := s.talking(); err != nil {
		return err
	}
	if s.media(s.on) != onCallbacks || s.on.state != connected {
		return errors.New("no preview was accepted, or its contact is being called")
	}
	body := map[string]string{"callNumber": cmd.To}
	column := cmd.Args["column"]
	if cmd.To == "" {
		if s.on.other == "" {
			return errors.New("the preview has no number: say which to call")
		}
		body["callNumber"] = s.on.other
		if column == "" {
			column = s.on.preview.column
		}
	}
	if column != "" {
		body["phoneColumn"] = column
	}
	return s.order(ctx, http.MethodPost, pathConversations+onCalls+url.PathEscape(s.id), body)
}

// setData writes attributes of the customer's.
func (s *scene) setData(ctx context.Context, cmd platform.Command) error {
	p := s.customer()
	if p == nil {
		p = s.me
	}
	if len(cmd.Args) == 0 {
		return errors.New("there is nothing to write")
	}
	return s.order(ctx, http.MethodPatch, s.at("/", p)+"/attributes", map[string]any{"attributes": cmd.Args})
}

// secure takes the customer through a flow whose questions and answers the agent does not hear.
func (s *scene) secure(ctx context.Context, cmd platform.Command) error {
	if err := s.talking(); err != nil {
		return err
	}
	if cmd.To == "" {
		return errors.New("it wants the id of a secure flow")
	}
	return s.order(ctx, http.MethodPost, s.at("/", s.me)+"/secureivrsessions", map[string]any{
		"flowId": cmd.To, "userData": cmd.Args["user_data"], "disconnect": cmd.Args["disconnect"] == "true",
	})
}

// wrapUp tells how the call went. It closes a callback whose call is over, too: without that the agent is not free.
func (s *scene) wrapUp(ctx context.Context, cmd platform.Command) error {
	media := onCalls
	if len(s.me.callbacks) > 0 { // the call belongs to it, and so does the wrap-up
		media = onCallbacks
	}
	code, err := s.code(ctx, media, cmd.Args["code"])
	if err != nil {
		return err
	}
	body := map[string]any{"wrapup": map[string]string{"code": code, "notes": cmd.Args["notes"]}}
	if s.on != nil && !s.on.over() && s.media(s.on) == onCallbacks {
		body["state"] = disconnected
	}
	return s.order(ctx, http.MethodPatch, s.at(media, s.me), body)
}

// code is the id of a wrap-up code, which may be named by its name.
func (s *scene) code(ctx context.Context, media, named string) (string, error) {
	if named == "" {
		return "", errors.New("it wants Args[code], the id or the name of a wrap-up code")
	}
	if isID(named) {
		return named, nil
	}
	answer, err := s.ask(ctx, urgent, http.MethodGet, s.at(media, s.me)+"/wrapupcodes", nil)
	if err != nil {
		return "", err
	}
	var codes []choice
	if err := readChoices(answer, &codes); err != nil {
		return "", err
	}
	return choose(codes, named, "wrap-up code")
}

// choose finds what is named.
func choose(all []choice, named, what string) (string, error) {
	for _, c := range all {
		if c.is(named) {
			return c.ID, nil
		}
	}
	return "", fmt.Errorf("there is no %s of that name here", what)
}
