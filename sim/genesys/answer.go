package genesys

import (
	"bytes"
	"cordboard/sim/stage"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// An apiError is why a request is not done: the body of every error of the platform API. Codes and messages are the
// published ones where there is one.
type apiError struct {
	status  int
	code    string
	message string
	details []errorDetail
}

type errorDetail struct {
	ErrorCode string `json:"errorCode"`
	FieldName string `json:"fieldName,omitempty"`
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s: %s", e.status, e.code, e.message) }

func badRequest(format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, code: "bad.request", message: fmt.Sprintf(format, args...)}
}

// badValue refuses a value that is not one of a list.
func badValue(field, value string, allowed ...string) *apiError {
	return badRequest("Value [%s] is not valid for field type [%s]. Allowable values are: %s", value, field, strings.Join(allowed, ", "))
}

func unauthorized(code, message string) *apiError {
	return &apiError{status: http.StatusUnauthorized, code: code, message: message}
}

// notNow refuses what does not fit the state that something is in (the code is inferred).
func notNow(format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, code: "conversation.error.invalid.state",
		message: fmt.Sprintf(format, args...)}
}

func notFound(what string) *apiError {
	return &apiError{status: http.StatusNotFound, code: "not.found", message: "Unable to find " + what}
}

// userContext refuses what only a logged-in user may ask for (measured: GET /api/v2/users/me with client credentials).
func userContext() *apiError {
	return badRequest("This request requires a user context. Client credentials cannot be used for requests that require a user context.")
}

// errorBody is the ErrorBody of the API.
type errorBody struct {
	Message       string            `json:"message"`
	Code          string            `json:"code"`
	Status        int               `json:"status"`
	MessageParams map[string]string `json:"messageParams"`
	ContextID     string            `json:"contextId"`
	Details       []errorDetail     `json:"details"`
	Errors        []any             `json:"errors"`
}

// refuse answers with an error of the platform API. The context id is the answer's correlation id.
func refuse(w http.ResponseWriter, e *apiError) {
	details := e.details
	if details == nil {
		details = []errorDetail{}
	}
	stage.Answer(w, e.status, errorBody{Message: e.message, Code: e.code, Status: e.status, MessageParams: map[string]string{},
		ContextID: w.Header().Get(correlationHeader), Details: details, Errors: []any{}})
}

// maxBody is how much of a request is read.
const maxBody = 4 << 20

// bufferBody reads the whole body, so that no slow client is waited for under the server's lock.
func bufferBody(r *http.Request) ([]byte, *apiError) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, badRequest("The request could not be understood by the server due to malformed syntax.")
	}
	if len(data) > maxBody {
		return nil, &apiError{status: http.StatusRequestEntityTooLarge, code: "request.entity.too.large",
			message: "The request is over the size limit."}
	}
	r.Body = io.NopCloser(bytes.NewReader(data))
	return data, nil
}

// decode reads a JSON body. The API overlooks members that it does not know.
func decode(r request, v any) *apiError {
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		if err == io.EOF {
			return badRequest("The request body is missing.")
		}
		return badRequest("The request could not be understood by the server due to malformed syntax.")
	}
	return nil
}
