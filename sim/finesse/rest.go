package finesse

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// The REST side: commands and snapshots. A command that is well-formed is
// taken with 202 and an empty body; its result, or its refusal, comes as a
// notification with the requestId of the request's header (documented).

const maxBody = 64 << 10

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /finesse/api/SystemInfo", s.getSystemInfo)
	mux.HandleFunc("GET /finesse/api/User/{id}", s.guard(s.getUser))
	mux.HandleFunc("PUT /finesse/api/User/{id}", s.guard(s.putUser))
	mux.HandleFunc("GET /finesse/api/User/{id}/Dialogs", s.guard(s.getDialogs))
	mux.HandleFunc("POST /finesse/api/User/{id}/Dialogs", s.guard(s.postDialogs))
	mux.HandleFunc("GET /finesse/api/Dialog/{id}", s.guard(s.getDialog))
	mux.HandleFunc("PUT /finesse/api/Dialog/{id}", s.guard(s.putDialog))
	mux.HandleFunc("/finesse/api/", func(w http.ResponseWriter, r *http.Request) {
		apiError(w, http.StatusNotFound, &refusal{"Not Found", "The resource does not exist", r.URL.Path})
	})
	mux.HandleFunc("GET /ws/", s.serveWebSocket)
	mux.HandleFunc("GET /ws", s.serveWebSocket)
	s.control(mux)
	return mux
}

// apiError writes the error body of the Developer Guide.
func apiError(w http.ResponseWriter, status int, r *refusal) {
	x := &xmlText{}
	x.open("ApiErrors")
	x.open("ApiError")
	x.leaf("ErrorType", r.kind)
	x.leaf("ErrorMessage", r.message)
	x.leaf("ErrorData", r.data)
	x.close("ApiError")
	x.close("ApiErrors")
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Finesse"`)
	}
	xmlBody(w, status, x.b)
}

func xmlBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/xml;charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// asker is who sends a request: the agent of the credentials.
type asker struct {
	*agent
	request string // header requestId
}

// guard checks service, credentials and, for /User/{id}, that the agent asks
// for himself.
func (s *Server) guard(next func(http.ResponseWriter, *http.Request, asker)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		outage := s.outage
		s.mu.Unlock()
		if outage {
			apiError(w, http.StatusServiceUnavailable, &refusal{kind: "Service Unavailable", message: "SERVER_OUT_OF_SERVICE"})
			return
		}
		id, password, ok := r.BasicAuth()
		a := s.agent(id)
		if !ok || a == nil || password != s.cfg.Password {
			apiError(w, http.StatusUnauthorized, &refusal{"Authorization Failure", "UNAUTHORIZED", id})
			return
		}
		if strings.HasPrefix(r.URL.Path, "/finesse/api/User/") {
			other := s.agent(r.PathValue("id"))
			if other == nil {
				apiError(w, http.StatusNotFound, &refusal{"User Not Found", "There is no such user", r.PathValue("id")})
				return
			}
			if other != a {
				apiError(w, http.StatusUnauthorized, &refusal{"Invalid Authorization User Specified", "Credentials and URI name different users", a.id})
				return
			}
		}
		next(w, r, asker{a, r.Header.Get("requestId")})
	}
}

// body reads a request's XML, answering 400 when it is none.
func body(w http.ResponseWriter, r *http.Request, root string) *element {
	data, err := readBody(r)
	var e *element
	if err == nil {
		e, err = readDocument(data)
	}
	if err == nil && e.Local != root {
		err = errors.New("the root element must be " + root)
	}
	if err != nil {
		apiError(w, http.StatusBadRequest, &refusal{"Bad Request", "The request body is not usable: " + err.Error(), ""})
		return nil
	}
	return e
}

func readBody(r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err == nil && len(data) > maxBody {
		err = errors.New("it is too long")
	}
	return data, err
}

