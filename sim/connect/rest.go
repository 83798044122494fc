package connect

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"cordboard/sim/connect/awsjson"
)

// The REST API of Amazon Connect and of its outbound campaigns, as far as somebody needs it who follows calls: what a contact
// is, who the agents are and what they have, what a campaign's mode is; and the few orders that a server can give. Paths, names
// and shapes are those of the SDKs' models.

const (
	connectService   = "connect"
	campaignsService = "connect-campaigns"
)

// operation answers one request: an *awsjson.Error says no, nil as an answer is an empty object.
type operation func(r *http.Request) (any, error)

func (s *Server) serveREST(mux *http.ServeMux) {
	for pattern, op := range map[string]operation{
		"GET /contacts/{instance}/{contact}":           s.describeContact,
		"GET /contact/attributes/{instance}/{contact}": s.contactAttributes,
		"POST /contact/attributes":                     s.updateContactAttributes,
		"PUT /contact/outbound-voice":                  s.startOutbound,
		"POST /contact/stop":                           s.stopContact,
		"POST /metrics/userdata/{instance}":            s.currentUserData,
		"GET /users-summary/{instance}":                s.listUsers,
		"GET /users/{instance}/{user}":                 s.describeUser,
		"PUT /users/{instance}/{user}/status":          s.putUserStatus,
		"POST /users/{instance}/{user}/contact":        s.dismissContact,
	} {
		mux.HandleFunc(pattern, s.rest(connectService, op))
	}
	for pattern, op := range map[string]operation{
		"GET /v2/campaigns/{campaign}": s.describeCampaign,
		"POST /v2/campaigns-summary":   s.listCampaigns,
	} {
		mux.HandleFunc(pattern, s.rest(campaignsService, op))
	}
}

// rest is what all operations have in common: a signature, a quota of their own, and the form of answers (Smithy: REST JSON).
func (s *Server) rest(service string, op operation) http.HandlerFunc {
	quota := &bucket{rate: s.cfg.RequestsPerSecond, burst: burst}
	return func(w http.ResponseWriter, r *http.Request) {
		var answer any
		var err error
		if why := s.unsigned(r, service); why != nil {
			err = why
		} else if !quota.take(time.Now()) {
			err = throttled(service)
			s.throttled.Add(1)
		} else if r.PathValue("instance") != "" && r.PathValue("instance") != s.cfg.Instance && r.PathValue("instance") != s.arn("") {
			err = notFound("the instance does not exist")
		} else {
			answer, err = op(r)
		}
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			refuseREST(w, err)
			return
		}
		if answer == nil {
			answer = struct{}{}
		}
		_ = json.NewEncoder(w).Encode(answer) // a client that is gone is all that can go wrong
	}
}

func refuseREST(w http.ResponseWriter, err error) {
	var e *awsjson.Error
	if !errors.As(err, &e) {
		e = &awsjson.Error{Code: "InvalidRequestException", Message: err.Error()}
	}
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	w.Header().Set("x-amzn-ErrorType", e.Code)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": e.Message})
}

func notFound(what string) error {
	return &awsjson.Error{Code: "ResourceNotFoundException", Message: what, Status: http.StatusNotFound}
}

func throttled(service string) error {
	code := "TooManyRequestsException"
	if service == campaignsService {
		code = "ThrottlingException"
	}
	return &awsjson.Error{Code: code, Message: "Rate exceeded", Status: http.StatusTooManyRequests}
}

// body reads a request's JSON.
func body[T any](r *http.Request) (T, error) {
	var v T
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err == nil && len(raw) > 0 {
		err = json.Unmarshal(raw, &v)
	}
	if err != nil {
		return v, awsjson.Errorf("InvalidParameterException", "the body is not usable: %v", err)
	}
	return v, nil
}

// page cuts one page out of a list; the token is where the next one begins.
func page[T any](list []T, token string, size, most int) ([]T, string) {
	if size <= 0 || size > most {
		size = most
	}
	from := 0
	for _, c := range token {
		if c < '0' || c > '9' {
			return []T{}, ""
		}
		from = from*10 + int(c-'0')
	}
	if from >= len(list) {
		return []T{}, ""
	}
	to := min(from+size, len(list))
	if to == len(list) {
		return list[from:to], ""
	}
	return list[from:to], number(to)
}
