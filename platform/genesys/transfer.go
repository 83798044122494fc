package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"cordboard/platform"
)

// speakTo are whom an agent who consults can speak to: the colleague, the customer, or both.
var speakTo = []string{"DESTINATION", "OBJECT", "BOTH"}

// consult begins a consult transfer, or changes whom the agent speaks to in one. It is the customer who is transferred.
func (s *scene) consult(ctx context.Context, cmd platform.Command) error {
	if err := s.talking(); err != nil {
		return err
	}
	speak := strings.ToUpper(cmd.Args["speak_to"])
	if speak != "" && !slices.Contains(speakTo, speak) {
		return errors.New("args[speak_to] is destination, object or both")
	}
	switch {
	case cmd.To == "" && s.me.consult == "":
		return errors.New("it wants an agent, a queue or a number")
	case cmd.To == "" && speak == "":
		return errors.New("somebody is being consulted already: Args[speak_to] changes whom the agent speaks to")
	case cmd.To == "":
		return s.speak(ctx, speak)
	}
	customer := s.customer()
	if customer == nil {
		return errors.New("there is no customer in this conversation")
	}
	if speak == "" {
		speak = speakTo[0]
	}
	to, err := destination(cmd)
	if err != nil {
		return err
	}
	return s.order(ctx, http.MethodPost, s.at(onCalls, customer)+"/consult", map[string]any{
		"speakTo": speak, "destination": to, "consultingUserId": s.me.user,
	})
}

// consulted is the resource of the consult transfer under way.
func (s *scene) consulted() (string, error) {
	customer := s.customer()
	if err := s.talking(); err != nil {
		return "", err
	}
	if s.me.consult == "" || customer == nil {
		return "", errors.New("nobody is being consulted")
	}
	return s.at(onCalls, customer) + "/consult", nil
}

func (s *scene) speak(ctx context.Context, to string) error {
	path, err := s.consulted()
	if err != nil {
		return err
	}
	return s.order(ctx, http.MethodPatch, path, map[string]string{"speakTo": to})
}

// endConsult takes the customer back.
func (s *scene) endConsult(ctx context.Context, _ platform.Command) error {
	path, err := s.consulted()
	if err != nil {
		return err
	}
	return s.order(ctx, http.MethodDelete, path, nil)
}

// transfer concludes a consult transfer: the agent who began it leaves.
func (s *scene) transfer(ctx context.Context, _ platform.Command) error {
	if _, err := s.consulted(); err != nil {
		return err
	}
	if s.asked() {
		return errors.New("the agent was asked, and did not ask: who asked can transfer")
	}
	return s.patch(ctx, "state", disconnected)
}

// asked reports whether the agent is the one who is consulted: who consults was there before.
func (s *scene) asked() bool {
	for i := range s.parts {
		p := &s.parts[i]
		if p.id == s.me.id {
			return false
		}
		if on := p.present(); p.user != "" && p.consult == s.me.consult && on != nil && !on.over() {
			return true
		}
	}
	return false
}

// conference lets all parties of a consult talk, or brings other conversations of the agent's into this one.
func (s *scene) conference(ctx context.Context, cmd platform.Command) error {
	if cmd.Args["with"] == "" {
		return s.speak(ctx, "BOTH")
	}
	if err := s.talking(); err != nil {
		return err
	}
	var ids []string
	for id := range strings.SplitSeq(cmd.Args["with"], ",") {
		if id = strings.TrimSpace(id); id == s.id || id == "" {
			continue
		}
		other, err := s.scene(ctx, id, s.me.user)
		if err == nil {
			err = other.talking()
		}
		if err != nil {
			return fmt.Errorf("args[with]: %w", err)
		}
		ids = append(ids, id)
	}
	return s.order(ctx, http.MethodPatch, pathConversations+onCalls+url.PathEscape(s.id)+"/conference", map[string]any{"conversationIds": ids})
}

// blindTransfer puts somebody else in the agent's place.
func (s *scene) blindTransfer(ctx context.Context, cmd platform.Command) error {
	if err := s.talking(); err != nil {
		return err
	}
	to, err := destination(cmd)
	if err != nil {
		return err
	}
	to["transferType"] = "Unattended"
	return s.order(ctx, http.MethodPost, s.at(onCalls, s.me)+"/replace", to)
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// isID reports whether a text is an id rather than a name.
func isID(s string) bool { return uuid.MatchString(s) }

// destination is whom an order is about, under the name that the vendor's client actions give it.
func destination(cmd platform.Command) (map[string]string, error) {
	if cmd.To == "" {
		return nil, errors.New("it wants an agent, a queue or a number")
	}
	kind := cmd.Args["type"]
	switch {
	case kind == "" && isID(cmd.To):
		kind = "userId"
	case kind == "":
		kind = "address"
	case !slices.Contains([]string{"userId", "queueId", "address"}, kind):
		return nil, errors.New("args[type] is userId, queueId or address")
	}
	return map[string]string{kind: cmd.To}, nil
}
