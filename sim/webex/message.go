package webex

import "encoding/json"

// What goes over the WebSocket. Members with a pointer and without omitempty
// are null on the wire when they have no value, as in recorded messages.

// message is the envelope of everything but keepalives.
type message struct {
	Type       string `json:"type"`
	OrgID      string `json:"orgId,omitempty"`
	TrackingID string `json:"trackingId,omitempty"`
	Data       any    `json:"data"`
}

// contact is the data of a RoutingMessage.
type contact struct {
	Type             string          `json:"type"`
	EventType        string          `json:"eventType"`
	EventTime        int64           `json:"eventTime"`
	AgentID          string          `json:"agentId"`
	DestAgentID      string          `json:"destAgentId,omitempty"`
	DestinationType  string          `json:"destinationType,omitempty"`
	InteractionID    string          `json:"interactionId"`
	MediaResourceID  string          `json:"mediaResourceId"`
	ConsultMediaID   string          `json:"consultMediaResourceId,omitempty"`
	ConsultingAgent  string          `json:"consultingAgentId,omitempty"`
	ParticipantID    string          `json:"participantId,omitempty"`
	ChildInteraction string          `json:"childInteractionId,omitempty"`
	OrgID            string          `json:"orgId"`
	QueueMgr         string          `json:"queueMgr"`
	TrackingID       string          `json:"trackingId"`
	Reservation      *string         `json:"reservationInteractionId"`
	ReservationKey   *string         `json:"campaignReservationKey"`
	CampaignID       string          `json:"campaignId,omitempty"`
	ReservedChannel  string          `json:"reservedAgentChannelId,omitempty"`
	RonaTimeout      int             `json:"ronaTimeout,omitempty"`
	IsConferencing   *bool           `json:"isConferencing,omitempty"`
	AutoResumed      *bool           `json:"autoResumed,omitempty"`
	PendingWrapUp    []string        `json:"agentsPendingWrapUp,omitempty"`
	WrapUpCode       json.RawMessage `json:"wrapUpAuxCodeId,omitempty"` // null while there is none yet
	Reason           string          `json:"reason,omitempty"`
	ReasonCode       int             `json:"reasonCode,omitempty"`
	Interaction      interaction     `json:"interaction"`
}

// interaction is a task as a contact message shows it.
type interaction struct {
	ID               string              `json:"interactionId"`
	OrgID            string              `json:"orgId"`
	State            string              `json:"state"`
	MediaType        string              `json:"mediaType"`
	MediaChannel     string              `json:"mediaChannel"`
	MediaProperties  *struct{}           `json:"mediaProperties"`
	ContactDirection direction           `json:"contactDirection"`
	OutboundType     *string             `json:"outboundType"`
	Created          int64               `json:"createdTimestamp"`
	Queued           *int64              `json:"queuedTimestamp"`
	IsFcManaged      bool                `json:"isFcManaged"`
	IsTerminated     bool                `json:"isTerminated"`
	Main             string              `json:"mainInteractionId"`
	Parent           string              `json:"parentInteractionId"`
	Owner            string              `json:"owner"`
	CurrentVTeam     string              `json:"currentVTeam"`
	PreviousVTeams   []string            `json:"previousVTeams"`
	WorkflowManager  *string             `json:"workflowManager"`
	CallFlowParams   struct{}            `json:"callFlowParams"`
	Processing       map[string]string   `json:"callProcessingDetails"`
	Details          map[string]string   `json:"callAssociatedDetails"`
	CAD              map[string]variable `json:"callAssociatedData"`
	Media            map[string]media    `json:"media"`
	Participants     map[string]any      `json:"participants"`
}

type direction struct {
	Type string `json:"type"`
}

// variable is one call associated variable as the agent's desktop gets it.
type variable struct {
	Name          string `json:"name"`
	DisplayName   string `json:"displayName"`
	Value         string `json:"value"`
	Type          string `json:"type"`
	AgentEditable bool   `json:"agentEditable"`
	AgentViewable bool   `json:"agentViewable"`
	Global        bool   `json:"global"`
	IsSecure      bool   `json:"isSecure"`
}

// media is the main call or a consult call of a task.
type media struct {
	ID            string   `json:"mediaResourceId"`
	MediaType     string   `json:"mediaType"`
	MediaMgr      string   `json:"mediaMgr"`
	Kind          string   `json:"mType"` // mainCall or consult
	IsHold        bool     `json:"isHold"`
	HoldTimestamp *int64   `json:"holdTimestamp"`
	Participants  []string `json:"participants"`
}

// agentParty is an agent among the participants.
type agentParty struct {
	ID           string   `json:"id"`
	PType        string   `json:"pType"`
	Type         string   `json:"type"`
	Name         string   `json:"name"`
	DN           string   `json:"dn"`
	HasJoined    bool     `json:"hasJoined"`
	HasLeft      bool     `json:"hasLeft"`
	IsOffered    bool     `json:"isOffered"`
	IsConsulted  bool     `json:"isConsulted"`
	IsWrapUp     bool     `json:"isWrapUp"`
	IsWrappedUp  bool     `json:"isWrappedUp"`
	IsInPredial  bool     `json:"isInPredial"`
	ConsultState *string  `json:"consultState"`
	ConsultTime  *int64   `json:"consultTimestamp"`
	ChannelID    string   `json:"channelId"`
	QueueID      string   `json:"queueId"`
	QueueMgrID   string   `json:"queueMgrId"`
	SessionID    string   `json:"sessionId"`
	SiteID       string   `json:"siteId"`
	TeamID       string   `json:"teamId"`
	TeamName     string   `json:"teamName"`
	SkillID      *string  `json:"skillId"`
	SkillName    *string  `json:"skillName"`
	Skills       []string `json:"skills"`
	AutoAnswer   bool     `json:"autoAnswerEnabled"`
	BnrDetails   *string  `json:"bnrDetails"`
	CallerID     *string  `json:"callerId"`
	WrapUpTime   *int64   `json:"wrapUpTimestamp"`
}

// outsideParty is the customer, or a number outside that an agent called.
type outsideParty struct {
	ID          string  `json:"id"`
	PType       string  `json:"pType"`
	Type        string  `json:"type"`
	DN          string  `json:"dn,omitempty"`
	EpID        string  `json:"epId,omitempty"`
	CallerID    *string `json:"callerId"`
	HasJoined   bool    `json:"hasJoined"`
	HasLeft     bool    `json:"hasLeft"`
	IsInPredial bool    `json:"isInPredial"`
}
