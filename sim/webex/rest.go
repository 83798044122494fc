package webex

import (
	"bytes"
	"cordboard/sim/stage"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// The REST side. A command that is well-formed is taken with 202; its result,
// or its refusal, comes over the WebSocket (Contact Control APIs).

const maxBody = 64 << 10

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+tokenPath, s.postToken)
	mux.HandleFunc("GET "+authorizePath, s.getAuthorize)
	mux.HandleFunc("GET /v1/notification/subscription/{id}", s.serveSocket)
	api := func(pattern, scope string, f func(http.ResponseWriter, *http.Request, caller)) {
		mux.HandleFunc(pattern, s.guard(scope, f))
	}
	api("POST /v1/notification/subscribe", scopeUser, s.postSubscribe)
	s.agentRoutes(api)
	s.taskRoutes(api)
	s.dialerRoutes(api)
	s.subscriptionRoutes(api)
	api("POST /search", scopeRead, s.postSearch)
	s.control(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		apiFailure(w, http.StatusNotFound, "Not Found", "there is no such resource")
	})
	return s.faulty(mux)
}

// caller is who sends a request: an agent, or the service app when agent is
// nil.
type caller struct {
	agent *agent
	s     *Server
	raw   []byte // the request's body
}

// guard checks the token and its scope, keeps the order on record and reads
// the body.
func (s *Server) guard(scope string, next func(http.ResponseWriter, *http.Request, caller)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		g, ok := s.keys.holder(r)
		raw, err := readBody(w, r)
		switch {
		case !ok:
			apiFailure(rec, http.StatusUnauthorized, "Unauthorized", "the access token is missing, unknown or expired")
		case !g.may(scope):
			apiFailure(rec, http.StatusForbidden, "Forbidden", "the token lacks the scope "+scope)
		case err != nil:
			apiFailure(rec, http.StatusBadRequest, "Bad Request", err.Error())
		default:
			next(rec, r, caller{g.agent, s, raw})
		}
		s.orders.add(r, g.agent, raw, rec.status)
	}
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, errors.New("the body cannot be read or is too long")
	}
	return raw, nil
}

// body reads the request's JSON into v. It answers 400 and is false when it is
// none; members that are not known are let through, as the vendor does. An
// empty body is an empty object.
func (c caller) body(w http.ResponseWriter, _ *http.Request, v any) bool {
	if len(bytes.TrimSpace(c.raw)) == 0 {
		return true
	}
	if err := json.Unmarshal(c.raw, v); err != nil {
		apiFailure(w, http.StatusBadRequest, "Bad Request", "the body is not usable: "+err.Error())
		return false
	}
	return true
}

// accepted is the 202 of a command whose result comes over the WebSocket. Its
// body is empty but for an object (inferred).
func accepted(w http.ResponseWriter) { stage.Answer(w, http.StatusAccepted, struct{}{}) }

// taskFailure is the error body of the agents' and tasks' API (the web SDK's
// TaskError).
type taskFailure struct {
	TrackingID   string `json:"trackingId"`
	ErrorMessage string `json:"errorMessage"`
	ErrorType    string `json:"errorType"`
	ErrorData    string `json:"errorData"`
	ReasonCode   int    `json:"reasonCode"`
}

func apiFailure(w http.ResponseWriter, status int, kind, what string) {
	id := tracking("")
	w.Header().Set("TrackingID", id)
	stage.Answer(w, status, taskFailure{id, what, kind, "", status})
}

// dataFailure is the error body of subscriptions, search and reports.
func dataFailure(w http.ResponseWriter, status int, what string) {
	id := tracking("NOTIFS_")
	w.Header().Set("TrackingID", id)
	stage.Answer(w, status, map[string]any{"trackingId": id,
		"error": map[string]any{"key": status, "message": []map[string]string{{"description": what}}}})
}

// platformError is the error body of the Webex platform, which serves OAuth.
func platformError(w http.ResponseWriter, status int, what string) {
	id := tracking("ROUTER_")
	stage.Answer(w, status, map[string]any{"message": what, "errors": []map[string]string{{"description": what}}, "trackingId": id})
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// missing names the first member of a request that has no value.
func missing(w http.ResponseWriter, members ...string) bool {
	for i := 0; i+1 < len(members); i += 2 {
		if strings.TrimSpace(members[i+1]) == "" {
			apiFailure(w, http.StatusBadRequest, "Bad Request", members[i]+" is missing")
			return true
		}
	}
	return false
}
