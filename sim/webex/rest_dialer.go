package webex

import (
	"cordboard/sim/stage"
	"net/http"
	"slices"
)

// The dialer's API: campaigns, and what an agent does with a preview.

func (s *Server) dialerRoutes(api routeFunc) {
	api("POST /v1/dialer/campaign", scopeWrite, s.postCampaign)
	api("PUT /v1/dialer/campaign/{campaign}", scopeWrite, s.putCampaign)
	api("DELETE /v1/dialer/campaign/{campaign}", scopeWrite, s.deleteCampaign)
	api("GET /v1/dialer/campaign/{campaign}", scopeRead, s.getCampaign)
	for _, what := range []string{"accept", "skip", "remove"} {
		api("POST /v1/dialer/campaign/{campaign}/preview-task/{id}/"+what, scopeUser, func(w http.ResponseWriter, r *http.Request, who caller) {
			s.previewTask(w, r, who, what)
		})
	}
}

var startable = []string{"progressive", "campaign", "predictive", "progressive_ivr", "predictive_ivr", "preview_standard", "preview_direct"}

// postCampaign starts a campaign ("Start Campaign Request"). The simulator
// dials nobody by itself: scripts do.
func (s *Server) postCampaign(w http.ResponseWriter, r *http.Request, who caller) {
	var c campaign
	if !who.body(w, r, &c) || missing(w, "id", c.ID, "vendorVersion", c.VendorVersion, "campaignType", c.Type,
		"entryPointId", c.EntryPoint, "dialingListFetchURL", c.FetchURL, "outdialANI", c.ANI) {
		return
	}
	if !slices.Contains(startable, c.Type) || c.DialingRate <= 0 || c.RecordCount <= 0 || len(c.ID) > 64 {
		apiFailure(w, http.StatusBadRequest, "Bad Request", "campaignType, dialingRate, recordCount or id is not usable")
		return
	}
	s.mu.Lock()
	s.campaigns[c.ID] = c
	s.mu.Unlock()
	stage.Answer(w, http.StatusAccepted, map[string]any{"meta": orgMeta(), "data": []map[string]string{{"location": "http://" + r.Host + "/v1/dialer/campaign/" + c.ID}}})
}

// withCampaign answers 404 when the campaign does not exist.
func (s *Server) withCampaign(w http.ResponseWriter, r *http.Request, f func(campaign)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.campaigns[r.PathValue("campaign")]
	if !ok {
		apiFailure(w, http.StatusNotFound, "Not Found", "there is no such campaign")
		return
	}
	f(c)
}

// putCampaign changes a campaign; its type stays.
func (s *Server) putCampaign(w http.ResponseWriter, r *http.Request, who caller) {
	s.withCampaign(w, r, func(c campaign) {
		id, kind := c.ID, c.Type
		if !who.body(w, r, &c) {
			return
		}
		c.ID, c.Type = id, kind
		s.campaigns[id] = c
		stage.Answer(w, http.StatusAccepted, map[string]any{"meta": orgMeta(), "data": []map[string]string{{"location": "http://" + r.Host + r.URL.Path}}})
	})
}

func (s *Server) deleteCampaign(w http.ResponseWriter, r *http.Request, _ caller) {
	s.withCampaign(w, r, func(c campaign) {
		delete(s.campaigns, c.ID)
		w.WriteHeader(http.StatusNoContent)
	})
}

// getCampaign shows a campaign as it was started. That the address which the
// start answers can be read is inferred: the pages name it for changing and
// stopping only.
func (s *Server) getCampaign(w http.ResponseWriter, r *http.Request, _ caller) {
	s.withCampaign(w, r, func(c campaign) { stage.Answer(w, http.StatusOK, map[string]any{"meta": orgMeta(), "data": c}) })
}

// previewTask is what an agent does with an offered preview. Refused is what
// the campaign forbids, and what does not fit; the message of the latter is
// that of a failed accept for all three (inferred for skip and remove).
func (s *Server) previewTask(w http.ResponseWriter, r *http.Request, who caller, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tasks[r.PathValue("id")]
	var l *leg
	if t != nil && t.campaign == r.PathValue("campaign") {
		l = t.live(who.agent)
	}
	if l == nil {
		apiFailure(w, http.StatusNotFound, "Not Found", "the agent has no such preview in this campaign")
		return
	}
	accepted(w)
	var refused *refusal
	c := s.campaigns[t.campaign]
	switch {
	case what == "skip" && c.disabled("SKIP"), what == "remove" && c.disabled("REMOVE"):
		refused = notNow("the campaign does not allow it")
	case what == "accept":
		refused = t.take(who.agent)
	case t.accepted:
		refused = notNow("the contact was accepted already")
	case what == "skip":
		refused = t.pass(who.agent, "Preview skipped")
	case what == "remove":
		refused = t.pass(who.agent, "Preview removed")
	}
	if refused != nil {
		s.tellContact(l, "CampaignPreviewAcceptFailed", func(m *contact) { m.CampaignID, m.Reason, m.ReasonCode = t.campaign, refused.reason, refused.code })
	}
}
