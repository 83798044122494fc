package genesys_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cordboard/sim/genesys"
	"cordboard/sim/stage/stagetest"
)

// preview plays a skipped preview and returns the contact that was shown.
func (o *org) preview(contact string) genesys.Result {
	o.t.Helper()
	return play(o.t, o, "preview_skipped", genesys.Call{Agents: []string{"1"}, Contact: contact})
}

func (o *org) contacts(list string) string {
	return "/api/v2/outbound/contactlists/" + list + "/contacts"
}

func TestContactIsShownAgainAfterItWasAddedAgain(t *testing.T) {
	o := start(t, genesys.Config{Contacts: 2, RecordDelay: -1})
	first := o.preview("next")
	path := o.contacts(first.ContactList)
	body := o.do("GET", path+"/"+first.Contact, nil).
		want(200, `"lastResult":"ININ-OUTBOUND-PREVIEW-SKIPPED"`, `"callable":true`, `"phoneNumberStatus":{"Phone":{"callable":true}}`)
	again := func(query string) reply { return o.do("POST", path+query, "["+body.text+"]") }

	again("?doNotQueue=true").want(200)
	second := o.preview("next")
	if second.Contact == first.Contact {
		t.Fatal("doNotQueue queued the contact")
	}
	script, _ := genesys.Script("preview_skipped")
	if _, err := o.Play(stagetest.Within(t), script, genesys.Call{Agents: []string{"1"}, Contact: "next"}); err == nil {
		t.Fatal("a list that is through still has contacts")
	}
	cleared := again("?priority=false&clearSystemData=true&doNotQueue=false").want(200, `"callRecords":{}`)
	if dig([]byte(cleared.text), "0.dateCreated") == dig([]byte(body.text), "dateCreated") {
		t.Error("dateCreated did not move")
	}
	third := o.preview("next")
	if third.Contact != first.Contact || third.Conversation == first.Conversation {
		t.Errorf("the contact came back as %+v, after %+v", third, first)
	}

	// a new contact goes to the end, one with priority to the front
	add := func(id, query string) {
		o.do("POST", path+query, `[{"id":"`+id+`","contactListId":"`+first.ContactList+`","data":{"FirstName":"New","Phone":"+15555550321"}}]`).want(200, id)
	}
	add("aa", "")
	add("bb", "?priority=true")
	for _, want := range []string{"bb", "aa"} {
		if got := o.preview("next"); got.Contact != want || got.Customer != "+15555550321" {
			t.Errorf("the next contact is %+v, want %s", got, want)
		}
	}
	o.do("POST", path, `[{"data":{"Nonsense":"x"}}]`).want(400)
	o.do("POST", path, `[]`).want(400)
	o.do("PUT", path+"/aa", `{"contactListId":"x","data":{"Phone":"+15555550322"},"callable":false}`).want(200, `"callable":false`)
	o.do("POST", path, `[{"id":"aa","data":{"Phone":"+15555550322"}}]`).want(200)
	if _, err := o.Play(stagetest.Within(t), script, genesys.Call{Agents: []string{"1"}, Contact: "next"}); err == nil {
		t.Error("a contact that is not callable was shown")
	}
	o.do("DELETE", path+"/aa", nil).want(204)
	o.do("GET", path+"/aa", nil).want(404, "Unable to find contact")
	o.do("DELETE", path+"?contactIds=bb&contactIds="+first.Contact, nil).want(200)
	o.do("GET", path+"/"+first.Contact, nil).want(404)
}

func TestRecordsComeLate(t *testing.T) {
	o := start(t, genesys.Config{RecordDelay: 50_000_000})
	r := o.preview("")
	path := o.contacts(r.ContactList) + "/" + r.Contact
	o.do("GET", path, nil).want(200, `"callRecords":{}`)
	if err := o.AwaitRecord(stagetest.Within(t), r.Contact); err != nil {
		t.Fatal(err)
	}
	o.do("GET", path, nil).want(200, `"callRecords":{"Phone":{"lastAttempt":`, "PREVIEW-SKIPPED")
}

func TestAttemptLimits(t *testing.T) {
	o := start(t, genesys.Config{Contacts: 1, RecordDelay: -1})
	if err := o.SetCampaign(genesys.CampaignSettings{Campaign: "preview", AttemptsPerContact: ptr(2)}); err != nil {
		t.Fatal(err)
	}
	r := o.preview("next")
	path := o.contacts(r.ContactList)
	script, _ := genesys.Script("preview_skipped")
	shown := func(query string) bool {
		body := o.do("GET", path+"/"+r.Contact, nil).want(200).text
		o.do("POST", path+query, "["+body+"]").want(200)
		_, err := o.Play(stagetest.Within(t), script, genesys.Call{Agents: []string{"1"}, Contact: "next"})
		return err == nil
	}
	if !shown("") || shown("") || !shown("?clearSystemData=true") {
		t.Error("the limit of two attempts does not hold, or outlives clearSystemData")
	}
	limits := o.do("GET", "/api/v2/outbound/contactlists/"+r.ContactList, nil).want(200).str("attemptLimits.id")
	o.do("GET", "/api/v2/outbound/attemptlimits/"+limits, nil).want(200, `"maxAttemptsPerContact":2`)
}

