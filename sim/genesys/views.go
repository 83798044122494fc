package genesys

// The JSON of conversations: the members are those of the SDK's models, left out where captured messages leave them out.

type addressView struct {
	Name        string `json:"name"`
	NameRaw     string `json:"nameRaw"`
	Normalized  string `json:"addressNormalized"`
	Raw         string `json:"addressRaw"`
	Displayable string `json:"addressDisplayable"`
}

type acwView struct {
	State     string `json:"state"`
	StartTime string `json:"startTime,omitempty"`
	EndTime   string `json:"endTime,omitempty"`
}

type wrapupView struct {
	Code     string   `json:"code"`
	Name     string   `json:"name,omitempty"`
	Notes    string   `json:"notes"`
	Tags     []string `json:"tags"`
	Duration int      `json:"durationSeconds"`
	EndTime  string   `json:"endTime,omitempty"`
}

type columnView struct {
	Name string `json:"columnName"`
	Type string `json:"type"`
}

type previewView struct {
	ID       string       `json:"id"`
	Contact  string       `json:"contactId"`
	List     string       `json:"contactListId"`
	Campaign string       `json:"campaignId"`
	Columns  []columnView `json:"phoneNumberColumns"`
}

type dispositionView struct {
	Name     string `json:"name"`
	Analyzer string `json:"analyzer"`
}

type callView struct {
	ID              string           `json:"id"`
	State           string           `json:"state"`
	Initial         string           `json:"initialState"`
	Direction       string           `json:"direction"`
	Recording       bool             `json:"recording"`
	RecordingState  string           `json:"recordingState"`
	Muted           bool             `json:"muted"`
	Confined        bool             `json:"confined"`
	Held            bool             `json:"held"`
	SecurePause     bool             `json:"securePause"`
	Self            addressView      `json:"self"`
	Other           addressView      `json:"other"`
	Provider        string           `json:"provider"`
	ScriptID        string           `json:"scriptId,omitempty"`
	PeerID          string           `json:"peerId,omitempty"`
	StartAlerting   string           `json:"startAlertingTime,omitempty"` // REST only
	StartHold       string           `json:"startHoldTime,omitempty"`
	Connected       string           `json:"connectedTime,omitempty"`
	Disconnected    string           `json:"disconnectedTime,omitempty"`
	DisconnectType  string           `json:"disconnectType,omitempty"`
	ACWRequired     bool             `json:"afterCallWorkRequired"`
	ACW             *acwView         `json:"afterCallWork,omitempty"`
	Wrapup          *wrapupView      `json:"wrapup,omitempty"`
	Disposition     *dispositionView `json:"disposition,omitempty"`
	TransferSource  string           `json:"transferSource,omitempty"`
	AlertingTimeout *mediaSettings   `json:"queueMediaSettings,omitempty"`
}

type mediaSettings struct {
	Alerting int `json:"alertingTimeoutSeconds"`
}

type callbackView struct {
	ID             string       `json:"id"`
	State          string       `json:"state"`
	Initial        string       `json:"initialState"`
	Direction      string       `json:"direction"`
	Held           bool         `json:"held"`
	Preview        *previewView `json:"dialerPreview,omitempty"`
	Numbers        []string     `json:"callbackNumbers"`
	UserName       string       `json:"callbackUserName"`
	ScriptID       string       `json:"scriptId,omitempty"`
	External       bool         `json:"externalCampaign"`
	Skippable      bool         `json:"skipEnabled"`
	Timeout        int          `json:"timeoutSeconds"`
	Provider       string       `json:"provider"`
	StartAlerting  string       `json:"startAlertingTime,omitempty"` // REST only
	StartHold      string       `json:"startHoldTime,omitempty"`
	Connected      string       `json:"connectedTime,omitempty"`
	Disconnected   string       `json:"disconnectedTime,omitempty"`
	DisconnectType string       `json:"disconnectType,omitempty"`
	ACWRequired    bool         `json:"afterCallWorkRequired"`
	ACW            *acwView     `json:"afterCallWork,omitempty"`
	Wrapup         *wrapupView  `json:"wrapup,omitempty"`
}

type participantView struct {
	ID             string            `json:"id"`
	ConnectedTime  string            `json:"connectedTime,omitempty"`
	EndTime        string            `json:"endTime,omitempty"`
	UserID         string            `json:"userId,omitempty"`
	Name           string            `json:"name,omitempty"`
	QueueID        string            `json:"queueId,omitempty"`
	Purpose        string            `json:"purpose"`
	Consult        string            `json:"consultParticipantId,omitempty"`
	Address        string            `json:"address,omitempty"`
	WrapupRequired bool              `json:"wrapupRequired"`
	WrapupExpected bool              `json:"wrapupExpected"`
	WrapupPrompt   string            `json:"wrapupPrompt"`
	WrapupTimeout  int               `json:"wrapupTimeoutMs"`
	Wrapup         *wrapupView       `json:"wrapup,omitempty"`
	StartACW       string            `json:"startAcwTime,omitempty"`
	EndACW         string            `json:"endAcwTime,omitempty"`
	Attributes     map[string]string `json:"attributes"`
	Calls          []callView        `json:"calls"`
	Callbacks      []callbackView    `json:"callbacks"`
}

type transferView struct {
	ID          string            `json:"id"`
	State       string            `json:"state"`
	Issued      string            `json:"dateIssued"`
	Initiator   map[string]string `json:"initiator"`
	ModifiedBy  map[string]string `json:"modifiedBy"`
	Destination map[string]string `json:"destination"`
	Type        string            `json:"transferType"`
}

type divisionView struct {
	Division ref   `json:"division"`
	Entities []any `json:"entities"`
}

// ref names an entity.
type ref struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

type conversationView struct {
	ID             string            `json:"id"`
	Address        string            `json:"address,omitempty"`
	Participants   []participantView `json:"participants"`
	Transfers      []transferView    `json:"recentTransfers"`
	RecordingState string            `json:"recordingState"`
	SecurePause    bool              `json:"securePause"`
	Divisions      []divisionView    `json:"divisions"`
}
