package strangers

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cordboard/sim/connect"
	"cordboard/sim/stage/stagetest"
)

// TestAWSSDKForJavaScript: what Amazon's SDK decodes of contacts, users and campaigns, and how it takes the quota.
func TestAWSSDKForJavaScript(t *testing.T) {
	s := serve(t, connect.Config{Agents: 3, RequestsPerSecond: 1e-6}) // after the burst nothing more
	script, _ := connect.Script("progressive")
	ids, err := s.Play(stagetest.Within(t), script, connect.Call{Agents: []string{anna}, Customer: "+15555550123", Attributes: map[string]string{"case": "500"}})
	if err != nil {
		t.Fatal(err)
	}
	site, err := json.Marshal(s.Ready())
	if err != nil {
		t.Fatal(err)
	}
	type contact struct {
		Number, Campaign, Method string
		Initiated                bool
	}
	type heard struct {
		Contact                            contact
		Attributes                         map[string]string
		Users                              int
		Username, Status, Missing, Refusal string
		Modes                              map[string][]string
		Refused, Attempts                  int
	}
	got := line[heard](t, node(t, []string{"SITE=" + string(site), "CONTACT=" + ids.Contact}, "rest.mjs"))
	want := heard{Contact: contact{"+15555550123", s.Ready()["campaigns"].(map[string]string)["progressive"], "API", true},
		Attributes: map[string]string{"case": "500"}, Users: 3, Username: anna, Status: "Available", Missing: "ResourceNotFoundException 404",
		Modes:   map[string][]string{"Spring direct-preview": {"preview"}, "Spring progressive": {"progressive"}, "Spring predictive": {"predictive"}, "Spring agentless": {"agentless"}},
		Refused: 17, Refusal: "TooManyRequestsException", Attempts: 3} // two of the burst's five were taken before
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	if n := s.Throttled(); n != 17*3 {
		t.Errorf("%d requests were over the quota", n)
	}
}
