package connect

import (
	"net/http"
	"strings"

	"cordboard/sim/connect/awsjson"
)

// unsigned says why a request is refused for its signature; nil for one that is signed with the instance's key for the service
// and region. The signature itself is taken as it is (Signature Version 4: Authorization header). Words and statuses are those of
// the services; which one AWS sends for which fault is inferred.
func (s *Server) unsigned(r *http.Request, service string) *awsjson.Error {
	header, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return &awsjson.Error{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token", Status: http.StatusForbidden}
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(header, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[key] = value
	}
	scope := strings.Split(parts["Credential"], "/")
	if len(scope) != 5 || parts["SignedHeaders"] == "" || len(parts["Signature"]) != 64 || r.Header.Get("X-Amz-Date") == "" {
		return &awsjson.Error{Code: "IncompleteSignatureException", Message: "Authorization header requires Credential, SignedHeaders and Signature.", Status: http.StatusBadRequest}
	}
	if scope[0] != s.cfg.AccessKey {
		return &awsjson.Error{Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid.", Status: http.StatusForbidden}
	}
	if scope[2] != s.cfg.Region || scope[3] != service || scope[4] != "aws4_request" {
		return &awsjson.Error{Code: "InvalidSignatureException", Message: "Credential should be scoped to a valid region and the correct service: " + service + ".", Status: http.StatusForbidden}
	}
	return nil
}
