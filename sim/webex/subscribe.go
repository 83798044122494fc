package webex

import (
	"cordboard/sim/stage"
	"encoding/json"
	"math/rand/v2"
	"net/http"
)

// A subscription is the permission to open one socket.
type subscription struct {
	agent     *agent
	client    string // clientType
	keepalive bool   // isKeepAliveEnabled
}

// postSubscribe is POST /v1/notification/subscribe ("Subscribe Notification").
// One agent may have up to ten sockets of a client type when each asks for
// allowMultiLogin; without it a second one pushes the first out when forced
// and is refused otherwise (the refusal's form is inferred).
func (s *Server) postSubscribe(w http.ResponseWriter, r *http.Request, who caller) {
	ask := struct {
		Keepalive  bool   `json:"isKeepAliveEnabled"`
		Client     string `json:"clientType"`
		MultiLogin bool   `json:"allowMultiLogin"`
		Force      bool   `json:"force"`
	}{}
	if !who.body(w, r, &ask) {
		return
	}
	if len(ask.Client) > 20 {
		apiFailure(w, http.StatusBadRequest, "Bad Request", "clientType is longer than 20 characters")
		return
	}
	if ask.Client == "" {
		ask.Client, ask.MultiLogin = "DefaultClient", false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.makeRoom(who.agent, ask.Client, ask.MultiLogin, ask.Force) {
		apiFailure(w, http.StatusForbidden, "Forbidden", "the user has no room for another connection of this client type")
		return
	}
	id := ask.Client + "-" + s.ids.uuid()
	s.subscriptions[id] = &subscription{who.agent, ask.Client, ask.Keepalive}
	stage.Answer(w, http.StatusOK, map[string]string{"webSocketUrl": socketURL(r) + "/v1/notification/subscription/" + id, "subscriptionId": id})
}

func socketURL(r *http.Request) string {
	if r.TLS != nil {
		return "wss://" + r.Host
	}
	return "ws://" + r.Host
}

// makeRoom ends older sockets of the client type where the request allows it.
func (s *Server) makeRoom(a *agent, client string, multi, force bool) bool {
	var same []*socket
	for _, k := range a.sockets {
		if k.sub.client == client {
			same = append(same, k)
		}
	}
	switch {
	case !multi && len(same) == 0, multi && len(same) < s.cfg.MultiLogin:
		return true
	case !force:
		return false
	case multi:
		same = same[rand.IntN(len(same)):][:1] // documented: a random one
	}
	for _, k := range same {
		s.pushOut(k)
	}
	return true
}

// pushOut tells a socket that another took its place and ends it.
func (s *Server) pushOut(k *socket) {
	a := k.sub.agent
	raw, err := json.Marshal(message{Type: "AGENT_MULTI_LOGIN", OrgID: orgID, TrackingID: s.notifs(),
		Data: map[string]string{"agentId": a.id, "type": "AGENT_MULTI_LOGIN", "orgId": orgID}})
	if err == nil {
		k.out.push(raw)
	}
	a.detach(k)
	k.out.finish()
}
