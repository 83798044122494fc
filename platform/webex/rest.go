package webex

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"cordboard/platform"
)

// api speaks REST for one agent.
type api struct {
	http   *http.Client
	url    string
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
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return bare(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxMessage))
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return refusal(resp, answer)
	}
	if out != nil && json.Unmarshal(answer, out) != nil {
		return fmt.Errorf("the answer cannot be read")
	}
	return nil
}

func refusal(resp *http.Response, body []byte) *failure {
	f := &failure{status: resp.StatusCode}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		f.retry = time.Duration(s) * time.Second
	}
	var said struct {
		Reason string `json:"reason"`
		Error  struct {
			Key string `json:"key"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &said) == nil {
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