func TestCampaigns(t *testing.T) {
	o := start(t, genesys.Config{RecordDelay: -1})
	all := o.do("GET", "/api/v2/outbound/campaigns?pageSize=4&pageNumber=2", nil).want(200, `"total":6`)
	if !strings.Contains(all.text, `"dialingMode":"agentless"`) || !strings.Contains(all.text, `"queue":null`) {
		t.Error("no agentless campaign without a queue on the second page")
	}
	for mode, id := range o.Ready()["campaigns"].(map[string]string) {
		o.do("GET", "/api/v2/outbound/campaigns/"+id, nil).want(200, `"dialingMode":"`+mode+`"`)
	}
	o.do("GET", "/api/v2/outbound/campaigns/none", nil).want(404)
	mapping := o.do("GET", "/api/v2/outbound/wrapupcodemappings", nil).want(200, "CONTACT_UNCALLABLE")
	o.do("PUT", "/api/v2/outbound/wrapupcodemappings", strings.ReplaceAll(mapping.text, "CONTACT_UNCALLABLE", "BUSINESS_NEUTRAL")).want(200, `"version":6`)
	r := play(t, o, "predictive", genesys.Call{Agents: []string{"1"}})
	if k, _ := o.Contact(r.Contact); !k.Callable || k.Records["Phone"].Result == "" {
		t.Errorf("after a sale that is not mapped to uncallable: %+v", k)
	}
}

func TestPreviewTimeout(t *testing.T) {
	o := start(t, genesys.Config{RecordDelay: -1})
	if err := o.SetCampaign(genesys.CampaignSettings{Campaign: "preview", PreviewTimeout: ptr(30), PreviewAutoEnd: ptr(true)}); err != nil {
		t.Fatal(err)
	}
	script, _ := genesys.Script("preview_timeout")
	script.Steps = script.Steps[:4]
	c := o.listen("v2.outbound.preview.campaigns.contact.postContact")
	r, err := o.Play(stagetest.Within(t), script, genesys.Call{Agents: []string{"1"}})
	if err != nil {
		t.Fatal(err)
	}
	notes := c.drain()
	if len(notes) != 1 || dig(notes[0].Body, "isPreviewAutoEnded") != true || dig(notes[0].Body, "outboundContactId") != r.Contact {
		t.Errorf("after the timeout: %v", notes)
	}
	o.do("GET", "/api/v2/conversations/"+r.Conversation, nil).want(200, `"disconnectType":"timeout"`, `"timeoutSeconds":30`)
}

func TestAnalytics(t *testing.T) {
	o := start(t, genesys.Config{})
	c, _ := o.talking("predictive", genesys.Call{})
	over := o.preview("")
	query := func(more map[string]any) reply {
		ask := map[string]any{"interval": "2020-01-01T00:00:00.000Z/2100-01-01T00:00:00.000Z"}
		for k, v := range more {
			ask[k] = v
		}
		return o.do("POST", "/api/v2/analytics/conversations/details/query", ask)
	}
	predicate := func(dimension, operator, value string) []any {
		return []any{map[string]any{"type": "and", "predicates": []any{map[string]any{"type": "dimension", "dimension": dimension, "operator": operator, "value": value}}}}
	}
	query(nil).want(200, `"totalHits":2`)
	open := query(map[string]any{"conversationFilters": predicate("conversationEnd", "notExists", ""), "segmentFilters": predicate("userId", "matches", o.users[0].ID)})
	if open.want(200, `"totalHits":1`).str("conversations.0.conversationId") != c.id {
		t.Errorf("the open conversation is not found: %s", open.text)
	}
	none := query(map[string]any{"segmentFilters": predicate("userId", "matches", "nobody")}).want(200)
	if none.text != `{"totalHits":0}`+"\n" {
		t.Errorf("an empty answer is %s", none.text)
	}
	query(map[string]any{"segmentFilters": predicate("flowId", "matches", "x")}).want(400)
	query(map[string]any{"interval": "yesterday"}).want(400)
	text := o.do("GET", "/api/v2/analytics/conversations/"+over.Conversation+"/details", nil).
		want(200, `"wrapUpCode":"ININ-OUTBOUND-PREVIEW-SKIPPED"`, `"segmentType":"alert"`, over.Contact, `"skipEnabled":true`).text
	var v struct{ Participants []struct{ Purpose string } }
	if err := json.Unmarshal([]byte(text), &v); err != nil || len(v.Participants) != 3 || v.Participants[1].Purpose != "acd" {
		t.Errorf("participants %+v %v", v, err)
	}
}
