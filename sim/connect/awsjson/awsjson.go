// Package awsjson is the receiving side of the AWS JSON protocols 1.0 and 1.1, as Kinesis and SQS speak them: one address, the
// operation in the header X-Amz-Target, JSON in and out, errors as JSON with "__type" (Smithy: AWS JSON 1.0/1.1 protocol).
package awsjson

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Error is an answer that says no. Its code is the name of one of the service's error shapes.
type Error struct {
	Code    string
	Message string
	Status  int // 0 means 400
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an Error.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Operation does one operation: body is the request as it came, the answer is written as JSON.
type Operation func(ctx context.Context, body []byte) (any, error)

// Service is an http.Handler for the operations of one service.
type Service struct {
	Prefix     string // of X-Amz-Target, with the dot: Kinesis_20131202.
	Version    string // of the protocol: 1.0 or 1.1
	Limit      int64  // bytes of a request; 0 means 10 MiB
	Operations map[string]Operation
}

// Speaks says whether the request is one of this service.
func (s *Service) Speaks(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("X-Amz-Target"), s.Prefix)
}

// ServeHTTP answers one request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), s.Prefix)
	op := s.Operations[name]
	if op == nil {
		s.Refuse(w, Errorf("UnknownOperationException", "the operation %q is not simulated", name))
		return
	}
	if kind := "application/x-amz-json-" + s.Version; r.Header.Get("Content-Type") != kind {
		s.Refuse(w, &Error{"UnsupportedMediaTypeException", "content type must be " + kind, http.StatusUnsupportedMediaType})
		return
	}
	limit := s.Limit
	if limit == 0 {
		limit = 10 << 20
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		s.Refuse(w, &Error{"SerializationException", "the body cannot be read", http.StatusRequestEntityTooLarge})
		return
	}
	answer, err := op(r.Context(), body)
	if err != nil {
		s.Refuse(w, err)
		return
	}
	s.write(w, http.StatusOK, answer)
}

// Refuse answers with an error: an *Error as it is, any other as an internal failure.
func (s *Service) Refuse(w http.ResponseWriter, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{"InternalFailure", err.Error(), http.StatusInternalServerError}
	}
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	w.Header().Set("x-amzn-ErrorType", e.Code)
	s.write(w, status, map[string]string{"__type": e.Code, "message": e.Message})
}

func (s *Service) write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/x-amz-json-"+s.Version)
	w.WriteHeader(status)
	if answer == nil {
		answer = struct{}{}
	}
	_ = json.NewEncoder(w).Encode(answer) // a client that is gone is all that can go wrong
}

// Read makes an Operation of a function of a decoded request.
func Read[In any](f func(ctx context.Context, in In) (any, error)) Operation {
	return func(ctx context.Context, body []byte) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, Errorf("SerializationException", "the body is not usable: %v", err)
		}
		return f(ctx, in)
	}
}
