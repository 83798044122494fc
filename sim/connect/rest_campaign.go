package connect

import "net/http"

func (s *Server) campaignARN(c *campaign) string {
	return "arn:aws:connect-campaigns:" + s.cfg.Region + ":" + s.cfg.Account + ":campaign/" + c.id
}

// outboundMode is the one key of a union that says what mode a campaign has (TelephonyOutboundMode).
func (c *campaign) outboundMode() map[string]any {
	bandwidth := map[string]any{"bandwidthAllocation": 1.0}
	switch c.mode {
	case modeDirect:
		return map[string]any{"preview": map[string]any{"bandwidthAllocation": 1.0, "agentActions": []string{"DISCARD"},
			"timeoutConfig": map[string]int{"durationInSeconds": previewSeconds}}}
	case modeProgressive:
		return map[string]any{"progressive": bandwidth}
	case modePredictive:
		return map[string]any{"predictive": bandwidth}
	}
	return map[string]any{"agentless": map[string]any{}}
}

func (s *Server) describeCampaign(r *http.Request) (any, error) {
	for i := range s.campaigns {
		c := &s.campaigns[i]
		if c.id != r.PathValue("campaign") {
			continue
		}
		return map[string]any{"campaign": map[string]any{"id": c.id, "arn": s.campaignARN(c), "name": c.name, "connectInstanceId": s.cfg.Instance,
			"channelSubtypeConfig": map[string]any{"telephony": map[string]any{"capacity": 1.0, "connectQueueId": sales.id, "outboundMode": c.outboundMode(),
				"defaultOutboundConfig": map[string]any{"connectContactFlowId": flowID, "connectSourcePhoneNumber": systemNumber,
					"answerMachineDetectionConfig": map[string]bool{"enableAnswerMachineDetection": true, "awaitAnswerMachinePrompt": false}}}}}}, nil
	}
	return nil, notFound("Campaign " + r.PathValue("campaign") + " does not exist")
}

func (s *Server) listCampaigns(r *http.Request) (any, error) {
	in, err := body[struct {
		MaxResults int    `json:"maxResults"`
		NextToken  string `json:"nextToken"`
		Filters    struct {
			Instance struct {
				Value string `json:"value"`
			} `json:"instanceIdFilter"`
		} `json:"filters"`
	}](r)
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for i := range s.campaigns {
		c := &s.campaigns[i]
		if want := in.Filters.Instance.Value; want == "" || want == s.cfg.Instance {
			list = append(list, map[string]any{"id": c.id, "arn": s.campaignARN(c), "name": c.name, "connectInstanceId": s.cfg.Instance,
				"channelSubtypes": []string{"TELEPHONY"}})
		}
	}
	campaigns, next := page(list, in.NextToken, in.MaxResults, 50)
	answer := map[string]any{"campaignSummaryList": campaigns}
	if next != "" {
		answer["nextToken"] = next
	}
	return answer, nil
}
