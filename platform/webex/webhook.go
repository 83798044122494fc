package webex

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// channelStates are the states of an agent's channel that a webhook tells, by the notification that means the same
// (Webhooks: agent:channel_state_change).
var channelStates = map[string]string{
	"ringing":         "AgentOfferContact",
	"not-responding":  "AgentOfferContactRona",
	"connected":       "AgentContactAssigned",
	"on-hold":         "AgentContactHeld",
	"hold-done":       "AgentContactUnheld",
	"consulting":      "AgentConsulting",
	"consult-done":    "AgentConsultEnded",
	"conferencing":    "AgentConsultConferenced",
	"conference-done": "AgentConsultConferenceEnded",
	"wrapup":          "AgentWrapup",
	"wrapup-done":     "AgentWrappedUp",
}

// readWebhook reads the body of a webhook. It carries no picture of the interaction: neither numbers that could be told
// apart nor variables nor a campaign.
func readWebhook(raw []byte) (*notice, error) {
	if len(raw) > maxMessage {
		return nil, fmt.Errorf("a message of %d bytes is too large", len(raw))
	}
	if !gjson.ValidBytes(raw) {
		return nil, errors.New("not JSON")
	}
	root := gjson.ParseBytes(raw)
	kind := root.Get("type").String()
	if kind == "" {
		return nil, errors.New("type is missing")
	}
	data := root.Get("data")
	if kind != "agent:channel_state_change" {
		return nil, errNoTask
	}
	n := &notice{kind: channelStates[strings.ToLower(data.Get("currentState").String())], agent: data.Get("agentId").String(), id: data.Get("taskId").String()}
	n.media = strings.ToLower(data.Get("channelType").String())
	if n.kind == "" || n.id == "" {
		return nil, errNoTask
	}
	var err error
	if n.at, err = millis(root.Get("comciscotimestamp")); err != nil {
		return nil, fmt.Errorf("comciscotimestamp: %w", err)
	}
	return n, nil
}
