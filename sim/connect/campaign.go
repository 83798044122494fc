package connect

import "fmt"

// The pacing modes, as the argument "mode" of the steps that begin a call.
const (
	modeInbound     = "inbound"
	modeManual      = "manual"
	modePreview     = "preview" // the external dialer's only: what Connect itself has is a direct preview
	modeDirect      = "direct-preview"
	modeProgressive = "progressive"
	modePredictive  = "predictive"
	modeAgentless   = "agentless"
	modeAPI         = "api" // a call that the REST API began (StartOutboundVoiceContact)
)

// A campaign is one outbound campaign of the instance (connectcampaignsv2); what tells its mode is nothing but its
// configuration.
type campaign struct {
	id, name, mode string
}

// makeCampaigns makes one campaign of each mode.
func makeCampaigns() []campaign {
	list := []campaign{}
	for i, mode := range []string{modeDirect, modeProgressive, modePredictive, modeAgentless} {
		list = append(list, campaign{id: fmt.Sprintf("ca3b0000-0000-4000-8000-%012d", i+1), name: "Spring " + mode, mode: mode})
	}
	return list
}

func (s *Server) campaignOf(mode string) *campaign {
	for i := range s.campaigns {
		if s.campaigns[i].mode == mode {
			return &s.campaigns[i]
		}
	}
	return nil
}

// A queue is where contacts wait.
type queue struct{ id, name string }

var sales = queue{"9e0e0000-0000-4000-8000-000000000001", "Sales"}

// What is left of the instance's furniture.
const (
	routingProfileID   = "4b0f0000-0000-4000-8000-000000000001"
	routingProfileName = "Outbound"
	flowID             = "f1030000-0000-4000-8000-000000000001"
	systemNumber       = "+15555550900"
)
