package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"cordboard/call"
	"cordboard/engine"
)

// remote is a running server that a command asks over HTTP.
type remote struct{ url, password string }

func (c explainCmd) server() (remote, error) {
	r := remote{url: c.URL, password: os.Getenv("CORDBOARD_CONSOLE_PASSWORD")}
	if c.PasswordFile != "" {
		raw, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return r, err
		}
		r.password = strings.TrimSpace(string(raw))
	}
	return r, nil
}

// findCall returns the id of the newest call that a search finds, escaped for a path.
func (r remote) findCall(ctx context.Context, text string) (string, error) {
	raw, err := r.get(ctx, "/api/v1/calls?limit=1&q="+url.QueryEscape(text))
	if err != nil {
		return "", err
	}
	var list struct {
		Calls []engine.CallRow `json:"calls"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return "", fmt.Errorf("the server's answer: %w", err)
	}
	if len(list.Calls) == 0 {
		return "", fmt.Errorf("no call matches %q", text)
	}
	return url.PathEscape(string(list.Calls[0].State.ID)), nil
}

// get asks the server; a problem that it answers with becomes the error.
func (r remote) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+path, nil)
	if err != nil {
		return nil, err
	}
	if r.password != "" {
		req.SetBasicAuth("cordboard", r.password)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("the server cannot be reached: %w", err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		var p struct{ Title, Detail string }
		json.Unmarshal(raw, &p)
		return nil, fmt.Errorf("the server says %s: %s. %s", resp.Status, p.Title, p.Detail)
	}
	return raw, nil
}

// tell prints a call's story for people.
func tell(io streams, s call.State, told []engine.Explained) {
	fmt.Fprintf(io.out, "call %s  %s %s  campaign %q  began %s\n", s.ID, s.Direction, s.Mode, s.Campaign, s.Started.Format("2006-01-02 15:04:05.000"))
	for _, x := range told {
		what := x.Event.CallType + " " + x.Event.Name
		if !x.Event.IsMoment() {
			what = "data"
		}
		fmt.Fprintf(io.out, "\n%s  %-36s agent %s, %s leg, %s\n", x.Event.At.Format("15:04:05.000"), what, x.Event.Agent, x.Event.Role, x.Event.Phase)
		matched := 0
		for _, v := range x.Verdicts {
			if v.Matched {
				matched++
				fmt.Fprintf(io.out, "    ● %s, %s (%s:%d)\n", v.Workflow, v.Rule, v.File, v.Line)
			}
		}
		if matched == 0 && len(x.Verdicts) > 0 {
			fmt.Fprintf(io.out, "    – %s\n", nearest(x))
		}
		for _, st := range x.Steps {
			fmt.Fprintf(io.out, "      %-9s %-8s %s %s %s\n", st.State, st.Kind, st.Reason, st.Detail, st.Result)
		}
	}
}

// nearest says why the rule that came closest to firing did not.
func nearest(x engine.Explained) string {
	for i := range x.Verdicts {
		if v := &x.Verdicts[i]; v.Near() {
			return v.Workflow + ", " + v.Rule + ": " + v.Detail
		}
	}
	return "no rule is about this event"
}