// getSystemInfo needs no credentials (inferred) and answers during an outage.
func (s *Server) getSystemInfo(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	status := s.status()
	s.mu.Unlock()
	x := &xmlText{}
	x.open("SystemInfo")
	x.stamp("currentTimestamp", time.Now())
	x.leaf("deploymentType", "UCCE")
	x.leaf("peripheralId", "5000")
	x.open("primaryNode")
	x.leaf("host", "fin-a."+s.cfg.Domain)
	x.close("primaryNode")
	x.open("secondaryNode")
	x.leaf("host", "fin-b."+s.cfg.Domain)
	x.close("secondaryNode")
	x.leaf("status", status)
	x.leaf("systemAuthMode", "NON_SSO")
	x.leaf("timezoneOffset", "0")
	x.leaf("uri", systemNode)
	x.leaf("xmppDomain", s.cfg.Domain)
	x.leaf("xmppPubSubDomain", "pubsub."+s.cfg.Domain)
	x.close("SystemInfo")
	xmlBody(w, http.StatusOK, x.b)
}

func (s *Server) getUser(w http.ResponseWriter, _ *http.Request, a asker) {
	x := &xmlText{}
	s.mu.Lock()
	x.user("User", a.agent)
	s.mu.Unlock()
	xmlBody(w, http.StatusOK, x.b)
}

func (s *Server) getDialogs(w http.ResponseWriter, _ *http.Request, a asker) {
	x := &xmlText{}
	s.mu.Lock()
	x.open("Dialogs")
	for _, d := range a.dialogs {
		x.dialog("Dialog", d, a.agent, present)
	}
	x.close("Dialogs")
	s.mu.Unlock()
	xmlBody(w, http.StatusOK, x.b)
}

func (s *Server) getDialog(w http.ResponseWriter, r *http.Request, a asker) {
	s.mu.Lock()
	d := s.dialogs[r.PathValue("id")]
	if d == nil || !a.has(d) {
		s.mu.Unlock()
		apiError(w, http.StatusNotFound, &refusal{"Dialog Not Found", "There is no such dialog", r.PathValue("id")})
		return
	}
	x := &xmlText{}
	x.dialog("Dialog", d, a.agent, present)
	s.mu.Unlock()
	xmlBody(w, http.StatusOK, x.b)
}

// putUser signs in and out and changes the state.
func (s *Server) putUser(w http.ResponseWriter, r *http.Request, a asker) {
	e := body(w, r, "User")
	if e == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	state := e.value("state")
	if err := s.userRefusal(a.agent, state, e); err != nil {
		apiError(w, http.StatusBadRequest, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	a.reason = e.value("reasonCodeId")
	switch state {
	case "LOGIN":
		s.signIn(a.agent, e.value("extension"))
		a.reason = ""
		if a.state != userLogout { // signed in at the same extension: the state stays
			s.publishUser(a.agent, a.request)
			return
		}
		s.setState(a.agent, userNotReady, a.request)
	case userReady:
		a.reason = ""
		fallthrough
	case userNotReady:
		if a.talking() { // the state changes when the call is over
			a.pending = state
			s.publishUser(a.agent, a.request)
			return
		}
		a.pending = ""
		s.leaveWrapUp(a.agent)
		s.setState(a.agent, state, a.request)
	case userLogout:
		s.setState(a.agent, userLogout, a.request)
	}
}

func (s *Server) userRefusal(a *agent, state string, e *element) *refusal {
	switch state {
	case "":
		return &refusal{"Parameter Missing", "state", ""}
	case "LOGIN":
		ext := e.value("extension")
		if ext == "" {
			return &refusal{"Parameter Missing", "extension", ""}
		}
		if owner := s.extensions[ext]; owner != nil && owner != a && owner.state != userLogout {
			return &refusal{"Invalid Input", "The extension is in use", ext}
		}
	case userReady, userNotReady, userLogout:
		if a.state == userLogout {
			return &refusal{"Invalid State", "The user is signed out", a.id}
		}
		if state == userLogout && a.state != userNotReady && a.state != userReady {
			return &refusal{"Invalid State", "The user is " + a.state, a.id}
		}
	default:
		return &refusal{"Invalid Input", "state", state}
	}
	return nil
}

func (s *Server) signIn(a *agent, ext string) {
	if ext == a.ext {
		s.extensions[ext] = a
		return
	}
	if s.extensions[a.ext] == a {
		delete(s.extensions, a.ext)
	}
	a.ext = ext
	s.extensions[ext] = a
}

// leaveWrapUp ends the wrap-up of an agent who asks for another state.
func (s *Server) leaveWrapUp(a *agent) {
	for _, d := range append([]*dialog(nil), a.dialogs...) {
		if p := d.party(a); p != nil && p.state == wrapUp {
			d.call.finish(d, p, "")
		}
	}
}
