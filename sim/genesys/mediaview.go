package genesys

import "maps"

// The flat view that the .calls and .callbacks topics and the REST resources of one medium share: the communication's
// members stand on the participant itself (CallMediaParticipant, CallbackMediaParticipant).

type mediaConversation struct {
	ID             string             `json:"id"`
	Participants   []mediaParticipant `json:"participants"`
	Address        string             `json:"address,omitempty"`
	RecordingState string             `json:"recordingState,omitempty"`
	SecurePause    bool               `json:"securePause"`
	Transfers      []transferView     `json:"recentTransfers"`
	Divisions      []divisionView     `json:"divisions"`
}

type mediaParticipant struct {
	ID             string            `json:"id"`
	Name           string            `json:"name,omitempty"`
	Address        string            `json:"address,omitempty"`
	StartTime      string            `json:"startTime,omitempty"`
	ConnectedTime  string            `json:"connectedTime,omitempty"`
	EndTime        string            `json:"endTime,omitempty"`
	StartHold      string            `json:"startHoldTime,omitempty"`
	Purpose        string            `json:"purpose"`
	State          string            `json:"state"`
	Initial        string            `json:"initialState"`
	Direction      string            `json:"direction"`
	DisconnectType string            `json:"disconnectType,omitempty"`
	Held           bool              `json:"held"`
	WrapupRequired bool              `json:"wrapupRequired"`
	WrapupPrompt   string            `json:"wrapupPrompt,omitempty"`
	MediaRoles     []string          `json:"mediaRoles,omitempty"`
	User           *ref              `json:"user,omitempty"`
	Queue          *ref              `json:"queue,omitempty"`
	Attributes     map[string]string `json:"attributes"`
	Provider       string            `json:"provider"`
	Peer           string            `json:"peer,omitempty"`
	Wrapup         *wrapupView       `json:"wrapup,omitempty"`
	StartACW       string            `json:"startAcwTime,omitempty"`
	EndACW         string            `json:"endAcwTime,omitempty"`
	Consult        string            `json:"consultParticipantId,omitempty"`
	TransferSource string            `json:"transferSource,omitempty"`

	// Calls only.
	Muted          *bool            `json:"muted,omitempty"`
	Confined       *bool            `json:"confined,omitempty"`
	Recording      *bool            `json:"recording,omitempty"`
	RecordingState string           `json:"recordingState,omitempty"`
	SecurePause    *bool            `json:"securePause,omitempty"`
	Disposition    *dispositionView `json:"disposition,omitempty"`

	// Callbacks only. The preview has another name here than on whole conversations.
	Preview  *previewView `json:"outboundPreview,omitempty"`
	Numbers  []string     `json:"callbackNumbers,omitempty"`
	UserName string       `json:"callbackUserName,omitempty"`
	Skip     *bool        `json:"skipEnabled,omitempty"`
	Timeout  *int         `json:"timeoutSeconds,omitempty"`
}

func (c *conversation) mediaView(media string) mediaConversation {
	whole := c.view(true)
	v := mediaConversation{ID: c.id, Address: whole.Address, Transfers: whole.Transfers, Divisions: whole.Divisions,
		SecurePause: c.securePause, Participants: []mediaParticipant{}}
	if media == voice {
		v.RecordingState = c.recordingState
	}
	for _, p := range c.parties {
		if ss := p.session(media); ss != nil {
			v.Participants = append(v.Participants, c.mediaParticipant(p, ss))
		}
	}
	return v
}

func (c *conversation) mediaParticipant(p *party, ss *session) mediaParticipant {
	v := mediaParticipant{ID: p.id, Name: p.name, Address: p.address, StartTime: moment(p.started), ConnectedTime: moment(ss.connectedAt),
		EndTime: moment(ss.endedAt), StartHold: moment(ss.holdAt), Purpose: p.purpose, State: ss.state, Initial: ss.initial,
		Direction:      ss.direction,
		DisconnectType: ss.disconnectType, Held: ss.held, WrapupRequired: p.wrapupOwed, Attributes: maps.Clone(p.attributes),
		Provider: provider(ss.media), Peer: ss.peer, Wrapup: ss.wrapup, StartACW: moment(p.acwFrom), EndACW: moment(p.acwTo),
		Consult: p.consult, TransferSource: p.source, MediaRoles: []string{"full"}}
	if p.user != nil {
		v.User, v.WrapupPrompt = &ref{ID: p.user.id}, "optional"
	}
	if p.queue != nil {
		v.Queue = &ref{ID: p.queue.id}
	}
	if ss.media == voice {
		call := c.callOf(p, ss, true)
		v.Muted, v.Confined, v.Recording, v.SecurePause = &call.Muted, &call.Confined, &call.Recording, &call.SecurePause
		v.RecordingState, v.Disposition = call.RecordingState, call.Disposition
		return v
	}
	cb := c.callbackOf(ss, true)
	v.Preview, v.Numbers, v.UserName, v.Skip, v.Timeout = cb.Preview, cb.Numbers, cb.UserName, &cb.Skippable, &cb.Timeout
	return v
}
