package webex

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"cordboard/platform"
)

// api speaks REST for one agent.
type api struct {
	http   platform.Rest
	tokens *tokens
}

// failure is an answer that is no success.
type failure struct {
	status int
	retry  time.Duration // what Retry-After asks for
	text   string        // the vendor's own word for it, without data
}

func (f *failure) Error() string {
	if f.text == "" {
		return fmt.Sprintf("status %d", f.status)
	}
	return fmt.Sprintf("status %d: %s", f.status, f.text)
}

// do sends one request and decodes its answer into out, unless that is nil. A token that is refused is replaced once.
func (a *api) do(ctx context.Context, method, path string, in, out any) error {
	for again := true; ; again = false {
		token, err := a.tokens.get(ctx)
		if err != nil {
			return err
		}
		err = a.send(ctx, token, method, path, in, out)
		f, failed := err.(*failure)
		switch {
		case failed && f.status == http.StatusUnauthorized && again:
			a.tokens.spoil(token)
			continue
		case failed && (f.status == http.StatusUnauthorized || f.status == http.StatusForbidden):
			return fmt.Errorf("%s %s: %w: %w", method, path, platform.ErrRefused, err)
		case err != nil:
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		return nil
	}
}

func (a *api) send(ctx context.Context, token, method, path string, in, out any) error {
	header := http.Header{"Authorization": {"Bearer " + token}, "Accept": {"application/json"}}
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
		header.Set("Content-Type", "application/json")
	}
	answer, err := a.http.Do(ctx, method, path, header, body)
	if err != nil {
		return err
	}
	if !answer.OK() {
		return refusal(&answer)
	}
	if out != nil && json.Unmarshal(answer.Body, out) != nil {
		return fmt.Errorf("the answer cannot be read")
	}
	return nil
}

func refusal(answer *platform.Reply) *failure {
	f := &failure{status: answer.Status, retry: answer.Seconds("Retry-After")}
	var said struct {
		Reason string `json:"reason"`
		Error  struct {
			Key string `json:"key"`
		} `json:"error"`
	}
	if json.Unmarshal(answer.Body, &said) == nil {
		f.text = said.Reason
		if f.text == "" {
			f.text = said.Error.Key
		}
	}
	return f
}

// subscribe asks for a notification WebSocket ("Subscribe Notification"). Others of the same agent stay signed in.
func (a *api) subscribe(ctx context.Context) (address string, err error) {
	var answer struct {
		URL string `json:"webSocketUrl"`
	}
	err = a.do(ctx, http.MethodPost, "/v1/notification/subscribe", map[string]any{
		"force": true, "isKeepAliveEnabled": true, "clientType": "cordboard", "allowMultiLogin": true,
	}, &answer)
	if err == nil && answer.URL == "" {
		err = fmt.Errorf("POST /v1/notification/subscribe: no webSocketUrl in the answer")
	}
	return answer.URL, err
}

// reload asks for a picture of every task that the agent has ("Contact control APIs").
func (a *api) reload(ctx context.Context) error {
	return a.do(ctx, http.MethodPost, "/v1/agents/reload", map[string]any{}, nil)
}
