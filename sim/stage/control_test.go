package stage_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cordboard/sim/scenario"
	"cordboard/sim/stage"
)

func TestAnOrderForACall(t *testing.T) {
	own := []scenario.Script{{Name: "inbound"}, {Name: "preview"}}
	for _, c := range []struct{ name, body, want, failure string }{
		{name: "at once", body: `{"script":"preview"}`, want: `202 "ids" later preview 1`},
		{name: "waits", body: `{"script":"inbound","wait":true,"speed":10}`, want: `200 "ids" ran inbound 0.1`},
		{name: "as fast as possible, and fails", body: `{"script":"inbound","wait":true,"speed":0}`, failure: "no agent", want: `409 {"call":"ids","error":"no agent"} ran inbound 0`},
		{name: "one's own", body: `{"steps":[{"verb":"offer"}]}`, want: `202 "ids" later given 1`},
		{name: "unknown script", body: `{"script":"inbund"}`, want: `400 {"error":"unknown script \"inbund\"; there are inbound, preview"}`},
		{name: "misspelt member", body: `{"scrip":"inbound"}`, want: `400 {"error":"the body is not usable: json: unknown field \"scrip\""}`},
	} {
		w, did := httptest.NewRecorder(), ""
		var ask stage.Performance
		err := stage.Read(httptest.NewRequest(http.MethodPost, "/sim/calls", strings.NewReader(c.body)), &ask)
		script := scenario.Script{}
		if err == nil {
			script, err = ask.Pick(own)
		}
		if err != nil {
			stage.Refuse(w, err)
		} else {
			ask.Stage(w, "ids", func() { did = "later" }, func() error {
				did = "ran"
				if c.failure != "" {
					return errors.New(c.failure)
				}
				return nil
			})
			did += fmt.Sprint(" ", script.Name, " ", ask.Scale())
		}
		got := strings.TrimSpace(fmt.Sprint(w.Code, " ", strings.TrimSpace(w.Body.String()), " ", did))
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}
